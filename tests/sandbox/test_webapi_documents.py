"""conversations.canvases.*, canvases.*, files.*: with Slack's own client."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

import pytest
from slack_sdk import WebClient

from sandbox.server import Sandbox
from sandbox.webapi.canvases import MAX_CHARACTERS
from tests.sandbox.test_webapi_access import refusal


def error(call: Callable[[], object]) -> str:
    return str(refusal(call)["error"])


@pytest.fixture
def channel(client: WebClient) -> str:
    """A channel of the app's own."""
    return str(client.conversations_create(name="inc-1")["channel"]["id"])


def content(markdown: str) -> dict[str, str]:
    return {"type": "markdown", "markdown": markdown}


def test_a_channel_has_one_canvas_which_is_replaced_as_a_whole(
    client: WebClient, sandbox: Sandbox, channel: str
) -> None:
    made = client.conversations_canvases_create(channel_id=channel, document_content=content("# One"))
    again = lambda: client.conversations_canvases_create(channel_id=channel, document_content=content("x"))  # noqa: E731
    assert error(again) == "channel_canvas_already_exists"
    change = {"operation": "replace", "document_content": content("# Two *bold* &lt;")}
    client.canvases_edit(canvas_id=made["canvas_id"], changes=[change])
    shown = client.conversations_info(channel=channel)["channel"]["properties"]["canvas"]
    assert shown == {"file_id": made["canvas_id"], "is_empty": False}
    with urllib.request.urlopen(f"{sandbox.url}/canvas/{made['canvas_id']}") as page:
        assert "Two <i>bold</i>" in page.read().decode()


def test_invalid_content_for_a_canvas_is_refused(client: WebClient, channel: str) -> None:
    made = client.conversations_canvases_create(channel_id=channel, document_content=content("x"))[
        "canvas_id"
    ]
    large = {"operation": "replace", "document_content": content("x" * (MAX_CHARACTERS + 1))}
    part = {"operation": "replace", "section_id": "temp:C:1", "document_content": content("x")}
    for changes, expected in (
        ([large], "invalid_arguments"),
        ([part], "canvas_editing_failed"),
        ([], "invalid_arguments"),
        ([{"operation": "replace", "document_content": {"type": "html"}}], "invalid_arguments"),
    ):
        assert error(lambda c=changes: client.canvases_edit(canvas_id=made, changes=c)) == expected  # type: ignore[misc]
    assert error(lambda: client.canvases_edit(canvas_id="F0", changes=[part])) == "canvas_not_found"
    assert (
        error(
            lambda: client.conversations_canvases_create(channel_id="C0RANDOM", document_content=content("x"))
        )
        == "channel_not_found"
    )


def test_a_file_is_uploaded_listed_read_and_deleted_with_its_message(
    client: WebClient, sandbox: Sandbox, channel: str
) -> None:
    made = client.files_upload_v2(channel=channel, filename="a.md", content="# Grüße", title="A")
    file_id = made["files"][0]["id"]
    [listed] = client.files_list(channel=channel)["files"]
    assert (listed["id"], listed["name"], listed["size"]) == (file_id, "a.md", len("# Grüße".encode()))
    with urllib.request.urlopen(f"{sandbox.url}/files/{file_id}") as page:
        assert page.read().decode() == "# Grüße"
    client.files_delete(file=file_id)
    assert client.files_list(channel=channel)["files"] == []
    assert not [m for m in sandbox.store.channel(channel).messages.values() if m.files]
    assert error(lambda: client.files_delete(file=file_id)) == "file_not_found"


def test_an_unfinished_upload_is_not_a_file(client: WebClient, channel: str) -> None:
    begun = client.files_getUploadURLExternal(filename="a.md", length=3)
    finish = lambda: client.files_completeUploadExternal(  # noqa: E731
        files=[{"id": begun["file_id"], "title": "A"}], channel_id=channel
    )
    assert error(finish) == "file_not_found"


def test_scripts_in_a_shared_page_do_nothing_here(client: WebClient, sandbox: Sandbox, channel: str) -> None:
    made = client.files_upload_v2(channel=channel, filename="a.html", content="<script>1</script>")
    with urllib.request.urlopen(f"{sandbox.url}/files/{made['files'][0]['id']}") as page:
        assert page.headers["Content-Security-Policy"] == "sandbox"
        assert page.headers["Content-Type"].startswith("text/html")

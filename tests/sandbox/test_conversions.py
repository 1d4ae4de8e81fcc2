"""A channel that people make private or public: who may, what the app receives, and what it may do then.

The facts are from docs.slack.dev/reference/events/message/channel_convert_to_private and …_to_public, and
from slack.com/help/articles/213185467.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.bolt import Control
from tests.sandbox.conftest import MANIFEST, client_of
from tests.sandbox.peers import AppSocket, Json, People
from tests.sandbox.test_webapi_access import refusal


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox whose app may use private channels."""
    return start(MANIFEST)


@pytest.fixture
def channel(client: WebClient) -> str:
    """A channel of the app's, with Ana, who is an admin, and Ben in it."""
    made = str(client.conversations_create(name="inc-1")["channel"]["id"])
    client.conversations_invite(channel=made, users=["U0ANA", "U0BEN"])
    return made


def conversion(socket: AppSocket) -> Json:
    """The next event about the conversion of a channel."""
    while True:
        event = socket.event()
        if str(event.get("subtype")).startswith("channel_convert"):
            return event


def test_the_app_receives_the_message_for_the_channels_new_kind(
    channel: str, people: People, sandbox: Sandbox
) -> None:
    socket = AppSocket(sandbox)
    people("convert-channel", channel=channel, user="ana", private=True)
    found = conversion(socket)
    assert found == {
        "type": "message",
        "subtype": "channel_convert_to_private",
        "user": "U0ANA",
        "text": "made this channel *private*. Now, it can only be viewed or joined by invitation.",
        "ts": found["ts"],
        "event_ts": found["ts"],
        "channel": channel,
        "channel_type": "group",
    }
    people("convert-channel", channel=channel, user="ana", private=False)
    found = conversion(socket)
    assert (found["subtype"], found["channel_type"]) == ("channel_convert_to_public", "channel")
    assert found["text"] == "made this channel *public*. Any member in this workspace can see and join it."
    socket.close()


def test_an_app_without_private_channels_does_not_learn_of_it(
    start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    sandbox = start(granting())
    socket, client = AppSocket(sandbox), client_of(sandbox)
    made = client.conversations_create(name="inc-1")["channel"]["id"]
    client.conversations_invite(channel=made, users=["U0ANA"])
    while not socket.is_silent():
        pass
    People(sandbox)("convert-channel", channel=made, user="ana", private=True)
    assert socket.is_silent()
    assert refusal(lambda: client.conversations_info(channel=made))["error"] == "missing_scope"
    socket.close()


def test_a_converted_channel_keeps_id_name_members_and_messages(
    channel: str, client: WebClient, people: People
) -> None:
    people.say(channel, "ben", "before")
    before = client.conversations_info(channel=channel)["channel"]
    people("convert-channel", channel=channel, user="ana", private=True)
    after = client.conversations_info(channel=channel)["channel"]
    assert (before["id"], before["name"]) == (after["id"], after["name"])
    assert [before["is_private"], after["is_private"], after["is_group"]] == [False, True, True]
    assert set(client.conversations_members(channel=channel)["members"]) == {"U0MUSTER", "U0ANA", "U0BEN"}
    texts = [each["text"] for each in client.conversations_history(channel=channel)["messages"]]
    assert "before" in texts
    listed = client.users_conversations(types="private_channel")["channels"]
    assert [each["id"] for each in listed] == [channel]
    assert channel not in {each["id"] for each in client.conversations_list()["channels"]}


def test_outsiders_can_neither_see_nor_join_it(
    channel: str, client: WebClient, sandbox: Sandbox, people: People
) -> None:
    control = Control(sandbox.url)
    people("convert-channel", channel=channel, user="ana", private=True)
    assert control.refused("join", channel=channel, user="chen") == "not_allowed"
    people("leave", channel=channel, user="U0MUSTER")
    for call in (client.conversations_info, client.conversations_history, client.conversations_members):
        assert refusal(lambda call=call: call(channel=channel))["error"] == "channel_not_found"  # type: ignore[misc]
    posting = lambda: client.chat_postMessage(channel=channel, text="x")  # noqa: E731
    assert refusal(posting)["error"] == "channel_not_found"
    assert client.users_conversations(types="public_channel,private_channel")["channels"] == []


def test_admins_convert_both_ways_and_a_creator_only_makes_private(
    channel: str, client: WebClient, sandbox: Sandbox, people: People
) -> None:
    control = Control(sandbox.url)

    def refused(user: str, private: bool, where: str = channel) -> str:
        return control.refused("convert-channel", channel=where, user=user, private=private)

    assert refused("ben", True) == "restricted_action"
    assert refused("chen", True) == "not_in_channel"
    assert refused("ana", True, "general") == "channel_type_not_supported"
    own = control.post("create-channel", name="bens", user="ben")["channel"]
    assert control.post("convert-channel", channel=own, user="ben", private=True)["changed"] is True
    assert control.post("convert-channel", channel=own, user="ben", private=True)["changed"] is False
    assert refused("ben", False, own) == "restricted_action"
    people("join", channel=own, user="ana", inviter="ben")
    assert control.post("convert-channel", channel=own, user="ana", private=False)["changed"] is True
    assert control.post("join", channel=own, user="chen")["changed"] is True


def test_the_bots_files_are_listed_page_by_page_with_where_they_are(
    channel: str, client: WebClient, people: People
) -> None:
    direct = client.conversations_open(users="U0BEN")["channel"]["id"]
    for where in (channel, direct):
        client.files_upload_v2(channel=where, filename="a.md", content="x")
    people("convert-channel", channel=channel, user="ana", private=True)
    pages = [client.files_list(user="U0MUSTER", count=1, page=page) for page in (1, 2)]
    assert [each["paging"]["pages"] for each in pages] == [2, 2]
    found = [file for each in pages for file in each["files"]]
    assert [(file["channels"], file["groups"], file["ims"]) for file in found] == [
        ([], [], [direct]),
        ([], [channel], []),
    ]


def test_the_page_lets_people_convert_a_channel_if_they_may(
    page: Page, sandbox: Sandbox, channel: str, client: WebClient
) -> None:
    page.goto(f"{sandbox.url}/as/ben/{channel}")
    page.wait_for_selector("body[data-ready]")
    page.click('[data-test="members"]')
    expect(page.locator('[data-test="leave"]')).to_be_visible()
    assert page.locator('[data-test="convert"]').count() == 0
    page.goto(f"{sandbox.url}/as/ana/{channel}")
    page.wait_for_selector("body[data-ready]")
    page.click('[data-test="members"]')
    page.click('[data-test="convert"]')
    expect(page.locator('[data-test="convert"]')).to_have_text("Change to a public channel")
    expect(page.locator("main")).to_contain_text("made this channel private")
    assert client.conversations_info(channel=channel)["channel"]["is_private"] is True
    page.goto(f"{sandbox.url}/as/chen/{channel}")
    assert channel not in page.url
    page.goto("about:blank")

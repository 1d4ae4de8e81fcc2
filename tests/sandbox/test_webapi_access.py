"""Tokens, scopes and arguments: the checks that every call goes through."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of


def refusal(call: Callable[[], Any]) -> Any:
    """Slack's answer to a call that must fail."""
    with pytest.raises(SlackApiError) as raised:
        call()
    return raised.value.response


def raw(url: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    request = urllib.request.Request(url, body, {k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_auth_test_says_whose_token_it_is(client: WebClient, sandbox: Sandbox) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team"]) == ("U0MUSTER", "B0MUSTER", "Acme")
    assert answer["url"] == f"{sandbox.url}/"
    assert "channels:manage" in answer.headers["x-oauth-scopes"].split(",")


def test_a_call_without_a_token_is_not_authed(sandbox: Sandbox) -> None:
    assert raw(sandbox.api_url + "auth.test", b"")[1] == {"ok": False, "error": "not_authed"}


def test_an_unknown_token_is_invalid(sandbox: Sandbox) -> None:
    assert refusal(client_of(sandbox, "xoxb-wrong").auth_test)["error"] == "invalid_auth"


def test_each_token_works_for_its_own_methods_only(sandbox: Sandbox, client: WebClient) -> None:
    app = client_of(sandbox, sandbox.app_token)
    assert refusal(app.auth_test)["error"] == "not_allowed_token_type"
    opening = refusal(lambda: client.apps_connections_open(app_token=sandbox.bot_token))
    assert opening["error"] == "not_allowed_token_type"


def test_the_token_may_come_as_an_argument_of_a_get(sandbox: Sandbox) -> None:
    status, body = raw(f"{sandbox.api_url}auth.test?token={sandbox.bot_token}")
    assert (status, body["ok"]) == (200, True)


def test_an_unknown_method_is_reported_as_such(client: WebClient) -> None:
    assert refusal(lambda: client.api_call("chat.shout"))["error"] == "unknown_method"


def test_a_scope_that_the_manifest_does_not_grant_is_missing(
    start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    client = client_of(start(granting(without=("pins:write",))))
    answer = refusal(lambda: client.pins_add(channel="C0GENERAL", timestamp="1.1"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "pins:write")
    assert "chat:write" in answer["provided"].split(",")


def test_a_method_for_several_kinds_of_channels_needs_the_scope_of_the_kind(client: WebClient) -> None:
    answer = refusal(lambda: client.conversations_create(name="secret", is_private=True))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:write")


@pytest.mark.parametrize(
    ("body", "error"),
    [(b"{", "invalid_json"), (b"[1]", "json_not_object"), (b"{}", "invalid_arguments")],
)
def test_an_invalid_body_is_refused(sandbox: Sandbox, body: bytes, error: str) -> None:
    status, answer = raw(
        sandbox.api_url + "chat.postMessage",
        body,
        Authorization=f"Bearer {sandbox.bot_token}",
        Content_Type="application/json;charset=utf-8",
    )
    assert (status, answer["error"]) == (200, error)


def test_arguments_come_as_json_form_or_multipart(client: WebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]
    as_json = {"channel": "C0GENERAL", "text": "1", "blocks": blocks}
    as_form = {"channel": "C0GENERAL", "text": "2", "blocks": json.dumps(blocks)}
    client.api_call("chat.postMessage", json=as_json)
    client.api_call("chat.postMessage", params=as_form)
    client.api_call("chat.postMessage", data=as_form, files={"ignored": b"x"})
    client.conversations_join(channel="C0GENERAL")
    found = [m for m in client.conversations_history(channel="C0GENERAL")["messages"] if m.get("bot_id")]
    assert len(found) == 3
    assert all(message["blocks"][0]["text"]["text"] == "hello" for message in found)


def test_posting_faster_than_once_a_second_is_rate_limited_after_a_burst(
    start: Callable[..., Sandbox],
) -> None:
    client = client_of(start(post_limit=True))
    for number in range(5):
        client.chat_postMessage(channel="C0GENERAL", text=str(number))
    answer = refusal(lambda: client.chat_postMessage(channel="C0GENERAL", text="too fast"))
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    client.chat_postMessage(channel="C0RANDOM", text="elsewhere")


def test_the_log_has_every_call_with_its_times_and_no_token(sandbox: Sandbox, client: WebClient) -> None:
    client.chat_postMessage(channel="C0GENERAL", text="hi", token=sandbox.bot_token)
    raw(f"{sandbox.api_url}auth.test?token={sandbox.bot_token}")
    entries = sandbox.log.since()
    assert [entry["name"] for entry in entries] == ["chat.postMessage", "auth.test"]
    assert entries[0]["request"]["text"] == "hi"
    assert all(entry["started"] <= entry["ended"] for entry in entries)
    assert sandbox.bot_token not in json.dumps(entries)
    assert sandbox.log.since(entries[0]["n"]) == entries[1:]


def test_an_optional_scope_that_was_declined_is_missing_and_a_required_one_cannot_be_declined(
    start: Callable[..., Sandbox],
) -> None:
    sandbox = start(declined_scopes=("canvases:write",))
    answer = refusal(lambda: client_of(sandbox).canvases_edit(canvas_id="F1", changes=[]))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "canvases:write")
    assert "canvases:write" not in client_of(sandbox).auth_test().headers["x-oauth-scopes"].split(",")
    with pytest.raises(ValueError, match="declined"):
        start(declined_scopes=("chat:write",))

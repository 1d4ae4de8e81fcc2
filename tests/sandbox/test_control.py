"""The control API over real sockets, with a small Bolt app at the other end."""

from __future__ import annotations

import inspect
import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

import sandbox.control
from sandbox.botprocess import BotProcess
from sandbox.control import ROUTES
from sandbox.server import Sandbox
from sandbox.workspace.model import Json
from tests.sandbox.bolt import Control, Peer
from tests.sandbox.peers import eventually


@pytest.fixture
def peer(start: Callable[..., Sandbox]) -> Sandbox:
    return start()


@pytest.fixture
def control(peer: Sandbox) -> Control:
    return Control(peer.url)


@pytest.fixture
def app(peer: Sandbox) -> Iterator[Peer]:
    small = Peer(peer)
    try:
        yield small
    finally:
        small.close()


def test_every_route_is_documented_with_its_arguments() -> None:
    documentation = sandbox.control.__doc__ or ""
    for (method, path), handler in ROUTES.items():
        lines = [
            line
            for line in documentation.splitlines()
            if re.match(rf"    {method} +{re.escape(path)}(?![\w-])", line)
        ]
        assert lines, f"{method} {path} is not documented"
        for name, parameter in inspect.signature(handler).parameters.items():
            if parameter.kind is parameter.KEYWORD_ONLY:
                assert any(name in line for line in lines), f"{method} {path}: {name} is not documented"


def test_a_command_a_click_and_a_form_run_through_the_app(control: Control, app: Peer) -> None:
    answer = control.post("command", channel="general", user="ana", command="/incident", text="hello")
    assert answer["response"]["text"] == "You said hello"
    card = control.get("messages/general?user=ana")["messages"][-1]
    assert (card["text"], card["ephemeral_to"]) == ("You said hello", "U0ANA")
    clicked = control.post("interact", channel="general", messageTs=card["ts"], user="ana", action="go")
    assert clicked == {"ok": True, "dispatched": True}
    eventually(lambda: control.get("view/ana")["modals"] != [])
    taken = control.post("view-submit", user="ana", values={"title": "taken"})
    assert taken["errors"] == {"title-block": "That title is taken."}
    [form] = control.get("view/ana")["modals"]
    assert form["errors"] == {"title-block": "That title is taken."}
    assert form["state"]["values"]["title-block"]["title"]["value"] == "taken"
    assert control.post("view-submit", user="ana", values={"title-block": {"title": "new"}}) == {"ok": True}
    assert app.submitted == ["new"]
    assert control.get("view/ana")["modals"] == []
    dm = control.post("open-dm", user="ana")["channel"]
    assert control.texts(dm) == ["Got new"]


def test_a_mention_in_a_channel_with_the_bot_reaches_the_app(
    control: Control, app: Peer, peer: Sandbox
) -> None:
    WebClient(peer.bot_token, base_url=peer.api_url).conversations_join(channel="C0GENERAL")
    control.post("message", channel="general", user="ana", text="@Muster hello")
    assert app.mentioned.wait(5)


def test_without_an_app_the_person_learns_that_it_is_not_connected(control: Control) -> None:
    answer = control.post("command", channel="general", user="ana", command="/incident", text="list")
    assert "not connected" in answer["problem"]
    assert "not connected" in control.texts("general")[-1]
    assert "not connected" not in control.texts("general", "ben")[-1]


def test_messages_are_typed_edited_reacted_to_pinned_and_deleted(control: Control) -> None:
    ts = control.post("message", channel="#general", user="@ana", text="hi @ben <b>")["ts"]
    at: Json = {"channel": "general", "ts": ts}
    assert control.texts("general")[-1] == "hi <@U0BEN> &lt;b&gt;"
    control.post("edit-message", **at, user="ana", text="changed")
    assert control.post("reaction", **at, user="ben", name=":pushpin:", present=True)["changed"] is True
    assert control.post("reaction", **at, user="ben", name="pushpin", present=True)["changed"] is False
    control.post("pin", **at, user="ben", present=True)
    reply = control.post("message", channel="general", user="chen", text="reply", thread_ts=ts)["ts"]
    shown = {message["ts"]: message for message in control.get("messages/general")["messages"]}
    assert shown[ts]["text"] == "changed"
    assert shown[ts]["edited"]["user"] == "U0ANA"
    assert shown[ts]["reactions"] == [{"name": "pushpin", "users": ["U0BEN"], "count": 1}]
    assert shown[ts]["pinned_to"] == ["C0GENERAL"]
    assert shown[reply]["thread_ts"] == ts
    assert control.refused("edit-message", **at, user="ben", text="mine") == "not_your_message"
    assert control.refused("delete-message", **at, user="ben") == "not_your_message"
    control.post("delete-message", channel="general", ts=reply, user="chen")
    control.post("delete-message", **at, user="ana")
    assert "changed" not in control.texts("general")


def test_a_file_keeps_its_name_and_content(control: Control, peer: Sandbox) -> None:
    control.post(
        "message", channel="general", user="ana", text="", files=[{"name": "a.txt", "content": "hello"}]
    )
    [shared] = control.get("messages/general")["messages"][-1]["files"]
    assert (shared["name"], shared["user"], shared["size"]) == ("a.txt", "U0ANA", 5)
    with urllib.request.urlopen(shared["permalink"]) as answer:
        assert answer.read() == b"hello"
    assert shared["permalink"].startswith(peer.url)


def test_another_apps_bot_posts_without_a_person(control: Control) -> None:
    control.post("message", channel="ops-alerts", text="5xx", as_bot="Nightwatch")
    newest = control.get("messages/ops-alerts")["messages"][-1]
    assert (newest["subtype"], newest["username"]) == ("bot_message", "Nightwatch")
    assert "user" not in newest


def test_another_apps_bot_posts_and_updates_attachments_and_blocks(control: Control) -> None:
    attachments, blocks = (
        [{"title": "down"}],
        [{"type": "header", "text": {"type": "plain_text", "text": "5xx"}}],
    )
    place = {"channel": "ops-alerts", "as_bot": "Nightwatch"}
    ts = control.post("message", **place, text="", attachments=attachments, blocks=blocks)["ts"]
    newest = control.get("messages/ops-alerts")["messages"][-1]
    assert (newest["attachments"], newest["blocks"][0]["type"]) == (attachments, "header")
    control.post("edit-message", **place, ts=ts, attachments=[{"title": "up"}])
    newest = control.get("messages/ops-alerts")["messages"][-1]
    assert (newest["attachments"], "edited" in newest) == ([{"title": "up"}], False)
    control.post("edit-message", **place, ts=ts, text="5xx")
    assert control.get("messages/ops-alerts")["messages"][-1]["edited"]
    assert (
        control.refused("message", channel="general", user="ana", text="x", blocks=blocks) == "bad_argument"
    )
    assert control.refused("message", **place, blocks=[{"type": "nothing"}]) == "invalid_blocks"
    assert control.refused("edit-message", channel="ops-alerts", ts=ts, text="x") == "missing_argument"


def test_a_forwarded_message_is_an_attachment_with_its_author_and_files(control: Control) -> None:
    files = [{"name": "a.txt"}]
    ts = control.post("message", channel="random", user="ben", text="look <here>", files=files)["ts"]
    control.post("forward", channel="general", user="ana", source="random", ts=ts, text="@ben says")
    forwarded = control.get("messages/general")["messages"][-1]
    [shared] = forwarded["attachments"]
    assert (forwarded["text"], forwarded["user"]) == ("<@U0BEN> says", "U0ANA")
    assert (shared["is_share"], shared["author_id"], shared["text"]) == (True, "U0BEN", "look &lt;here&gt;")
    assert [each["name"] for each in shared["files"]] == ["a.txt"]


def test_a_huddle_is_a_message_by_slackbot_whose_room_says_when_it_ended(control: Control) -> None:
    ts = control.post("start-huddle", channel="general", user="ana")["ts"]
    control.post("end-huddle", channel="general", user="ana", ts=ts, minutes=5, people=["ben"])
    huddle = control.get("messages/general")["messages"][-1]
    room = huddle["room"]
    assert (huddle["subtype"], huddle["user"]) == ("huddle_thread", "USLACKBOT")
    assert room["date_end"] - room["date_start"] == 300
    assert room["participant_history"] == ["U0ANA", "U0BEN"]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("message", {"channel": "general", "text": "x"}, "missing_argument"),
        ("message", {"channel": "general", "user": "ana", "text": 1}, "bad_argument"),
        ("message", {"channel": "general", "user": "ana", "text": "x", "colour": "red"}, "unknown_argument"),
        ("message", {"channel": "general", "user": "ana", "text": "  "}, "no_text"),
        ("message", {"channel": "general", "user": "hal", "text": "x"}, "account_inactive"),
        ("message", {"channel": "random", "user": "gus", "text": "x"}, "not_in_channel"),
        ("message", {"channel": "nowhere", "user": "ana", "text": "x"}, "channel_not_found"),
        ("message", {"channel": "general", "user": "nobody", "text": "x"}, "user_not_found"),
        ("reaction", {"channel": "general", "ts": "1.2", "user": "ana", "name": "x"}, "message_not_found"),
        ("command", {"channel": "general", "user": "ana", "command": "/nope"}, "unknown_command"),
        (
            "command",
            {"channel": "general", "user": "ana", "command": "/incident", "thread_ts": "1.2"},
            "not_in_thread",
        ),
        ("interact", {"user": "ana", "action": "go"}, "missing_argument"),
        ("view-submit", {"user": "ana", "values": {}}, "view_not_found"),
        ("view-close", {"user": "ana"}, "view_not_found"),
        ("shortcut", {"callback_id": "nope", "user": "ana"}, "unknown_shortcut"),
        ("join", {"channel": "random", "user": "gus"}, "not_allowed"),
        ("create-channel", {"name": "Big Name", "user": "ana"}, "invalid_name_specials"),
        ("create-channel", {"name": "random", "user": "ana"}, "name_taken"),
        ("person", {"user": "ana", "tz": "Mars/Base"}, "bad_argument"),
        ("person", {"user": "ana", "colour": "red"}, "unknown_argument"),
        ("bot", {"action": "kill"}, "no_bot"),
        ("faults", {"faults": [{"method": "*", "effect": "fire"}]}, "bad_fault"),
        ("nope", {}, "unknown_route"),
    ],
)
def test_what_slack_would_refuse_is_refused_with_a_reason(
    control: Control, path: str, body: Json, error: str
) -> None:
    assert control.refused(path, **body) == error


def test_a_page_from_another_site_cannot_act_here(control: Control, peer: Sandbox) -> None:
    body = {"channel": "general", "user": "ana", "text": "x"}
    status, answer = control.call("message", body, Origin="https://evil.example")
    assert (status, answer["error"]) == (403, "foreign_origin")
    assert control.call("message", body, Origin=peer.url)[0] == 200


def test_a_body_that_is_not_json_is_refused(peer: Sandbox) -> None:
    request = urllib.request.Request(f"{peer.url}/_control/message", b"{", method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as error:
        assert json.load(error)["error"] == "bad_json"


def test_channels_are_created_joined_left_renamed_and_archived(control: Control) -> None:
    channel = control.post("create-channel", name="war-room", user="ana")["channel"]
    assert control.post("join", channel="war-room", user="ben")["changed"] is True
    assert control.post("join", channel="war-room", user="gus", inviter="ana")["changed"] is True
    assert control.post("leave", channel="war-room", user="ben")["changed"] is True
    control.post("rename-channel", channel="war-room", user="ana", name="peace-room")
    control.post("archive", channel="peace-room", user="ana", present=True)
    assert control.refused("message", channel=channel, user="ana", text="x") == "is_archived"
    [shown] = [each for each in control.get("state")["channels"] if each["id"] == channel]
    assert (shown["name"], shown["is_archived"], shown["members"]) == ("peace-room", True, ["U0ANA", "U0GUS"])


def test_people_change_and_join(control: Control) -> None:
    control.post("person", user="ben", tz="Asia/Tokyo", is_restricted=True)
    control.post("person", user="zoe", add=True, real_name="Zoe Zimmer")
    people = {person["name"]: person for person in control.get("state")["people"]}
    assert (people["ben"]["tz"], people["ben"]["tz_offset"], people["ben"]["is_restricted"]) == (
        "Asia/Tokyo",
        32400,
        True,
    )
    assert people["zoe"]["real_name"] == "Zoe Zimmer"


def test_faults_are_set_shown_and_cleared(control: Control, peer: Sandbox) -> None:
    control.post("faults", faults=[{"method": "auth.test", "effect": "error:fatal_error", "times": 1}])
    client = WebClient(peer.bot_token, base_url=peer.api_url)
    with pytest.raises(Exception, match="fatal_error"):
        client.auth_test()
    client.auth_test()
    [fault] = control.get("faults")["faults"]
    assert fault["struck"] == 1
    assert control.post("faults", faults=[])["faults"] == []


def test_the_log_shows_calls_and_deliveries_without_tokens(
    control: Control, peer: Sandbox, app: Peer
) -> None:
    control.post("command", channel="general", user="ana", command="/incident", text="list")
    entries = control.get("log")["entries"]
    assert {"call", "delivery"} <= {entry["kind"] for entry in entries}
    assert all(entry["started"] <= entry["ended"] for entry in entries if entry["ended"])
    assert peer.bot_token not in json.dumps(entries)
    assert app.submitted == []
    newest = entries[-1]["n"]
    assert all(entry["n"] > newest for entry in control.get(f"log?since={newest}")["entries"])


def test_reset_restores_the_seed(control: Control) -> None:
    control.post("message", channel="general", user="ana", text="to be forgotten")
    control.post("reset")
    assert "to be forgotten" not in control.texts("general")


def test_a_response_url_answers_until_it_is_used_up(control: Control, peer: Sandbox, app: Peer) -> None:
    urls: list[str] = []

    @app.app.middleware
    def keep_url(body: Json, next: Any) -> None:
        urls.append(body["response_url"])
        next()

    control.post("command", channel="general", user="ana", command="/incident", text="list")
    assert urls[0].startswith(f"{peer.url}/response/")
    statuses = [respond(urls[0], {"text": f"later {number}"}) for number in range(6)]
    assert statuses == [200] * 5 + [404]
    assert control.texts("general")[-1] == "later 4"
    assert respond(f"{peer.url}/response/unknown", {"text": "x"}) == 404


def respond(url: str, body: Json) -> int:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_apps_process_can_be_killed_and_started(start: Callable[..., Sandbox]) -> None:
    script = "import time; print('started', flush=True); time.sleep(60)"
    control = Control(start(bot=BotProcess([sys.executable, "-c", script])).url)
    eventually(lambda: control.get("state")["bot"]["log"] == ["started"])
    killed = control.post("bot", action="kill")["bot"]
    assert (killed["running"], killed["exit_code"], killed["connected"]) == (False, -9, False)
    assert control.post("bot", action="start")["bot"]["running"] is True
    assert control.post("bot", action="stop")["bot"]["running"] is False
    assert control.refused("bot", action="explode") == "bad_argument"

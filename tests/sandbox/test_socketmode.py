"""Socket Mode: connections, envelopes, acks, redelivery, and who gets what."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
import websocket
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.conftest import MANIFEST, client_of
from tests.sandbox.peers import AppSocket, People, eventually

FAST = {"ack_within": 0.15, "retry_after": (0.0, 0.2, 0.2)}


@pytest.fixture
def channel(client: WebClient) -> str:
    """A channel with the bot, Ana and Ben in it, made before the app connected."""
    channel = str(client.conversations_create(name="inc-1")["channel"]["id"])
    client.conversations_invite(channel=channel, users=["U0ANA", "U0BEN"])
    return channel


def test_a_connection_begins_with_hello(socket: AppSocket, sandbox: Sandbox) -> None:
    assert socket.hello["type"] == "hello"
    assert socket.hello["num_connections"] == 1
    assert socket.hello["connection_info"] == {"app_id": "A0MUSTER"}
    assert sandbox.store.bot_connected


def test_a_url_opens_one_connection(socket: AppSocket) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(socket.url)


def test_pings_are_answered(socket: AppSocket) -> None:
    socket.ws.ping("are you there?")
    opcode, data = socket.ws.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"are you there?")


def test_an_eleventh_connection_is_refused(connect: Callable[[], AppSocket], sandbox: Sandbox) -> None:
    for _ in range(10):
        connect()
    assert connect().hello["reason"] == "too_many_websockets"


def test_a_message_arrives_as_an_event_with_all_of_slacks_fields(
    channel: str, socket: AppSocket, people: People
) -> None:
    ts = people.say(channel, "ana", "the database is slow")
    envelope = socket.frame()
    assert envelope["type"] == "events_api"
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    assert envelope["accepts_response_payload"] is False
    payload = envelope["payload"]
    assert (payload["type"], payload["team_id"], payload["api_app_id"]) == (
        "event_callback",
        "T0ACME",
        "A0MUSTER",
    )
    assert payload["event_id"].startswith("Ev")
    assert payload["authorizations"][0]["user_id"] == "U0MUSTER"
    event = payload["event"]
    assert event.pop("client_msg_id")
    event.pop("blocks", None)
    assert event == {
        "type": "message",
        "user": "U0ANA",
        "text": "the database is slow",
        "ts": ts,
        "event_ts": ts,
        "team": "T0ACME",
        "channel": channel,
        "channel_type": "channel",
    }


def test_edits_and_deletions_nest_the_message(channel: str, socket: AppSocket, people: People) -> None:
    ts = people.say(channel, "ana", "one")
    socket.event()
    people("edit-message", channel=channel, ts=ts, user="ana", text="two")
    edited = socket.event()
    assert (edited["subtype"], edited["message"]["text"]) == ("message_changed", "two")
    assert (edited["message"]["ts"], edited["previous_message"]["text"]) == (ts, "one")
    assert edited["message"]["edited"]["user"] == "U0ANA"
    people("delete-message", channel=channel, ts=ts, user="ana")
    deleted = socket.event()
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    assert deleted["previous_message"]["text"] == "two"
    for event in (edited, deleted):
        assert "user" not in event
        assert "text" not in event
        assert event["hidden"]


def test_a_mention_comes_in_addition_to_the_message_even_in_threads(
    channel: str, socket: AppSocket, people: People
) -> None:
    root = people.say(channel, "ana", "root")
    socket.event()
    people.say(channel, "ben", "@muster status", thread_ts=root)
    events = [socket.event(), socket.event()]
    assert sorted(event["type"] for event in events) == ["app_mention", "message"]
    assert all(event["thread_ts"] == root for event in events)
    assert all(event["text"] == "<@U0MUSTER> status" for event in events)
    assert events[0]["parent_user_id"] == "U0ANA"


def test_reactions_and_pins_arrive_with_their_message(
    channel: str, socket: AppSocket, people: People
) -> None:
    ts = people.say(channel, "ana", "look")
    socket.event()
    people("reaction", channel=channel, ts=ts, user="ben", name="pushpin", present=True)
    reaction = socket.event()
    assert reaction["type"] == "reaction_added"
    assert reaction["item"] == {"type": "message", "channel": channel, "ts": ts}
    assert (reaction["user"], reaction["item_user"], reaction["reaction"]) == ("U0BEN", "U0ANA", "pushpin")
    people("reaction", channel=channel, ts=ts, user="ben", name="pushpin", present=False)
    assert socket.event()["type"] == "reaction_removed"
    people("pin", channel=channel, ts=ts, user="ben", present=True)
    pin = socket.event()
    assert (pin["type"], pin["channel_id"], pin["item"]["message"]["ts"]) == ("pin_added", channel, ts)
    people("pin", channel=channel, ts=ts, user="ana", present=False)
    assert socket.event()["type"] == "pin_removed"


def test_new_and_changed_people_are_reported(socket: AppSocket, people: People, sandbox: Sandbox) -> None:
    people("person", user="ana", tz="Asia/Tokyo")
    event = socket.event()
    assert (event["type"], event["user"]["tz"]) == ("user_change", "Asia/Tokyo")
    assert event["user"]["tz_offset"] == 9 * 3600


def test_the_app_receives_its_own_messages_as_the_bots(
    channel: str, socket: AppSocket, client: WebClient
) -> None:
    client.chat_postMessage(channel=channel, text="from the bot")
    event = socket.event()
    assert (event["user"], event["bot_id"], event["app_id"]) == ("U0MUSTER", "B0MUSTER", "A0MUSTER")


def test_events_in_channels_without_the_bot_are_not_sent(socket: AppSocket, people: People) -> None:
    people.say("general", "ana", "@muster are you here?")
    assert socket.is_silent()


def test_events_without_a_subscription_in_the_manifest_are_not_sent(
    socket: AppSocket, client: WebClient, people: People
) -> None:
    channel = client.conversations_create(name="inc-1")["channel"]["id"]
    assert socket.event()["subtype"] == "channel_join"
    direct = people("open-dm", user="ana")["channel"]
    people.say(direct, "ana", "hello")
    assert socket.is_silent(), f"only message.channels is subscribed to, not the making of {channel}"


def test_subscribed_events_of_other_kinds_are_sent(
    start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    sandbox = start(granting(events=("channel_created", "message.im", "member_joined_channel")))
    socket = AppSocket(sandbox)
    socket.skipped = frozenset()
    client_of(sandbox).conversations_create(name="inc-1")
    names = [socket.event()["type"] for _ in range(3)]
    assert names == ["channel_created", "message", "member_joined_channel"]
    people = People(sandbox)
    people.say(people("open-dm", user="ana")["channel"], "ana", "hello")
    assert socket.event()["channel_type"] == "im"
    socket.close()


def test_the_app_learns_that_it_was_removed_but_not_through_a_member_event(
    start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    sandbox = start(granting(events=("channel_left", "member_left_channel")))
    socket, people = AppSocket(sandbox), People(sandbox)
    channel = client_of(sandbox).conversations_create(name="inc-1")["channel"]["id"]
    people("leave", channel=channel, user="U0MUSTER")
    told = [socket.event()]
    while told[-1]["type"] in {"message", "member_joined_channel"}:
        told.append(socket.event())
    assert (told[-1]["type"], told[-1]["channel"]) == ("channel_left", channel)
    assert socket.is_silent()
    socket.close()


def test_connections_take_turns(channel: str, connect: Callable[[], AppSocket], people: People) -> None:
    sockets = [connect(), connect()]
    for number in range(4):
        people.say(channel, "ana", str(number))
    texts = sorted([socket.event()["text"], socket.event()["text"]] for socket in sockets)
    assert texts == [["0", "2"], ["1", "3"]]


def test_an_unacked_event_is_redelivered_three_times(start: Callable[..., Sandbox]) -> None:
    sandbox = start(**FAST)
    socket, client = AppSocket(sandbox), client_of(sandbox)
    client.conversations_create(name="inc-1")
    frames = [socket.frame() for _ in range(4)]
    assert [(frame["retry_attempt"], frame["retry_reason"]) for frame in frames] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1
    assert len({frame["envelope_id"] for frame in frames}) == 4
    assert socket.is_silent(0.5)
    socket.close()


def test_an_acked_event_is_not_redelivered_and_the_log_says_so(start: Callable[..., Sandbox]) -> None:
    sandbox = start(ack_within=0.5, retry_after=(0.0,))
    socket, client = AppSocket(sandbox), client_of(sandbox)
    client.conversations_create(name="inc-1")
    socket.ack(socket.frame(), {"text": "an answer that events do not take"})
    assert socket.is_silent(0.7)
    delivery = next(entry for entry in sandbox.log.since() if entry.get("event_type") == "message")
    assert delivery["acked"]
    assert delivery["ended"] >= delivery["started"]
    socket.close()


def test_a_late_ack_ends_the_redelivery(start: Callable[..., Sandbox]) -> None:
    sandbox = start(ack_within=0.1, retry_after=(0.7,))
    socket = AppSocket(sandbox)
    client_of(sandbox).conversations_create(name="inc-1")
    envelope = socket.frame()
    time.sleep(0.2)
    socket.ack(envelope)
    assert socket.is_silent(0.8)
    socket.close()


def test_an_event_from_when_the_app_was_away_comes_with_a_later_attempt(
    start: Callable[..., Sandbox],
) -> None:
    sandbox = start(retry_after=(0.0, 0.8))
    client_of(sandbox).conversations_create(name="inc-1")
    socket = AppSocket(sandbox)
    frame = socket.frame()
    assert (frame["retry_attempt"], frame["retry_reason"]) == (2, "connection_failed")
    socket.close()


def test_an_event_whose_connection_breaks_is_sent_on_another_one(
    channel: str, connect: Callable[[], AppSocket], people: People
) -> None:
    first = connect()
    ts = people.say(channel, "ana", "hello")
    assert first.frame()["payload"]["event"]["ts"] == ts
    second = connect()
    first.close()
    retry = second.frame()
    assert (retry["payload"]["event"]["ts"], retry["retry_attempt"]) == (ts, 1)
    second.ack(retry)


def test_an_unacked_interaction_is_not_redelivered(socket: AppSocket, people: People) -> None:
    answers: list[object] = []
    asking = threading.Thread(
        target=lambda: answers.append(people("command", channel="general", user="ana", command="/incident"))
    )
    asking.start()
    envelope = socket.frame()
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert "retry_attempt" not in envelope
    socket.ack(envelope, {"text": "at once"})
    asking.join()
    assert "at once" in json.dumps(answers)
    assert socket.is_silent()


def test_a_killed_app_is_disconnected_at_once(sandbox: Sandbox) -> None:
    code = (
        "import sys, websocket\n"
        "websocket.create_connection(sys.argv[1]).recv(); print('ready', flush=True); sys.stdin.read()"
    )
    opener = client_of(sandbox, sandbox.app_token)
    url = opener.apps_connections_open(app_token=sandbox.app_token)["url"]
    with subprocess.Popen(
        [sys.executable, "-c", code, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as app:
        assert app.stdout is not None
        app.stdout.readline()
        assert sandbox.store.bot_connected
        app.kill()
        eventually(lambda: not sandbox.store.bot_connected, within=1.0)


def test_a_burst_of_events_is_sent_whole_in_order_and_without_waiting_for_acks() -> None:
    number_of_events = 3000

    async def scene() -> list[str]:
        sandbox = Sandbox(MANIFEST)
        await sandbox.start()
        channel = sandbox.store.create_channel("inc-1", "U0MUSTER")
        url = sandbox.socket_mode.issue_url(sandbox.url)
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as app:
            assert (await app.receive_json())["type"] == "hello"
            for number in range(number_of_events):
                sandbox.store.post(channel.id, "U0ANA", str(number))
            frames = [await app.receive_json() for _ in range(number_of_events)]
            for frame in frames:
                await app.send_json({"envelope_id": frame["envelope_id"]})
        await sandbox.stop()
        return [frame["payload"]["event"]["text"] for frame in frames]

    assert asyncio.run(scene()) == [str(number) for number in range(number_of_events)]


# In a process of its own, since it leaves its socket and threads behind.
OWN_CLIENT = """
import sys
from slack_sdk import WebClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websocket_client import SocketModeClient

def listen(app, request):
    app.send_socket_mode_response(SocketModeResponse(request.envelope_id))
    print(request.payload["event"]["subtype"], flush=True)

token, url = sys.argv[1:]
app = SocketModeClient(token, web_client=WebClient(token, base_url=url))
app.socket_mode_request_listeners.append(listen)
app.connect()
sys.stdin.read()
"""


def test_slacks_own_client_connects_listens_and_acks(sandbox: Sandbox, client: WebClient) -> None:
    argv = [sys.executable, "-c", OWN_CLIENT, sandbox.app_token, sandbox.api_url]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as app:
        eventually(lambda: sandbox.store.bot_connected, within=10)
        client.conversations_create(name="inc-1")
        assert app.stdout is not None
        assert app.stdout.readline() == "channel_join\n"
        eventually(lambda: [e["acked"] for e in sandbox.log.since() if e["kind"] == "delivery"] == [True] * 2)
        app.kill()

"""Faults on demand, as seen by the clients they strike."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import websocket
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError

from sandbox.faults import Faults
from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.peers import AppSocket, People, eventually
from tests.sandbox.test_webapi_access import refusal

CUT = (ConnectionError, http.client.RemoteDisconnected)


@pytest.fixture
def fault(people: People) -> Callable[..., object]:
    """Sets one fault and removes any earlier one."""
    return lambda **spec: people("faults", faults=[spec])


def post(client: WebClient, text: str = "hi") -> Any:
    return client.chat_postMessage(channel="C0GENERAL", text=text)


def posted(sandbox: Sandbox) -> list[str]:
    messages = sandbox.store.workspace.channels["C0GENERAL"].messages.values()
    return [message.text for message in messages if message.bot_id == "B0MUSTER"]


def test_429_says_when_to_retry_and_applies_nothing(
    client: WebClient, sandbox: Sandbox, fault: Callable[..., object]
) -> None:
    fault(method="chat.postMessage", effect="429", retry_after=7, times=1)
    answer = refusal(lambda: post(client))
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "7")
    post(client, "second")
    assert posted(sandbox) == ["second"]


@pytest.mark.parametrize(("effect", "status"), [("500", 500), ("503", 503), ("non_json", 200)])
def test_a_broken_server_answers_something_other_than_json(
    client: WebClient, fault: Callable[..., object], effect: str, status: int
) -> None:
    fault(method="*", effect=effect)
    answer = refusal(lambda: post(client))
    assert answer.status_code == status
    assert "non-JSON" in answer["error"]


def test_an_error_code_can_be_requested(client: WebClient, fault: Callable[..., object]) -> None:
    fault(method="chat.postMessage", effect="error:fatal_error")
    assert refusal(lambda: post(client))["error"] == "fatal_error"


def test_a_delay_comes_before_the_usual_answer(client: WebClient, fault: Callable[..., object]) -> None:
    fault(method="chat.postMessage", effect="delay", seconds=0.2)
    before = time.monotonic()
    assert post(client)["ok"]
    assert time.monotonic() - before >= 0.2


@pytest.mark.parametrize(("effect", "expected"), [("reset_before", []), ("reset_after", ["hi"])])
def test_a_connection_is_cut_before_or_after_the_call_was_applied(
    client: WebClient, sandbox: Sandbox, fault: Callable[..., object], effect: str, expected: list[str]
) -> None:
    fault(method="chat.postMessage", effect=effect, times=1)
    with pytest.raises(CUT):
        post(client)
    assert posted(sandbox) == expected
    entry = sandbox.log.since()[-1]
    assert (entry["ok"], entry["error"], entry.get("applied", False)) == (False, effect, bool(expected))


@pytest.mark.parametrize(("effect", "expected"), [("hang_before", []), ("hang_after", ["hi"])])
def test_a_call_hangs_until_its_client_gives_up(
    sandbox: Sandbox, fault: Callable[..., object], effect: str, expected: list[str]
) -> None:
    fault(method="chat.postMessage", effect=effect, times=1)
    with pytest.raises(TimeoutError):
        post(client_of(sandbox, timeout=1))
    assert posted(sandbox) == expected
    eventually(lambda: bool(sandbox.log.since()[-1]["ended"]))


def test_a_hanging_call_is_cut_when_the_faults_change(
    client: WebClient, people: People, fault: Callable[..., object], sandbox: Sandbox
) -> None:
    fault(method="chat.postMessage", effect="hang_after")
    raised: list[BaseException] = []

    def call() -> None:
        try:
            post(client)
        except CUT as error:
            raised.append(error)

    calling = threading.Thread(target=call)
    calling.start()
    eventually(lambda: posted(sandbox) == ["hi"])
    people("faults", faults=[])
    calling.join(5)
    assert raised


def responding(sandbox: Sandbox) -> WebhookClient:
    """A client for a new response URL of Ana's in #general."""
    place, ana = sandbox.store.channel("general"), sandbox.store.person("ana")
    return WebhookClient(sandbox.interactions.response_url(place, ana), retry_handlers=[])


@pytest.mark.parametrize(
    ("effect", "status"), [("429", 429), ("503", 503), ("error:used_url", 404), ("error:no_text", 400)]
)
def test_an_answer_at_a_response_url_can_be_refused(
    sandbox: Sandbox, fault: Callable[..., object], effect: str, status: int
) -> None:
    fault(method="response_url", effect=effect, times=1)
    url = responding(sandbox)
    assert url.send(text="first").status_code == status
    assert url.send(text="second").status_code == 200
    assert posted(sandbox) == ["second"]


@pytest.mark.parametrize(("effect", "expected"), [("reset_before", []), ("reset_after", ["hi"])])
def test_an_answer_at_a_response_url_can_be_cut(
    sandbox: Sandbox, fault: Callable[..., object], effect: str, expected: list[str]
) -> None:
    fault(method="*", effect=effect)
    with pytest.raises(CUT):
        responding(sandbox).send(text="hi")
    assert posted(sandbox) == expected
    entry = sandbox.log.since()[-1]
    assert (entry["name"], entry["error"], entry.get("applied", False)) == (
        "response_url",
        effect,
        bool(expected),
    )


def test_a_fault_can_be_limited_to_one_channel(client: WebClient, fault: Callable[..., object]) -> None:
    fault(method="chat.postMessage", effect="500", channel="#random")
    post(client)
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="C0RANDOM", text="hi")


def test_skip_every_and_times_choose_which_calls_fail(people: People) -> None:
    faults = Faults()
    faults.replace([{"method": "a.b", "effect": "500", "skip": 1, "every": 2, "times": 2}])
    struck = [faults.for_call("a.b", ()) is not None for _ in range(8)]
    assert struck == [False, False, True, False, True, False, False, False]
    assert [(fault["seen"], fault["struck"]) for fault in faults.listing()] == [(8, 2)]
    assert faults.for_call("c.d", ()) is None


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"method": "chat.postMessage"},
        {"method": "chat.postMessage", "effect": "explode"},
        {"method": "*", "effect": "500", "socket": "refuse"},
        {"envelope": "events_api", "effect": "500"},
        {"envelope": "carrier_pigeon", "effect": "drop"},
        {"socket": "explode"},
        {"method": "*", "effect": "500", "times": -1},
        {"method": "*", "effect": "500", "every": 0},
        {"method": "*", "effect": "delay", "seconds": "long"},
    ],
)
def test_an_invalid_fault_is_refused_with_a_sentence(spec: dict[str, Any]) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=r"fault|must be"):
        faults.replace([spec])
    assert faults.listing() == []


@pytest.fixture
def channel(client: WebClient) -> str:
    """A channel with the bot and Ana in it, made before the app connected."""
    channel = str(client.conversations_create(name="inc-1")["channel"]["id"])
    client.conversations_invite(channel=channel, users=["U0ANA"])
    return channel


def test_a_duplicate_is_the_same_envelope_again(
    channel: str, socket: AppSocket, people: People, fault: Callable[..., object]
) -> None:
    fault(envelope="events_api", effect="duplicate", copies=2, times=1)
    people.say(channel, "ana", "hello")
    frames = [socket.frame() for _ in range(3)]
    assert frames[0] == frames[1] == frames[2]
    assert socket.is_silent()


def test_a_duplicate_may_come_under_new_ids(
    channel: str, socket: AppSocket, people: People, fault: Callable[..., object]
) -> None:
    fault(envelope="*", effect="duplicate", new_ids=True)
    people.say(channel, "ana", "hello")
    first, second = socket.frame(), socket.frame()
    assert first["payload"]["event"] == second["payload"]["event"]
    assert first["payload"]["event_id"] != second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]


def test_the_last_duplicate_may_come_when_the_faults_change(
    channel: str, socket: AppSocket, people: People, fault: Callable[..., object]
) -> None:
    fault(envelope="*", effect="duplicate", copies=2, new_ids=True, late=True)
    people.say(channel, "ana", "hello")
    first, second = socket.frame(), socket.frame()
    assert socket.is_silent()
    people("faults", faults=[])
    last = socket.frame()
    assert first["payload"]["event"] == second["payload"]["event"] == last["payload"]["event"]
    assert len({each["payload"]["event_id"] for each in (first, second, last)}) == 3


def test_a_dropped_event_comes_with_the_next_attempt(start: Callable[..., Sandbox]) -> None:
    sandbox = start(ack_within=0.1, retry_after=(0.0,))
    socket = AppSocket(sandbox)
    People(sandbox)("faults", faults=[{"envelope": "events_api", "effect": "drop", "times": 2}])
    # Two events: the channel was created, and the bot has joined it.
    client_of(sandbox).conversations_create(name="inc-1")
    assert socket.frame()["retry_attempt"] == 1
    socket.close()


def test_a_reordered_event_comes_after_the_next_one(
    channel: str, socket: AppSocket, people: People, fault: Callable[..., object]
) -> None:
    fault(envelope="events_api", effect="reorder", times=1)
    people.say(channel, "ana", "first")
    people.say(channel, "ana", "second")
    assert [socket.event()["text"], socket.event()["text"]] == ["second", "first"]


def test_a_reordered_event_with_none_behind_it_comes_after_a_second(
    channel: str, socket: AppSocket, people: People, fault: Callable[..., object]
) -> None:
    fault(envelope="events_api", effect="reorder", times=1)
    people.say(channel, "ana", "alone")
    assert socket.is_silent(0.5)
    assert socket.event(2.0)["text"] == "alone"


def test_a_delayed_event_lets_others_pass(
    channel: str, socket: AppSocket, people: People, fault: Callable[..., object]
) -> None:
    fault(envelope="events_api", effect="delay", seconds=0.6, times=1)
    people.say(channel, "ana", "slow")
    people.say(channel, "ana", "quick")
    assert [socket.event()["text"], socket.event()["text"]] == ["quick", "slow"]


def test_a_disconnect_is_announced_and_followed_by_the_end(
    socket: AppSocket, fault: Callable[..., object], sandbox: Sandbox
) -> None:
    fault(socket="disconnect")
    assert socket.frame()["reason"] == "refresh_requested"
    eventually(lambda: not sandbox.store.bot_connected)


def test_a_disconnect_may_come_with_a_warning_and_the_connection_works_until_then(
    channel: str, socket: AppSocket, fault: Callable[..., object], people: People, sandbox: Sandbox
) -> None:
    fault(socket="disconnect", seconds=0.8)
    assert socket.frame() | {"debug_info": {}} == {
        "type": "disconnect",
        "reason": "warning",
        "debug_info": {},
    }
    people.say(channel, "ana", "still here?")
    assert socket.event()["text"] == "still here?"
    eventually(lambda: not sandbox.store.bot_connected)


def test_a_silent_connection_stays_open_and_says_nothing(
    channel: str, socket: AppSocket, fault: Callable[..., object], people: People, sandbox: Sandbox
) -> None:
    fault(socket="silence")
    people.say(channel, "ana", "hello?")
    socket.ws.ping()
    assert socket.is_silent(0.4)
    assert sandbox.store.bot_connected
    people("faults", faults=[])
    people.say(channel, "ana", "and now?")
    assert socket.event()["text"] == "and now?"


def test_a_server_may_stop_answering_pings(
    channel: str, socket: AppSocket, fault: Callable[..., object], people: People
) -> None:
    fault(socket="no_pong", seconds=0.8)
    socket.ws.ping()
    assert socket.is_silent(0.3)
    people.say(channel, "ana", "hello")
    assert socket.event()["text"] == "hello"
    time.sleep(0.7)
    socket.ws.ping()
    assert socket.ws.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG


def test_new_connections_may_be_refused_for_a_while(
    connect: Callable[[], AppSocket], fault: Callable[..., object]
) -> None:
    fault(socket="refuse", seconds=0.8)
    with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
        connect()
    time.sleep(0.8)
    assert connect().hello["type"] == "hello"

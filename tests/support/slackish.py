"""A fake Slack that costs next to nothing: canned answers, one WebSocket, a clock on every ack and call."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from tests.support import googlish
from tests.support.histories import ANSWERS, History

T = TypeVar("T")
Json = dict[str, Any]
WAIT = 120.0
"""Seconds after which a measurement is given up."""


@dataclass
class Call:
    """One call of the Web API: when it came and when it was answered (`perf_counter` seconds)."""

    method: str
    started: float
    ended: float
    body: bytes = b""
    answer: Json = field(default_factory=dict)

    @cached_property
    def asked(self) -> Json:
        """The call's arguments; parsed only on request, since the server must cost next to nothing."""
        text = self.body.decode()
        return dict(json.loads(text)) if text.startswith("{") else dict(parse_qsl(text))


@dataclass
class Slackish:
    """The server, on an event loop in a thread of its own; call its methods from the main thread."""

    port: int = 0
    delay: float = 0.0
    """Seconds that each call takes."""
    calls: list[Call] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    """The ids of the channels that were made, oldest first."""
    connected_at: float = 0.0
    histories: dict[str, History] = field(default_factory=dict)
    """The messages of each channel; a channel that isn't here is empty."""
    answers: dict[str, Json] = field(default_factory=dict)
    """The bodies of the last acks, by envelope; most acks have none."""
    _acks: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._socket: web.WebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._connected, self._all_acked = threading.Event(), asyncio.Event()
        self._awaited = 0

    @property
    def url(self) -> str:
        """The base URL of the Web API."""
        return f"http://127.0.0.1:{self.port}/api/"

    def begin(self) -> None:
        """Forget everything, for another client."""
        self._connected.clear()
        self.calls.clear()
        self.delay = 0.0

    def wait_until_connected(self) -> None:
        """Wait until a client has been greeted."""
        if not self._connected.wait(WAIT):
            raise TimeoutError("nobody connected")

    def ack_times(self, envelopes: list[Json], *, at_once: bool) -> list[float]:
        """Seconds to each envelope's ack; each is sent after the previous ack, or all at once."""
        return self._run(self._send_all(envelopes) if at_once else self._send_each(envelopes))

    def ack_within(self, envelope: Json, seconds: float) -> float:
        """Seconds to the envelope's ack; infinity if none comes in time."""
        name, started = envelope["envelope_id"], perf_counter()
        self.send([envelope])
        while name not in self._acks and perf_counter() < started + seconds:
            time.sleep(0.001)
        return self._acks.get(name, float("inf")) - started

    def send(self, envelopes: list[Json]) -> None:
        """Send them at once, without waiting for acks."""
        for each in envelopes:
            self._run(self._send(json.dumps(each)))

    def rate(self, envelopes: list[Json]) -> float:
        """Acks per second, from sending the first envelope to the last one's ack."""
        frames = [json.dumps(each) for each in envelopes]
        return self._run(self._burst(frames))

    def flood(self, envelopes: list[Json], others: list[Json], gap: float) -> tuple[list[float], list[float]]:
        """Send all at once and, meanwhile and afterwards, the others with that many seconds between them.

        Returns the seconds to each ack: of the first ones from the beginning, of the others from their own
        sending.
        """
        return self._run(self._flood(envelopes, others, gap))

    def send_and_forget(self, envelopes: list[Json]) -> None:
        """Send all at once to a client that may end before it has read them; see :meth:`acked`."""
        self._run(self._send_while_it_lives([json.dumps(each) for each in envelopes]))

    def acked(self) -> set[str]:
        """The ids of the envelopes of the last sending that were acked."""
        return set(self._acks)

    def _new_channel(self) -> str:
        self.channels.append(f"C{next(self._numbers):08}")
        return self.channels[-1]

    async def _send_each(self, envelopes: list[Json]) -> list[float]:
        times = []
        for each in envelopes:
            times += await self._send_all([each])
        return times

    async def _send_all(self, envelopes: list[Json]) -> list[float]:
        sent = {}
        self._expect(len(envelopes))
        for each in envelopes:
            sent[each["envelope_id"]] = perf_counter()
            await self._send(json.dumps(each))
        await self._until_all_acked()
        return [self._acks[name] - started for name, started in sent.items()]

    async def _burst(self, frames: list[str]) -> float:
        self._expect(len(frames))
        started = perf_counter()
        for each in frames:
            await self._send(each)
        await self._until_all_acked()
        return len(frames) / (perf_counter() - started)

    async def _send_while_it_lives(self, frames: list[str]) -> None:
        self._expect(len(frames))
        with suppress(ConnectionError):
            for each in frames:
                await self._send(each)

    async def _flood(
        self, envelopes: list[Json], others: list[Json], gap: float
    ) -> tuple[list[float], list[float]]:
        frames, sent = [json.dumps(each) for each in envelopes], {}
        self._expect(len(envelopes) + len(others))
        began = perf_counter()

        async def send_others() -> None:
            for number, each in enumerate(others):
                await asyncio.sleep(began + number * gap - perf_counter())
                sent[each["envelope_id"]] = perf_counter()
                await self._send(json.dumps(each))

        meanwhile = asyncio.create_task(send_others())
        for each in frames:
            await self._send(each)
        await meanwhile
        await self._until_all_acked()
        return (
            [self._acks[each["envelope_id"]] - began for each in envelopes],
            [self._acks[name] - started for name, started in sent.items()],
        )

    def _expect(self, count: int) -> None:
        self._acks.clear()
        self.answers.clear()
        self._awaited = count
        self._all_acked.clear()

    async def _until_all_acked(self) -> None:
        async with asyncio.timeout(WAIT):
            await self._all_acked.wait()

    async def _send(self, frame: str) -> None:
        if self._socket is None:
            raise ConnectionError("nobody is connected")
        await self._socket.send_str(frame)

    def _run(self, work: Awaitable[T]) -> T:
        return asyncio.run_coroutine_threadsafe(_awaited(work), self._loop).result()

    # the server

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self.connected_at = perf_counter()
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self._socket = socket
        self._connected.set()
        async for message in socket:
            ack = json.loads(message.data)
            self._acks[ack["envelope_id"]] = perf_counter()
            self.answers[ack["envelope_id"]] = ack.get("payload") or {}
            if len(self._acks) >= self._awaited:
                self._all_acked.set()
        return socket

    def begin_call(self, method: str) -> Call:
        """A call that begins now; it is added to :attr:`calls` when it is answered."""
        now = perf_counter()
        return Call(method, now, now)

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        call = self.begin_call(method)
        call.body = await request.read()
        if self.delay:
            await asyncio.sleep(self.delay)
        if method in ANSWERS:
            call.answer = ANSWERS[method](self.histories, call.asked)
        elif method in _ANSWERS:
            call.answer = _ANSWERS[method](self)
        call.ended = perf_counter()
        self.calls.append(call)
        return web.json_response({"ok": True, **call.answer})


async def _awaited(work: Awaitable[T]) -> T:
    return await work


_ANSWERS: dict[str, Callable[[Slackish], Json]] = {
    "auth.test": lambda _s: {
        "user_id": "UBOT",
        "bot_id": "BBOT",
        "team_id": "T1",
        "url": "https://bench.test/",
    },
    "apps.connections.open": lambda s: {"url": f"ws://127.0.0.1:{s.port}/link"},
    "conversations.info": lambda _: {"channel": {"topic": {"value": "", "last_set": 0}}},
    "conversations.create": lambda s: {"channel": {"id": s._new_channel()}},
    "chat.postMessage": lambda s: {"ts": f"1700000000.{next(s._numbers):06}"},
}


@contextmanager
def serving() -> Iterator[Slackish]:
    """A running server."""
    server = Slackish()
    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/api/{method}", server._call)
    app.router.add_get("/link", server._link)
    googlish.add_to(app, server)
    runner = web.AppRunner(app, access_log=None)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.port = runner.addresses[0][1]

    thread = threading.Thread(target=server._loop.run_forever, name="slackish", daemon=True)
    thread.start()
    server._run(start())
    try:
        yield server
    finally:
        server._run(runner.cleanup())
        server._loop.call_soon_threadsafe(server._loop.stop)
        thread.join()
        server._loop.close()


def message(number: int, channel: str) -> Json:
    """The event of a message."""
    event = {"type": "message", "channel": channel, "user": "U1", "text": f"fact {number}"}
    event |= {"ts": f"1710000{number // 1_000_000:03}.{number % 1_000_000:06}", "event_ts": "1.0"}
    payload = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": f"Ev{number}"}
    return _envelope("events_api", {**payload, "event": {**event, "channel_type": "channel"}})


def command(number: int, text: str = "list") -> Json:
    """`/incident …`."""
    payload = {"command": "/incident", "text": text, "user_id": "U1", "team_id": "T1", "channel_id": "C0"}
    return _envelope("slash_commands", {**payload, "trigger_id": f"t{number}", "api_app_id": "A1"})


def submission(number: int, project: str = "") -> Json:
    """The declare form, submitted, perhaps with the value of a project in its menu."""
    chosen = {"project": {"selected_option": {"value": project}}} if project else {}
    return form("declare", {}, title={"value": f"Database is slow {number}"}, **chosen)


def form(name: str, carried: Json, **fields: Json) -> Json:
    """A form, submitted with these fields filled in."""
    view = {
        "id": f"V{uuid.uuid4().hex[:12]}",
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(carried),
        "blocks": [],
        "state": {"values": {name: {name: value} for name, value in fields.items()}},
    }
    payload = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": view}
    return _envelope("interactive", {**payload, "api_app_id": "A1"})


def click(channel: str, ts: str, action: str, value: str) -> Json:
    """A click on a button of the message at that ts."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1"},
        "channel": {"id": channel, "name": channel.lower()},
        "message": {"ts": ts},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel},
        "trigger_id": uuid.uuid4().hex,
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "b",
                "value": value,
                "action_ts": uuid.uuid4().hex,
            }
        ],
    }
    return _envelope("interactive", {**payload, "api_app_id": "A1"})


def _envelope(kind: str, payload: Json) -> Json:
    return {
        "envelope_id": uuid.uuid4().hex,
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind != "events_api",
    }

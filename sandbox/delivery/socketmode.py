"""Socket Mode: tickets, connections, envelopes, and the redelivery of events, which HTTP mode uses, too.

Sources: https://docs.slack.dev/apis/events-api/using-socket-mode and, for retries,
https://docs.slack.dev/apis/events-api.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from sandbox.delivery.connection import Connection
from sandbox.delivery.envelopes import copied, summary
from sandbox.delivery.httpmode import HttpMode
from sandbox.faults import Faults
from sandbox.log import Log
from sandbox.workspace import events
from sandbox.workspace.core import Delivery
from sandbox.workspace.model import Channel, Json
from sandbox.workspace.store import Store

# Slack's limit per app: https://docs.slack.dev/apis/events-api/using-socket-mode
MAX_CONNECTIONS = 10
ACK_WITHIN = 3.0
RETRY_AFTER = (0.0, 60.0, 300.0)
"""Slack's pauses, in seconds, between a failed attempt and the next one."""

REORDER_AT_MOST = 1.0
"""The longest that a reordered envelope waits for another one to overtake it, in seconds."""

_REASONS = {
    "timeout": "timeout",
    "not_connected": "connection_failed",
    "socket_closed": "connection_failed",
    "connection_failed": "connection_failed",
    "http_error": "http_error",
}


@dataclass(slots=True)
class _Sent:
    """An envelope that was sent, with its log entry."""

    outcome: asyncio.Future[Delivery]
    entry: Json


class SocketMode:
    """The app's connections; each envelope goes to one of them, in turn."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        log: Log,
        http: HttpMode,
        *,
        ack_within: float = ACK_WITHIN,
        retry_after: tuple[float, ...] = RETRY_AFTER,
    ) -> None:
        self._store, self._faults, self._log, self._http = store, faults, log, http
        self._ack_within, self._retry_after = ack_within, retry_after
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._turn = 0
        self._held: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        faults.on_change = self._apply_socket_faults

    @property
    def connected(self) -> bool:
        """Whether at least one connection is open, or the app is reached over HTTP."""
        return bool(self._connections) or self._http.is_on

    def issue_url(self, base: str) -> str:
        """A URL under ``base`` (``http://…``) that opens one connection."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return f"{base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self._store.app_id}"

    # connections

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """GET /link/: the WebSocket itself; 403 without an unused ticket, 503 if connections are refused."""
        if self._faults.on_sockets("refuse"):
            return web.Response(status=503)
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=16 * 1024 * 1024)
        await ws.prepare(request)
        connection = Connection(ws)
        if len(self._connections) >= MAX_CONNECTIONS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await ws.close()
            return ws
        await self._serve(connection)
        return ws

    async def _serve(self, connection: Connection) -> None:
        self._connections.append(connection)
        connection.send(self._hello())
        self._store.note(bot=True)
        try:
            await connection.run()
        finally:
            self._connections.remove(connection)
            self._store.note(bot=True)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._store.app_id},
        }

    def _apply_socket_faults(self) -> None:
        for connection in list(self._connections):
            connection.mute = connection.pongless = False
        for effect in ("silence", "no_pong", "disconnect"):
            for fault in self._faults.on_sockets(effect):
                fault.seen += len(self._connections)
                fault.struck += len(self._connections)
                self._strike_all(effect, fault.spec.get("seconds"))

    def _strike_all(self, effect: str, seconds: float | None) -> None:
        for connection in list(self._connections):
            if effect == "disconnect":
                reason = "warning" if seconds else "refresh_requested"
                connection.closing = not seconds
                connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
                self._spawn(connection.close(seconds or 0.1))
                continue
            name = "mute" if effect == "silence" else "pongless"
            setattr(connection, name, True)
            if seconds is not None:
                asyncio.get_running_loop().call_later(seconds, setattr, connection, name, False)

    async def stop(self) -> None:
        """Close every connection and abandon deliveries in progress."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.stop()
        await asyncio.gather(*(connection.close() for connection in list(self._connections)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # envelopes

    async def deliver(self, kind: str, payload: Json, timeout: float) -> Delivery:  # noqa: ASYNC109
        """Send an envelope that isn't redelivered, and wait for its ack."""
        sent = self._dispatch(kind, payload, accepts_response=True)
        await asyncio.wait([sent.outcome], timeout=timeout)
        return self._result(sent)

    def send_event(self, event: Json, channel: Channel | None) -> None:
        """Send the app an event, if it may receive it, until it acks or the retries are used up."""
        if not events.wanted(self._store, event, channel):
            return
        payload = events.envelope(self._store, event)
        self._spawn(self._see_through(payload, self._dispatch("events_api", payload)))

    async def _see_through(self, payload: Json, sent: _Sent) -> None:
        """Retry until an ack; a late one counts, too, because it shows that the app has the event."""
        acked = asyncio.Event()
        for attempt, pause in enumerate((*self._retry_after, None), start=1):
            sent.outcome.add_done_callback(partial(_note_ack, acked))
            await asyncio.wait([sent.outcome], timeout=self._ack_within)
            result = self._result(sent)
            if result.acked or acked.is_set() or pause is None or result.error == "no_retry":
                return
            if await _set_within(acked, pause):
                return
            sent = self._dispatch("events_api", payload, attempt=attempt, reason=_REASONS[str(result.error)])

    def _result(self, sent: _Sent) -> Delivery:
        if sent.outcome.done():
            return sent.outcome.result()
        self._log.end(sent.entry, acked=False, error="timeout")
        return Delivery(False, None, "timeout")

    def _dispatch(
        self, kind: str, payload: Json, *, accepts_response: bool = False, attempt: int = 0, reason: str = ""
    ) -> _Sent:
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "payload": payload,
            "type": kind,
            "accepts_response_payload": accepts_response,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        sent = self._logged(envelope, retry_attempt=attempt)
        self._route(envelope, sent)
        return sent

    def _logged(self, envelope: Json, **more: Any) -> _Sent:
        entry = self._log.begin("delivery", envelope["type"], acked=None, **more, **summary(envelope))
        sent = _Sent(asyncio.get_running_loop().create_future(), entry)
        sent.outcome.add_done_callback(lambda outcome: self._log_outcome(entry, outcome))
        return sent

    def _log_outcome(self, entry: Json, outcome: asyncio.Future[Delivery]) -> None:
        if outcome.cancelled():
            return
        result = outcome.result()
        late = {"late": True} if entry["ended"] else {}
        self._log.end(entry, acked=result.acked, error=result.error, **late)

    def _route(self, envelope: Json, sent: _Sent) -> None:
        """Put the envelope on a connection, subject to the fault that strikes it."""
        fault = self._faults.for_envelope(envelope["type"]) or {}
        effect = fault.get("effect")
        held, self._held = self._held, None
        loop = asyncio.get_running_loop()
        if effect:
            sent.entry["fault"] = effect
        if effect == "reorder":
            self._held = lambda: self._put(envelope, sent)
            loop.call_later(REORDER_AT_MOST, self._release, self._held)
        elif effect == "delay":
            loop.call_later(fault.get("seconds", 1.0), self._put, envelope, sent)
        elif effect != "drop":
            self._put(envelope, sent)
        if effect == "duplicate":
            self._duplicate(envelope, fault)
        if held is not None:
            held()

    def _duplicate(self, envelope: Json, fault: Json) -> None:
        copies = [
            copied(envelope, new_ids=bool(fault.get("new_ids"))) for _ in range(int(fault.get("copies", 1)))
        ]
        if fault.get("late") and copies:
            self._spawn(self._put_late(copies.pop()))
        for copy in copies:
            self._put(copy, None)

    async def _put_late(self, copy: Json) -> None:
        await self._faults.changed()
        self._put(copy, self._logged(copy, fault="late"))

    def _release(self, held: Callable[[], None]) -> None:
        if self._held is held:
            self._held = None
            held()

    def _put(self, envelope: Json, sent: _Sent | None) -> None:
        """Give the envelope to the connection whose turn it is; ``sent`` is ``None`` for a copy."""
        outcome = sent.outcome if sent else asyncio.get_running_loop().create_future()
        if self._http.is_on:
            self._spawn(self._http.put(envelope, outcome))
            return
        ready = [connection for connection in self._connections if not connection.closing]
        if not ready:
            outcome.set_result(Delivery(False, None, "not_connected"))
            return
        self._turn += 1
        ready[self._turn % len(ready)].send_envelope(envelope, outcome)


def _note_ack(acked: asyncio.Event, outcome: asyncio.Future[Delivery]) -> None:
    if not outcome.cancelled() and outcome.result().acked:
        acked.set()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True

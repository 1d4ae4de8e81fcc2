"""One of the app's WebSocket connections: frames out in order, acks in, pings both ways."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

from aiohttp import WSMsgType, web

from sandbox.workspace.core import Delivery
from sandbox.workspace.model import Json

PING_EVERY = 5.0
"""Seconds between the sandbox's own pings."""

DEAD_AFTER = 30.0
"""Seconds without any frame after which the connection counts as lost."""


class Connection:
    """An open connection; faults set ``mute`` and ``pongless``."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._unacked: dict[str, asyncio.Future[Delivery]] = {}
        self._heard = time.monotonic()
        self.mute = False
        self.pongless = False
        self.closing = False

    def send(self, frame: Json) -> None:
        """Queue a frame; frames are sent in this order."""
        self._outgoing.put_nowait(json.dumps(frame))

    def send_envelope(self, envelope: Json, outcome: asyncio.Future[Delivery]) -> None:
        """Queue an envelope; ``outcome`` is set when it is acked or the connection ends."""
        if envelope["envelope_id"] not in self._unacked:
            self._unacked[envelope["envelope_id"]] = outcome
        self.send(envelope)

    async def run(self) -> None:
        """Serve the connection until it ends."""
        helpers = [asyncio.create_task(self._write()), asyncio.create_task(self._ping())]
        try:
            await self._read()
        finally:
            self.closing = True
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            for outcome in self._unacked.values():
                if not outcome.done():
                    outcome.set_result(Delivery(False, None, "socket_closed"))

    async def close(self, after: float = 0.0) -> None:
        """End the connection properly after that many seconds."""
        await asyncio.sleep(after)
        self.closing = True
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self._ws.close()

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await self._outgoing.get()
                if not self.mute:
                    await self._ws.send_str(frame)

    async def _ping(self) -> None:
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - self._heard < DEAD_AFTER:
                await asyncio.sleep(PING_EVERY)
                if not self.mute:
                    await self._ws.ping(b"Ping from the sandbox")
        await self.close()

    async def _read(self) -> None:
        async for message in self._ws:
            self._heard = time.monotonic()
            if self.mute:
                continue
            if message.type is WSMsgType.TEXT:
                self._acked(message.data)
            elif message.type is WSMsgType.PING and not self.pongless:
                await self._ws.pong(message.data)

    def _acked(self, data: str) -> None:
        """Handle ``{"envelope_id", "payload"?}``; anything else isn't an ack and is ignored."""
        try:
            ack = json.loads(data)
            outcome = self._unacked.pop(ack["envelope_id"])
        except (ValueError, TypeError, KeyError):
            return
        body = ack.get("payload")
        if not outcome.done():
            outcome.set_result(Delivery(True, body if isinstance(body, dict) else None))

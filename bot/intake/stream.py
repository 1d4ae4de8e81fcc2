"""A WebSocket that is read as fast as a burst arrives."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Sequence
from typing import Any

from websocket import ABNF, WebSocketApp

READ_SIZE = 1 << 16
"""Bytes to read at once: usually many frames."""
CHECK_INTERVAL = 10.0
"""Seconds after which an idle stream is checked, in case it has been asked to end."""


class Stream(WebSocketApp):
    """websocket-client's app, but it reads whole chunks from the socket instead of each frame in four reads.

    Each read releases Python's global lock, and gets it back up to five milliseconds later if another thread
    is busy: a command behind 5,000 messages would wait for all of those.
    """

    def run(self, ping_interval: float) -> None:
        """Read until the stream ends.

        ``on_message`` gets texts as bytes: the library would check their UTF-8 in Python, byte by byte, which
        takes longer than everything else that is done for a message.
        """
        self.run_forever(ping_interval=ping_interval, skip_utf8_validation=True)

    def create_dispatcher(self, *_: Any, **__: Any) -> Any:
        """The dispatcher that :meth:`run_forever` reads with."""
        return _Dispatcher(self)

    def send_together(self, texts: Sequence[str]) -> None:
        """Send texts, one frame each, in one write; raises ``WebSocketException`` and ``OSError``."""
        if self.sock is not None:
            self.sock.send_frame(_Frames(texts))


class _Frames(ABNF):
    """Several frames that are sent as one."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(opcode=ABNF.OPCODE_TEXT)
        self._texts = texts

    def format(self) -> bytes:
        return b"".join(ABNF.create_frame(each, ABNF.OPCODE_TEXT).format() for each in self._texts)


class _Dispatcher:
    """The part of websocket-client's own dispatcher that is used without reconnecting."""

    def __init__(self, app: Stream) -> None:
        self._app = app

    def read(self, sock: Any, read_frame: Callable[[], bool], check: Callable[[], bool]) -> None:
        """Read each frame as soon as part of it has arrived, until the stream ends."""
        if self._app.sock is None:
            return
        chunks = _Chunks(self._app.sock.frame_buffer)
        with selectors.DefaultSelector() as readable:
            readable.register(sock, selectors.EVENT_READ)
            while self._app.keep_running:
                is_there = chunks.has_more or _is_decrypted(sock) or readable.select(CHECK_INTERVAL)
                if is_there and not read_frame():
                    break
                check()

    def send(self, sock: Any, data: bytes) -> int:
        """Send some of the data; returns the number of bytes sent."""
        sent: int = sock.send(data)
        return sent


class _Chunks:
    """A buffer between a socket and the frame parser."""

    def __init__(self, frames: Any) -> None:
        self._receive, self._chunk, self._at = frames.recv, b"", 0
        frames.recv = self._take

    @property
    def has_more(self) -> bool:
        """Whether there is something to read without asking the socket."""
        return self._at < len(self._chunk)

    def _take(self, most: int) -> bytes:
        if not self.has_more:
            self._chunk, self._at = self._receive(READ_SIZE), 0
        taken = self._chunk[self._at : self._at + most]
        self._at += len(taken)
        return taken


def _is_decrypted(sock: Any) -> bool:
    """Whether TLS already holds bytes that the socket itself doesn't show."""
    return bool(getattr(sock, "pending", int)())

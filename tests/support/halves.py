"""Connections that keep a server waiting: half a request, a byte now and then, nothing, an unread answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from tests.support.posts import PATH

HEAD = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n".encode()
SENT = {
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
    "a byte now and then": HEAD + b"Content-Length: 500\r\n\r\n{",
    "nothing": b"",
    "an answer unread": b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
}
"""What a connection of each kind sends first."""
PAUSE = 0.2
"""Seconds between two of those bytes."""


@contextmanager
def half_open(port: int, count: int, kind: str) -> Iterator[list[socket.socket]]:
    """That many connections of this kind, all open at once."""
    done = threading.Event()
    with ExitStack() as stack:
        opened = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(count)
        ]
        for each in opened:
            send(each, SENT[kind])
        if kind == "a byte now and then":
            thread = threading.Thread(target=_trickle, args=(opened, done))
            thread.start()
            stack.callback(thread.join)
        stack.callback(done.set)
        yield opened


def send(connection: socket.socket, data: bytes) -> None:
    """Send it, unless the other side has hung up."""
    with suppress(OSError):
        connection.sendall(data)


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has hung up. Anything it sent before is read and discarded."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _trickle(connections: list[socket.socket], done: threading.Event) -> None:
    while not done.wait(PAUSE):
        for each in connections:
            send(each, b"x")

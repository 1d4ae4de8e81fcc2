"""A PostgreSQL that refuses everybody: what a test needs to hear each refusal from a real socket."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import IO

_ASKS_FOR_TLS = 80877103
"""https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST"""


class RefusingServer:
    """Listens in a `with` block, has no TLS, and ends each connection with its `message`."""

    def __init__(self, message: str) -> None:
        self.message = message
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> RefusingServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone wouldn't wake the thread.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._refuse(client)

    def _refuse(self, client: socket.socket) -> None:
        # A client that insists on TLS leaves before it has started a session.
        with client, client.makefile("rb") as sent, suppress(OSError):
            while _asked_for(sent) == _ASKS_FOR_TLS:
                client.sendall(b"N")
            fields = {"S": "FATAL", "V": "FATAL", "C": "28000", "M": self.message}
            body = b"".join(f"{kind}{value}\0".encode() for kind, value in fields.items()) + b"\0"
            client.sendall(b"E" + struct.pack("!I", len(body) + 4) + body)


def _asked_for(sent: IO[bytes]) -> int | None:
    """The number of the request at the start of a connection, or ``None`` after its end."""
    head = sent.read(8)
    if len(head) < 8:
        return None
    length, number = struct.unpack("!II", head)
    sent.read(length - 8)
    return int(number)

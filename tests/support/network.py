"""Keeps the test process on loopback: a test that connects elsewhere fails, even if the error is caught."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any
from urllib.parse import urlsplit

# Audit events (https://docs.python.org/3/library/audit_events.html) and which argument is the address. Unlike
# a patched socket class, they see every caller in the process.
WATCHED = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


class BeyondLoopbackError(OSError):
    """A test tried to reach another machine."""


class NetworkGuard:
    """While `active`, refuses addresses beyond this machine and records them in `refused`."""

    def __init__(self) -> None:
        self.active = False
        self.refused: list[str] = []
        self._given = urlsplit(os.environ.get("TEST_DATABASE_URL", "")).hostname

    def install(self) -> None:
        """Start watching. Python can't remove an audit hook, hence `active`."""
        self.active = True
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        position = WATCHED.get(event)
        if position is None or not self.active:
            return
        host = _host(arguments[position])
        if host and not is_loopback(host) and host != self._given:
            self.refused.append(f"{event} {host}")
            raise BeyondLoopbackError(f"Tests stay on loopback; refused {event} to {host}.")


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an IP address, is this machine."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _host(address: Any) -> str | None:
    """The host in a socket address; None if it names none, like a Unix socket or a wildcard."""
    if isinstance(address, tuple):
        address = address[0] if len(address) >= 2 else None
    elif isinstance(address, str) and "/" in address:
        return None
    if isinstance(address, bytes):
        address = address.decode(errors="replace")
    return address if isinstance(address, str) else None

"""Limits how many connections there may be, and how long each may keep us waiting.

waitress counts connections and closes those that do nothing for a while. That leaves two ways to shut Slack
out: at its limit it accepts nothing more, and a byte now and then keeps half a request open forever. So a
request must arrive in full within a time limit, and when there are too many connections, those that have kept
us waiting longest are closed. A request that has arrived in full always gets its answer.
"""

from __future__ import annotations

import heapq
import resource
import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import structlog
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

log = structlog.get_logger(__name__)

TICK = 0.25
"""The longest time between two checks of the connections, in seconds."""
ACCEPTED_AT_ONCE = 100
"""Connections accepted at once. One at a time, each would cost a check of all others while Slack waits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections there may be, and for how many seconds each may keep us waiting."""

    connections: int = 1000
    whole: float = 5.0
    """For a request to arrive in full, and for its answer to be read. Slack sends a request at once, and
    gives up after three seconds: https://docs.slack.dev/apis/events-api/#error-handling"""
    idle: float = 75.0
    """Between two requests. Load balancers keep connections for 60 seconds by default, and if we close one
    before they do, they may be sending the next request on it just then:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
    newcomers: float = 0.2
    """Before a connection may be closed to make room: a new one's first bytes take a moment to come."""


def affordable(limits: Limits) -> Limits:
    """The same limits, with at most a quarter as many connections as this process may open files.

    A connection needs up to two files, and so do the database and Slack.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = limits.connections if files == resource.RLIM_INFINITY else min(limits.connections, files // 4)
    return replace(limits, connections=most)


class Task(WSGITask):
    """Closes the connection after a 503: a load balancer that kept it would send us the next request, too."""

    def build_response_header(self) -> bytes:
        """The status line and headers; an application itself can't send ``Connection: close`` (PEP 3333)."""
        if self.status.startswith("503"):
            self.set_close_on_finish()
        return bytes(super().build_response_header())


class Channel(HTTPChannel):
    """A connection that knows how long it has kept us waiting."""

    task_class = Task

    def __init__(self, *args: Any, **options: Any) -> None:
        self.since = monotonic()
        self._has_been_answered = False
        super().__init__(*args, **options)

    def received(self, data: bytes) -> bool:
        """Take what has arrived; more bytes of the same request don't reset the clock."""
        before = self.request
        is_taken = bool(super().received(data))
        if self.request is not before:
            self.since = monotonic()
        return is_taken

    def write_soon(self, data: Any) -> int:
        """Take a piece of an answer; runs on the answering thread."""
        self.since = monotonic()
        self._has_been_answered = True
        return int(super().write_soon(data))

    def is_late(self, now: float, limits: Limits) -> bool:
        """Whether it has kept us waiting for longer than the limits allow, and may be closed."""
        is_between_requests = self._has_been_answered and not self._is_halfway
        return self.can_go(now, limits.idle if is_between_requests else limits.whole)

    def can_go(self, now: float, seconds: float) -> bool:
        """Whether it has kept us waiting for more than ``seconds``, and closing it loses no whole request."""
        if self.requests or now - self.since <= seconds:
            return False
        return self._is_halfway or not self._has_sent_more()

    def hang_up(self) -> None:
        """Make the loop close the connection even if nobody reads the answer; waitress itself would wait."""
        self.will_close = True
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    @property
    def _connection(self) -> Any:
        return self.socket

    @property
    def _is_halfway(self) -> bool:
        return self.request is not None or bool(self.total_outbufs_len)

    def _has_sent_more(self) -> bool:
        """Whether there is something that the loop hasn't had time to read."""
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False


class BoundedServer(TcpWSGIServer):
    """waitress's server, within ``limits``."""

    channel_class = Channel
    # The stubs don't declare these two.
    active_channels: dict[int, Any]  # type: ignore[assignment]
    _map: dict[int, Any]

    def __init__(self, *args: Any, limits: Limits, **options: Any) -> None:
        self._limits = limits
        # waitress also counts what it listens on: the socket and a pipe.
        super().__init__(*args, connection_limit=limits.connections + 2, cleanup_interval=1, **options)

    def run(self) -> None:
        """Serve until there is nothing left to listen to."""
        # select() fails for a file descriptor of 1024 or higher, and takes the loop down with it.
        wasyncore.loop(timeout=TICK, map=self._map, use_poll=True)

    def maintenance(self, _now: float) -> None:
        """Hang up on connections that are late."""
        moment = monotonic()
        self._hang_up("late", [each for each in self._channels() if each.is_late(moment, self._limits)])

    def readable(self) -> bool:
        """Whether there is room for more connections; at the limit, the idlest tenth is closed first."""
        if len(self.active_channels) >= self._limits.connections:
            moment = monotonic()
            idle = [each for each in self._channels() if each.can_go(moment, self._limits.newcomers)]
            some = max(1, self._limits.connections // 10)
            self._hang_up("too many", heapq.nsmallest(some, idle, key=lambda each: each.since))
        return bool(super().readable())

    def handle_accept(self) -> None:
        """Accept several waiting connections."""
        for _ in range(ACCEPTED_AT_ONCE):
            count = len(self.active_channels)
            if count >= self._limits.connections:
                return
            super().handle_accept()
            if len(self.active_channels) == count:
                return

    def _channels(self) -> list[Channel]:
        return list(self.active_channels.values())

    def _hang_up(self, why: str, channels: list[Channel]) -> None:
        for each in channels:
            each.hang_up()
        if channels:
            log.info("connections closed", why=why, count=len(channels))

"""The HTTP server: waitress, on a thread of its own."""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import suppress
from typing import Any

from waitress.wasyncore import close_all, dispatcher

from bot.domain.kit.errors import PortTaken
from bot.intake.http.connections import BoundedServer, Limits, affordable
from bot.intake.http.site import Site
from bot.intake.http.turns import PeopleFirst

BODY_LIMIT, HEADER_LIMIT = 1_000_000, 64_000
"""Bytes; Slack's own requests stay far below."""
IN_MEMORY = 100_000
"""Bytes; a larger body goes to a file, so that many half-sent ones don't fill the memory."""
BACKLOG = 4096
"""Connections that may wait to be accepted. One that is turned away retries after a second, and Slack waits
for three."""
FINISH_SECONDS = 5
"""For requests that are still being answered when the bot stops; Slack itself waits no longer than three."""


class Server:
    """Listens on one port; a body of more than ``BODY_LIMIT`` bytes gets a 413 without being read."""

    def __init__(self, site: Site, port: int, threads: int, limits: Limits | None = None) -> None:
        self._site, self._port, self._threads = site, port, threads
        self._limits = limits or Limits()
        self._channels: dict[int, Any] = {}
        # waitress warns about every request that waits for a thread.
        logging.getLogger("waitress").setLevel(logging.ERROR)

    def start(self) -> None:
        """Start listening; raises ``PortTaken``."""
        try:
            # On all interfaces: a container's port is reached from outside.
            listening = socket.create_server(("0.0.0.0", self._port), backlog=BACKLOG)  # noqa: S104
        except OSError as error:
            raise PortTaken(port=self._port) from error
        self._server: Any = BoundedServer(
            self._site,
            limits=affordable(self._limits),
            map=self._channels,
            # Already bound: otherwise a port that is taken would leave threads and sockets behind.
            _sock=listening,
            bind_socket=False,
            host="127.0.0.1",
            port=self._port,
            threads=self._threads,
            # waitress calls listen() again, and the last backlog counts.
            backlog=BACKLOG,
            dispatcher=PeopleFirst(self._threads),
            max_request_body_size=BODY_LIMIT,
            max_request_header_size=HEADER_LIMIT,
            inbuf_overflow=IN_MEMORY,
            ident=None,
        )
        self._loop = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._loop.start()

    def close(self) -> None:
        """Take nothing new, finish what is being answered, and drop the rest: Slack redelivers events."""
        server = self._server
        # The sockets belong to the loop's thread.
        server.trigger.pull_trigger(lambda: dispatcher.close(server))
        server.task_dispatcher.shutdown(timeout=FINISH_SECONDS)
        # The loop ends once there is nothing left to listen to, so it may already have ended.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: close_all(self._channels))
        self._loop.join(FINISH_SECONDS)

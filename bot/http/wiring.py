"""Puts the sites and their servers together; imported only where a port is set, since it isn't for free."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.batches import Batches
from bot.health import OK, Health
from bot.http.events import PATH, Events
from bot.http.metrics import CONTENT_TYPE, Metrics
from bot.http.server import Server
from bot.http.signatures import Signatures
from bot.http.site import Handler, Reply, Routes, Site
from bot.operations.transaction import Clock

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

AT_ONCE = 2
"""Looks at `/readyz`, and at `/metrics`. Both ask the database, and wait for as long as it makes them wait:
without a bound they would take the threads of Slack's requests, and each other's."""
FOR_LOOKS, FOR_SLACK = 2 * AT_ONCE + 1, 20
"""Threads. `/healthz` always finds one, so that nobody takes a slow database for a dead process."""
Stopping = Callable[[], bool]


def servers(port: int | None, metrics_port: int | None, slack: Routes, looks: Routes) -> tuple[Server, ...]:
    """One on each port that is set: looks come to ``metrics_port``, or else to ``port``, as Slack does."""
    made = []
    if port:
        routes = slack if metrics_port else {**looks, **slack}
        made.append(Server(Site(routes), port, FOR_LOOKS + (FOR_SLACK if slack else 0)))
    if metrics_port:
        made.append(Server(Site(looks), metrics_port, FOR_LOOKS))
    return tuple(made)


def slack(
    secret: str, clock: Clock, requests: Batches, is_ready: Callable[[], bool], is_stopping: Stopping
) -> Routes:
    """Where Slack posts to."""
    events = Events(requests, Signatures(secret, clock), is_ready)

    def taken(environ: WSGIEnvironment) -> Reply:
        # Nothing of it is done: Slack sends an event again, and tells people that a command failed.
        return Reply(503, "Stopping") if is_stopping() else events(environ)

    return {PATH: ("POST", taken)}


def looks(health: Health, metrics: Metrics, is_stopping: Stopping) -> Routes:
    """Where operators and their machines look."""

    def alive(_environ: WSGIEnvironment) -> Reply:
        return Reply(200, "alive")

    def ready(_environ: WSGIEnvironment) -> Reply:
        report = {"process": "stopping"} if is_stopping() else health.report()
        status = 200 if set(report.values()) == {OK} else 503
        return Reply(status, json.dumps(report), {"Content-Type": "application/json"})

    def figures(_environ: WSGIEnvironment) -> Reply:
        return Reply(200, metrics.page(), {"Content-Type": CONTENT_TYPE})

    return {
        "/healthz": ("GET", alive),
        "/readyz": ("GET", _bounded(ready)),
        "/metrics": ("GET", _bounded(figures)),
    }


def _bounded(handler: Handler) -> Handler:
    """The same handler for ``AT_ONCE`` requests at a time; others get 503 at once."""
    free = threading.Semaphore(AT_ONCE)

    def bounded(environ: WSGIEnvironment) -> Reply:
        if not free.acquire(blocking=False):
            return Reply(503, "Busy")
        try:
            return handler(environ)
        finally:
            free.release()

    return bounded

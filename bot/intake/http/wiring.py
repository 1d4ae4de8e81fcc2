"""Puts the sites and their servers together; imported only if a port is set, since importing it is slow."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.intake.batches import Batches
from bot.intake.health import OK, Health
from bot.intake.http.events import PATH, Events
from bot.intake.http.metrics import CONTENT_TYPE, Metrics
from bot.intake.http.server import Server
from bot.intake.http.signatures import Signatures
from bot.intake.http.site import Handler, Response, Routes, Site
from bot.operations.kit.transaction import Clock

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

AT_ONCE = 2
"""Requests at a time for `/readyz`, and for `/metrics`. Both query the database and wait as long as it takes:
without a limit they would use up the threads for Slack's requests, and each other's."""
FOR_LOOKS, FOR_SLACK = 2 * AT_ONCE + 1, 20
"""Threads. One is always free for `/healthz`, so that a slow database isn't mistaken for a dead process."""
Stopping = Callable[[], bool]


def servers(port: int | None, metrics_port: int | None, slack: Routes, looks: Routes) -> tuple[Server, ...]:
    """A server on each port that is set; checks go to ``metrics_port`` or else, like Slack, to ``port``."""
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
    """The routes that Slack posts to."""
    events = Events(requests, Signatures(secret, clock), is_ready)

    def taken(environ: WSGIEnvironment) -> Response:
        # Safe to refuse: Slack redelivers events, and shows people that their command failed.
        return Response(503, "Stopping") if is_stopping() else events(environ)

    return {PATH: ("POST", taken)}


def looks(health: Health, metrics: Metrics, is_stopping: Stopping) -> Routes:
    """The routes for operators and their monitoring."""

    def alive(_environ: WSGIEnvironment) -> Response:
        return Response(200, "alive")

    def ready(_environ: WSGIEnvironment) -> Response:
        report = {"process": "stopping"} if is_stopping() else health.report()
        status = 200 if set(report.values()) == {OK} else 503
        return Response(status, json.dumps(report), {"Content-Type": "application/json"})

    def figures(_environ: WSGIEnvironment) -> Response:
        return Response(200, metrics.page(), {"Content-Type": CONTENT_TYPE})

    return {
        "/healthz": ("GET", alive),
        "/readyz": ("GET", _bounded(ready)),
        "/metrics": ("GET", _bounded(figures)),
    }


def _bounded(handler: Handler) -> Handler:
    """The same handler for up to ``AT_ONCE`` requests at a time; others get 503 immediately."""
    free = threading.Semaphore(AT_ONCE)

    def bounded(environ: WSGIEnvironment) -> Response:
        if not free.acquire(blocking=False):
            return Response(503, "Busy")
        try:
            return handler(environ)
        finally:
            free.release()

    return bounded

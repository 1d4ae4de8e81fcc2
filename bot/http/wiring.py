"""Puts the site and its server together; imported only where a port is set, since it isn't for free."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.batches import Batches
from bot.health import OK, Health
from bot.http.events import PATH, Events
from bot.http.metrics import CONTENT_TYPE, Metrics
from bot.http.server import Server
from bot.http.signatures import Signatures
from bot.http.site import Reply, Routes, Site
from bot.operations.transaction import Clock

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

FOR_LOOKS, FOR_SLACK = 2, 20
"""Threads."""


def for_looks(port: int, health: Health, metrics: Metrics) -> Server:
    """A server that shows health and figures."""
    return Server(Site(_looks(health, metrics)), port, FOR_LOOKS)


def for_slack(
    port: int,
    secret: str,
    clock: Clock,
    requests: Batches,
    is_ready: Callable[[], bool],
    looks: tuple[Health, Metrics],
) -> Server:
    """A server that takes Slack's requests, too."""
    events = Events(requests, Signatures(secret, clock), is_ready)
    return Server(Site({**_looks(*looks), PATH: ("POST", events)}), port, FOR_LOOKS + FOR_SLACK)


def _looks(health: Health, metrics: Metrics) -> Routes:
    def alive(_environ: WSGIEnvironment) -> Reply:
        return Reply(200, "alive")

    def ready(_environ: WSGIEnvironment) -> Reply:
        report = health.report()
        status = 200 if set(report.values()) == {OK} else 503
        return Reply(status, json.dumps(report), {"Content-Type": "application/json"})

    def figures(_environ: WSGIEnvironment) -> Reply:
        return Reply(200, metrics.page(), {"Content-Type": CONTENT_TYPE})

    return {"/healthz": ("GET", alive), "/readyz": ("GET", ready), "/metrics": ("GET", figures)}

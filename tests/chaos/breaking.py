"""Slack refuses calls or is unavailable, or the connection to it breaks."""

from __future__ import annotations

import time
from time import monotonic

from tests.chaos.common import recovered, said, started
from tests.support.arena import Arena

RETRY_AFTER, AWAY = 2, 10.0
"""Seconds."""


def every_third_call(arena: Arena) -> float:
    """Seconds from the declaration until everything is done, each refusal having been waited out."""
    started(arena)
    arena.workspace.faults({"method": "*", "effect": "429", "every": 3, "retry_after": RETRY_AFTER})
    began = monotonic()
    arena.declare()
    arena.channel()
    for level in ("critical", "low"):
        arena.workspace.command(f"severity INC-1 {level}")
    return recovered(arena, began)


def slack_away(arena: Arena) -> float:
    """Seconds from Slack's return until everything that was asked for meanwhile is done."""
    started(arena)
    arena.declare("Something else")
    channel = arena.channel()
    arena.settle()
    arena.workspace.open_form("declare")
    arena.workspace.faults({"method": "*", "effect": "503"})
    began = monotonic()
    assert arena.submit(title="Database is slow")
    said(arena, 5, channel)
    assert "critical" in arena.workspace.command("severity INC-1 critical").lower()
    # An outage lasts, and the delays between retries grow with it.
    time.sleep(began + AWAY - monotonic())
    arena.workspace.faults()
    return recovered(arena, monotonic())


def silence(arena: Arena) -> float:
    """Seconds from the beginning of the silence until what was written during it is stored."""
    arena.expected.unacked.add("events_api")
    started(arena)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    arena.workspace.faults({"socket": "silence"})
    began = monotonic()
    said(arena, 5, channel)
    return recovered(arena, began)


def disconnect(arena: Arena) -> float:
    """Seconds from the disconnect until every message is stored."""
    arena.expected.unacked.add("events_api")
    started(arena)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    said(arena, 20, channel, "before")
    arena.workspace.faults({"socket": "disconnect"})
    began = monotonic()
    said(arena, 40, channel, "after")
    return recovered(arena, began)

"""Slack answers every third call with 429: Retry-After is respected, no call is early, all gets done."""

from __future__ import annotations

from typing import Any

from tests.support.arena import Arena
from tests.support.asking import incidents_channel
from tests.support.promises import declared_once

RETRY_AFTER = 2


def place(call: dict[str, Any]) -> tuple[str, Any]:
    """What Slack's limit applies to: a method, in a channel."""
    return call["name"], (call.get("request") or {}).get("channel")


def test_retry_after_is_obeyed_and_everything_gets_done(arena: Arena) -> None:
    arena.bot()
    incidents_channel(arena)
    arena.workspace.faults({"method": "*", "effect": "429", "every": 3, "retry_after": RETRY_AFTER})
    arena.declare()
    arena.channel()
    for level in ("critical", "low"):
        arena.workspace.command(f"severity INC-1 {level}")
    arena.settle(60)
    arena.workspace.faults()
    declared_once(arena.workspace)
    calls = [each for each in arena.log() if each["kind"] == "call"]
    refused = [each for each in calls if each["status"] == 429]
    assert len(refused) >= 3
    for each in refused:
        later = [call for call in calls if call["n"] > each["n"] and place(call) == place(each)]
        # Calls that were already in progress can't know of it.
        early = [
            call for call in later if each["ended"] < call["started"] < each["ended"] + RETRY_AFTER - 0.05
        ]
        assert early == [], (each, early)

"""SIGTERM while messages and declarations come in: out in 15 s with exit code 0, and nothing is lost."""

from __future__ import annotations

import time
from datetime import timedelta

from tests.faults.arena import Arena
from tests.faults.people import all_recorded
from tests.scenarios.promises import declared_once

LIMIT = 15.0
"""Seconds."""


def test_it_ends_in_time_and_the_next_process_goes_on(arena: Arena) -> None:
    arena.expected.unacked |= {"events_api"}
    bot = arena.process()
    bot.start()
    arena.declare("Something else")
    channel = arena.channel()
    arena.workspace.faults({"method": "*", "effect": "delay", "seconds": 0.3})
    arena.declare()
    for number in range(100):
        arena.workspace.say(f"fact {number}", channel)
    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < LIMIT
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    declared_once(arena.workspace, 2)
    all_recorded(arena, 100)

"""SIGTERM while messages come in and a declaration's calls are in progress: exit code 0 within 15 s.

Promised: nothing is lost, neither what was acked nor what was written while nobody listened.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.support.arena import Arena
from tests.support.asking import all_recorded
from tests.support.people import eventually
from tests.support.promises import declared_once

FACTS = 120
LIMIT = 15.0
"""Seconds."""


def said(arena: Arena) -> int:
    """The number of messages that people have written in the incident's channel."""
    [channel] = [
        each for each in arena.sandbox.store.workspace.channels.values() if each.name.startswith("inc-1-")
    ]
    return len([each for each in list(channel.messages.values()) if each.text.startswith("fact")])


def test_it_ends_in_time_and_the_next_process_continues(arena: Arena) -> None:
    arena.expected.unacked |= {"events_api"}
    bot = arena.process()
    bot.start()
    arena.declare("Something else")
    channel = arena.channel()
    arena.workspace.faults({"method": "*", "effect": "delay", "seconds": 0.3})
    arena.declare()
    with ThreadPoolExecutor(1) as load:
        written = load.map(lambda number: arena.workspace.say(f"fact {number}", channel), range(FACTS))
        eventually(lambda: said(arena) > FACTS / 4)
        began = time.monotonic()
        assert bot.stop() == 0
        assert time.monotonic() - began < LIMIT
        assert len(list(written)) == FACTS
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    declared_once(arena.workspace, 2)
    all_recorded(arena, FACTS)

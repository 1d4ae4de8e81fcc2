"""The bot's process ends in the middle of something, and another one begins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from tests.chaos.common import recovered, said, started
from tests.support.arena import Arena
from tests.support.asking import struck
from tests.support.people import eventually


def before_the_channel(arena: Arena) -> float:
    """Seconds from the kill until the incident has its channel and everything that belongs in it."""
    [bot] = started(arena)
    name = "inc-1-database-is-slow"
    arena.workspace.faults({"method": "conversations.create", "channel": name, "effect": "hang_before"})
    arena.declare()
    eventually(lambda: struck(arena))
    killed = monotonic()
    bot.kill()
    arena.workspace.faults()
    bot.start()
    return recovered(arena, killed)


def after_acks(arena: Arena) -> float:
    """Seconds from the last kill until every message is in the timeline."""
    arena.expected.unacked.add("events_api")
    [bot] = started(arena)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    killed = 0.0
    for turn in range(3):
        said(arena, 20, channel, f"fact {turn}/")
        arena.settle_deliveries()
        killed = monotonic()
        bot.kill()
        bot.start()
    return recovered(arena, killed)


def sigterm(arena: Arena) -> float:
    """Seconds from the signal until the next process has done what was left; the first exits with code 0."""
    arena.expected.unacked.add("events_api")
    [bot] = started(arena)
    arena.declare("Something else")
    channel = arena.channel()
    arena.workspace.faults({"method": "*", "effect": "delay", "seconds": 0.3})
    arena.declare()
    with ThreadPoolExecutor(1) as load:
        written = load.submit(said, arena, 120, channel)
        eventually(lambda: len(arena.rows("SELECT 1 FROM timeline_entries WHERE kind = 'message'")) > 30)
        asked = monotonic()
        assert bot.stop() == 0
        written.result()
    arena.workspace.faults()
    bot.start()
    return recovered(arena, asked)

"""What the promises share: waiting until all is as it should be, and the stopwatch."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from tests.support.arena import UNFINISHED, Arena
from tests.support.bots import BotProcess
from tests.support.found import facts
from tests.support.people import eventually

PATIENCE = 90.0
"""Seconds after which a row of the table says that the bot hasn't recovered."""


def started(arena: Arena, count: int = 1) -> list[BotProcess]:
    """Bots in processes of their own, connected, with nothing left to do."""
    bots = [arena.process() for _ in range(count)]
    for each in bots:
        each.start()
    eventually(lambda: any(each["name"] == "incidents" for each in arena.workspace.state()["channels"]))
    arena.settle()
    return bots


def recovered(arena: Arena, since: float, also: Callable[[], object] = lambda: True) -> float:
    """Seconds from ``since`` until nothing is left to do, no message is missing, and `also` is true."""

    def is_well() -> bool:
        if arena.rows(UNFINISHED) or not also():
            return False
        written, stored = facts(arena)
        return written.keys() <= stored.keys()

    eventually(is_well, PATIENCE)
    return monotonic() - since


def said(arena: Arena, count: int, channel: str, what: str = "fact") -> None:
    """Write that many messages in the channel, one after another."""
    for number in range(count):
        arena.workspace.say(f"{what} {number}", channel)

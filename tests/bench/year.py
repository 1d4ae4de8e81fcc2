"""A year of use: two million messages, five million effects that are done, and the requests behind them.

Each operation takes turns on that database and on one that has only the incidents that are still open.
``BENCH_YEAR=0.02`` measures a smaller year.
"""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from bot.domain.incidents.model import IncidentSeverity, NewIncident
from bot.domain.kit.people import Person
from bot.domain.outbox.effects import SendDigest
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import Planned
from bot.domain.surface.answers import Answer, IncidentList, ItemList, Timeline, Tray
from bot.listeners.commands import COMMANDS
from bot.operations.alarms import AlarmClock
from bot.operations.answers import Answers
from bot.operations.incidents.manage import IncidentManager
from bot.operations.outbox import Outbox
from bot.parts import alarm_handlers
from storage import outbox, people
from storage.database import Database
from tests.bench.figures import ms, p99
from tests.bench.year_of_use import OPEN, Year, fill
from tests.support import slackish
from tests.support.measures import Figure
from tests.support.places import BOTH, Place, bot, goal
from tests.support.slackish import Slackish

SHARE = float(os.environ.get("BENCH_YEAR", "1"))
WHOLE = Year()
MEASURED = Year(incidents=max(2 * OPEN, int(WHOLE.incidents * SHARE)))
TURNS = 200
RATIO, ABOVE = 1.2, 0.002
"""An operation may take this many times as long, or this many seconds longer, whichever is more."""
ACK_SECONDS, ACKS_ABOVE = 20, 0.02
_ROOM = dict.fromkeys(Queue, 12)
_numbers = itertools.count(1)


def year(server: Slackish, _rounds: int) -> list[Figure]:
    """What people and the worker wait for after a year, and while what is old is purged; once."""
    return [line for engine, fresh in BOTH for line in _of(server, engine, fresh)]


def _of(server: Slackish, engine: str, fresh: Any) -> Iterator[Figure]:
    effects = MEASURED.incidents * MEASURED.rows
    messages = MEASURED.incidents * MEASURED.messages
    with ExitStack() as stack:
        small, large = (stack.enter_context(fresh()) for _ in range(2))
        fill(small, MEASURED, first=MEASURED.incidents - OPEN + 1)
        fill(large, MEASURED)
        name = f"after {messages:,} messages and {effects:,} effects, {engine}"
        for what, few, many in _in_turns(small, large):
            is_met = many <= max(RATIO * few, few + ABOVE)
            yield goal(f"{name}: {what}", ms(many), "≤ 1.2x or + 2 ms", is_met=is_met, beside=ms(few))
        yield from _purging(server, large, name)


@dataclass
class Desk:
    """What is measured on one database."""

    place: Place
    database: Database = field(init=False)
    times: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database = Database(self.place.url)
        self.database.run(lambda tx: people.save(tx, [Person("U1", "ana", "UTC")], _now()))
        self._clock = AlarmClock(self.database, _now, alarm_handlers(self.database, _now))
        self._outbox, self._answers = Outbox(self.database, _now), Answers(self.database, _now, COMMANDS)
        self._manager = IncidentManager(self.database, _now)
        self._held = list[int]()
        self._settle()

    def close(self) -> None:
        """Disconnect."""
        self.database.close()

    def turn(self, what: str) -> None:
        """Do it once."""
        began = perf_counter()
        self._work()[what]()
        self.times.setdefault(what, []).append(perf_counter() - began)
        self._settle()

    def _work(self) -> Mapping[str, Callable[[], object]]:
        return {
            "tick": self._tick,
            "claim": self._claim,
            "declare": self._declare,
            "home": lambda: self._answers.home("U1"),
            **{name: partial(self._answers.load, answer, "U1") for name, answer in _SHOWN.items()},
        }

    def _tick(self) -> None:
        self._clock.ring()
        self._outbox.look("bench", self._held, _ROOM)

    def _claim(self) -> None:
        key = f"digest/U1/{next(_numbers)}"
        planned = [Planned(SendDigest("U1", "2026-W01"), key, "digest/U1")]
        self.database.run(lambda tx: outbox.add(tx, planned, _now()))
        found = self._outbox.look("bench", self._held, _ROOM)
        [row] = self._outbox.claim("bench", found.ids, self._held, _ROOM)
        self._outbox.finish(row, None)

    def _declare(self) -> None:
        new = NewIncident("Database is slow", IncidentSeverity.HIGH)
        self._manager.declare_incident(new, by="U1", key=f"V{next(_numbers)}")

    def _settle(self) -> None:
        """Leave nothing for the next one to do."""
        self.place.run("UPDATE outbox SET state = 'done' WHERE state = 'waiting'")


_SHOWN: Mapping[str, Answer] = {
    "list": IncidentList(),
    "list all": IncidentList(active_only=False),
    "actions": ItemList(),
    "tray": Tray(MEASURED.incidents),
    "timeline": Timeline(MEASURED.incidents),
    "timeline all": Timeline(MEASURED.incidents, everything=True),
}
OPERATIONS = ("tick", "claim", "declare", "home", *_SHOWN)


def _in_turns(small: Place, large: Place) -> Iterator[tuple[str, float, float]]:
    """Each operation, with its median seconds on either database."""
    with closing(Desk(small)) as few, closing(Desk(large)) as many:
        for what in OPERATIONS:
            for _ in range(TURNS):
                few.turn(what)
                many.turn(what)
            yield what, statistics.median(few.times[what]), statistics.median(many.times[what])


def _purging(server: Slackish, place: Place, name: str) -> Iterator[Figure]:
    """The acks of a bot that keeps everything, and of one that purges."""
    quiet, _ = _acks(server, place, keep_days="3650")
    busy, purged = _acks(server, place, keep_days="7")
    told = f"{ms(p99(busy))} of {len(busy):,}, {purged:,} rows purged"
    is_met = p99(busy) <= p99(quiet) + ACKS_ABOVE and purged > 0
    yield goal(f"{name}: p99 of acks while purging", told, "≤ + 20 ms", is_met=is_met, beside=ms(p99(quiet)))


def _acks(server: Slackish, place: Place, keep_days: str) -> tuple[list[float], int]:
    """Seconds to each ack, and the number of rows that were purged meanwhile."""
    before = _count(place)
    with bot(server, place, KEEP_DAYS=keep_days):
        time.sleep(2)
        times, until = list[float](), time.monotonic() + ACK_SECONDS
        while time.monotonic() < until:
            number = next(_numbers)
            asked = (slackish.command(number), slackish.message(number, f"C{MEASURED.incidents}"))
            times += [server.ack_within(each, 3) for each in asked]
    return times, before - _count(place)


def _count(place: Place) -> int:
    """The rows of last year."""
    old = place.time(str(int((_now() - timedelta(days=7)).timestamp())))
    effects = place.one(f"SELECT count(*) FROM outbox WHERE created_at < {old}")
    return int(effects + place.one(f"SELECT count(*) FROM inbound WHERE received_at < {old}"))


def _now() -> datetime:
    return datetime.now(UTC)

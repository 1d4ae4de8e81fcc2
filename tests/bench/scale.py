"""Loading list, tray and timeline with 1,000 and with 100,000 incidents, on both engines."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, text, update

from bot.domain.kit.people import Person
from bot.domain.surface.answers import Answer, IncidentList, Timeline, Tray
from bot.listeners.commands import COMMANDS
from bot.operations.action_items.reminders import Reminders
from bot.operations.answers import Answers
from storage import people
from storage.alarms import AT_ONCE
from storage.database import Database
from storage.tables import action_items, incidents, timeline_entries
from tests.support.postgres import databases

NOW = datetime(2026, 1, 7, 9, 30, tzinfo=UTC)
SIZES = ((1_000, 10_000), (100_000, 1_000_000))
VIEWER = "U1"
_AT_ONCE = 5_000


def measured() -> Iterator[tuple[str, str, float, float]]:
    """Engine, what is looked at, and the median seconds with few incidents and with many."""
    for engine, fresh in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        small, large = (_times(fresh, *size) for size in SIZES)
        for name, seconds in small.items():
            yield engine, name, seconds, large[name]


def ticks() -> Iterator[tuple[str, float, float]]:
    """Engine, and the seconds that planning 100 due reminders takes among 1,000 and 100,000 open items."""
    for engine, fresh in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        small, large = (_tick(fresh, count) for count in (1_000, 100_000))
        yield engine, small, large


def _tick(fresh: Any, count: int) -> float:
    with fresh() as url:
        database = Database(url)
        database.migrate()
        database.run(lambda tx: people.save(tx, [Person(VIEWER, "ana", "UTC")], NOW))
        _fill(database, incidents, (_incident(number) for number in range(1, 101)))
        _fill(database, action_items, (_item(number) for number in range(1, count + 1)))
        if not database.is_sqlite:
            database.run(lambda tx: tx.execute(text("ANALYZE")))
        reminders = Reminders(database, lambda: NOW)
        times = []
        for round_ in range(7):
            due = action_items.c.id.between(round_ * 100 + 1, round_ * 100 + 100)
            database.run(partial(_fall_due, due))
            started = perf_counter()
            while AT_ONCE in (reminders.plan_due(), reminders.plan_digests()):
                pass
            times.append(perf_counter() - started)
        database.close()
        return statistics.median(times[1:])


def _fall_due(due: ColumnElement[bool], tx: Connection) -> None:
    tx.execute(update(action_items).where(due).values(remind_at=NOW, planned_after=NOW - timedelta(days=1)))


def _item(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "incident_id": number % 100 + 1,
        "title": f"Thing {number}",
        "description": "",
        "assigned_to": VIEWER,
        "status": "open",
        "priority": "medium",
        "due_date": NOW.date(),
        "created_by": VIEWER,
        "created_at": NOW,
        "updated_at": NOW,
        "assigned_at": NOW,
        "planned_after": NOW,
        "remind_at": NOW + timedelta(days=number % 300 + 1),
        "metadata": {},
    }


def _times(fresh: Any, count: int, entries: int) -> dict[str, float]:
    with fresh() as url:
        database = Database(url)
        database.migrate()
        _fill(database, incidents, (_incident(number) for number in range(1, count + 1)))
        _fill(database, timeline_entries, (_entry(number, count) for number in range(entries)))
        if not database.is_sqlite:
            database.run(lambda tx: tx.execute(text("ANALYZE")))
        answers = Answers(database, lambda: NOW, COMMANDS)
        asked: dict[str, Answer] = {
            "list": IncidentList(),
            "list all": IncidentList(active_only=False),
            "tray": Tray(500),
            "timeline page": Timeline(500, everything=True),
        }
        found = {name: _median(answers, answer) for name, answer in asked.items()}
        database.close()
        return found


def _median(answers: Answers, answer: Answer) -> float:
    times = []
    for _ in range(60):
        started = perf_counter()
        answers.load(answer, VIEWER)
        times.append(perf_counter() - started)
    return statistics.median(times[10:])


def _fill(database: Database, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    with database.engine.begin() as connection:
        for row in rows:
            batch.append(row)
            if len(batch) == _AT_ONCE:
                connection.execute(insert(table), batch)
                batch = []
        if batch:
            connection.execute(insert(table), batch)


def _incident(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "project_id": f"project {number % 50}",
        "title": f"Incident {number}",
        "severity": ("critical", "high", "medium", "low")[number % 4],
        "status": "open" if number % 500 == 0 else "closed",
        "declared_at": NOW,
        "declared_by": VIEWER,
        "channel_name": f"inc-{number}",
        "channel_id": f"C{number}",
        "metadata": {},
        "is_private": number % 100 == 7,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _entry(number: int, incidents_there: int) -> dict[str, Any]:
    incident = number % incidents_there + 1
    return {
        "incident_id": incident,
        "kind": "status" if number < incidents_there else "message",
        "at": NOW + timedelta(seconds=number),
        "by": VIEWER,
        "text": "what was written in the channel",
        "files": [],
        "channel_id": f"C{incident}",
        "ts": f"17{number:08}.000100",
        "is_seen": True,
        "is_deleted": False,
    }


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/muster.db"


@contextmanager
def _postgresql() -> Iterator[str]:
    with databases() as found, found.fresh() as url:
        yield url

"""Everything that people can do, on one database, with a clock that moves only when it is told to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select

from bot.domain.effects import (
    ChannelMade,
    Claimed,
    CreateChannel,
    MessagePosted,
    Outcome,
    PostUpdate,
    ShowAnnouncement,
    ShowCard,
)
from bot.domain.forms import DeclareInput
from bot.domain.incidents import Incident, IncidentSeverity, IncidentStatus, NewIncident
from bot.domain.people import Person
from bot.domain.timeline import EntryKind, TimelineEntry
from bot.listeners.commands import COMMANDS
from bot.operations.answers import Answers
from bot.operations.deliveries import Deliveries
from bot.operations.incidents import IncidentManager
from bot.operations.people import People
from bot.operations.timeline import TimelineRecorder
from storage import people, timeline
from storage.database import Database
from storage.tables import incidents, outbox
from tests.domain.examples import NOW
from tests.storage.rows import states

MEMBERS = ("ANA", "BEN", "CHEN")
OUTSIDERS = (
    Person("GUEST", "Gus", is_guest=True),
    Person("STRANGER", "Sam", is_stranger=True),
    Person("BOT", "Robot", is_bot=True),
    Person("LEFT", "Lee", is_deleted=True),
)
NOBODIES = (*(person.id for person in OUTSIDERS), "UNHEARD_OF")
"""Everybody who may not act."""

keys = (f"request/{number}" for number in itertools.count(1))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


@dataclass
class Office:
    """The operations, and short words for what tests do with them."""

    database: Database
    clock: Clock
    manager: IncidentManager
    recorder: TimelineRecorder
    answers: Answers
    deliveries: Deliveries
    people: People
    slacks_people: dict[str, Mapping[str, Any]]
    """Whom Slack knows when it is asked."""
    asked: list[str]
    """Whom Slack was asked for."""

    def declare(
        self, title: str = "Database is slow", by: str = "ANA", key: str | None = None, **values: Any
    ) -> Incident:
        """Declare an incident."""
        new = NewIncident(title, values.pop("severity", IncidentSeverity.HIGH), **values)
        return self.manager.declare_incident(new, by=by, key=key or next(keys))

    def fill_in(self, by: str = "ANA", key: str | None = None, **values: Any) -> Incident:
        """Declare by submitting the form."""
        fields = {
            "title": "",
            "severity": IncidentSeverity.HIGH,
            "project": None,
            "description": "",
            "source_channel": None,
            "source_ts": None,
        }
        return self.manager.declare_from_form(
            DeclareInput(**{**fields, **values}), by=by, key=key or next(keys)
        )

    def step(
        self, incident: Incident, status: str, by: str = "ANA", note: str = "", key: str = ""
    ) -> Incident:
        """Take a step."""
        return self.manager.update_status(
            incident.id, IncidentStatus(status), by=by, key=key or next(keys), note=note
        )

    def entries(self, incident: Incident, kind: EntryKind | None = None) -> list[TimelineEntry]:
        """The timeline."""
        found = self.database.run(partial(timeline.find, incident_id=incident.id, everything=True))
        return [entry for entry in found if kind in {None, entry.kind}]

    def rows(self) -> dict[str, str]:
        """The state of every outbox row by its key."""
        return states(self.database)

    def count_incidents(self) -> int:
        """How many incidents there are."""
        count = select(func.count()).select_from(incidents)
        return self.database.run(lambda tx: int(tx.execute(count).scalar_one()))

    def claim(self, limit: int = 100) -> dict[str, Claimed]:
        """Claim what is due, by key."""
        return {row.key: row for row in self.deliveries.claim("worker", limit)}

    def perform_all(self, refuse: Callable[[Claimed], bool] = lambda _row: False) -> list[str]:
        """Perform everything as if Slack said yes; the keys in the order in which it was done."""
        done: list[str] = []
        while held := [row for row in self.claim().values() if not refuse(row)]:
            for row in held:
                self.deliveries.finish(row, outcome_of(row))
                done.append(row.key)
        return done

    def column(self, key: str, name: str) -> Any:
        """A column of an outbox row."""
        query = select(outbox.c[name]).where(outbox.c.key == key)
        return self.database.run(lambda tx: tx.execute(query).scalar_one())


def outcome_of(row: Claimed) -> Outcome:
    """What Slack would have made of it."""
    effect = row.effect
    if isinstance(effect, CreateChannel):
        return ChannelMade(effect.incident_id, f"C{effect.incident_id}", f"inc-{effect.incident_id}-made")
    if isinstance(effect, ShowCard):
        return MessagePosted(f"INC-{effect.incident_id}/card", f"C{effect.incident_id}", "1700000001.000100")
    if isinstance(effect, ShowAnnouncement):
        return MessagePosted(f"INC-{effect.incident_id}/announcement", "C0ALL", "1700000002.000100")
    if isinstance(effect, PostUpdate):
        ts = f"17000001{effect.entry_id:02}.000100"
        return MessagePosted(row.key, f"C{effect.incident_id}", ts, entry_id=effect.entry_id)
    return None


def open_office(database: Database) -> Office:
    """An office with three members and four who may not act."""
    clock, slacks_people, asked = Clock(), dict[str, Mapping[str, Any]](), list[str]()

    def look_up(user_id: str) -> Mapping[str, Any] | None:
        asked.append(user_id)
        return slacks_people.get(user_id)

    known = [*(Person(name, name.title(), "Europe/Berlin") for name in MEMBERS), *OUTSIDERS]
    database.run(partial(people.save, known=known, now=NOW))
    return Office(
        database,
        clock,
        IncidentManager(database, clock),
        TimelineRecorder(database, clock),
        Answers(database, clock, COMMANDS),
        Deliveries(database, clock),
        People(database, clock, look_up),
        slacks_people,
        asked,
    )

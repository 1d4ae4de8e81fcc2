"""Everything that people can do, on one database, with a clock that only moves when a test moves it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.incidents.model import Incident, IncidentSeverity, IncidentStatus, NewIncident
from bot.domain.incidents.planned import failures_key
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.people import Person
from bot.domain.outbox.effects import CreateChannel, PostUpdate, ReportFailures, ShowAnnouncement, ShowCard
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import ChannelMade, Claimed, MessagePosted, Outcome
from bot.domain.projects.model import Project
from bot.domain.settings import ReminderSettings, SettingsGroup, fingerprint
from bot.domain.settings_fields import Typed, names_in
from bot.domain.surface.forms import DeclareInput, ProjectInput, SettingsInput
from bot.listeners.commands import COMMANDS
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.alarms import AlarmClock
from bot.operations.answers import Answers
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.calendar.sync import CalendarSync
from bot.operations.calendar.time_blocks import TimeBlocks
from bot.operations.checklists.manage import IncidentChecklists
from bot.operations.checklists.settings import ChecklistTemplates
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.groups import UserGroups
from bot.operations.incidents.briefing import Briefings
from bot.operations.incidents.calls import IncidentCalls
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.comers import Comers
from bot.operations.incidents.manage import IncidentManager
from bot.operations.incidents.roles import IncidentRoles
from bot.operations.incidents.timeline import TimelineRecorder
from bot.operations.outbox import Outbox
from bot.operations.pages.manage import IncidentPages
from bot.operations.people import People
from bot.operations.performer_reads import PerformerReads
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.postmortems.reminders import PostmortemDuties
from bot.operations.privacy.manage import ChannelPrivacy
from bot.operations.projects.manage import Projects
from bot.operations.settings import WorkspaceSettings
from bot.operations.startup import Startup
from bot.operations.updates.manage import IncidentUpdates
from bot.parts import alarm_handlers
from storage import people, projects, timeline_reads
from storage.database import Database
from storage.tables import incidents
from tests.support.examples import NOW
from tests.support.rows import states

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
    """A clock that only moves when a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


@dataclass
class Office:
    """The operations, and shorthand for what tests do with them."""

    database: Database
    clock: Clock
    manager: IncidentManager
    recorder: TimelineRecorder
    answers: Answers
    outbox: Outbox
    startup: Startup
    performer_reads: PerformerReads
    channels: Channels
    people: People
    items: ActionItemTracker
    settings: WorkspaceSettings
    whys: FiveWhysFacilitator
    postmortems: PostmortemManager
    duties: PostmortemDuties
    meetings: PostmortemMeetings
    blocks: TimeBlocks
    sync: CalendarSync
    privacy: ChannelPrivacy
    updates: IncidentUpdates
    roles: IncidentRoles
    briefings: Briefings
    calls: IncidentCalls
    groups: UserGroups
    projects: Projects
    comers: Comers
    pages: IncidentPages
    checklists: IncidentChecklists
    templates: ChecklistTemplates
    slacks_people: dict[str, Mapping[str, Any]]
    """What Slack returns when it is asked about a person."""
    asked: list[str]
    """The ids of the people Slack was asked about."""
    held: list[int] = field(default_factory=list)
    """The rows that the worker is performing."""

    def declare(
        self, title: str = "Database is slow", by: str = "ANA", key: str | None = None, **values: Any
    ) -> Incident:
        """Declare an incident."""
        new = NewIncident(title, values.pop("severity", IncidentSeverity.HIGH), **values)
        return self.manager.declare_incident(new, by=by, key=key or next(keys))

    def add_project(self, name: str = "Checkout", key: str = "", **values: Any) -> Project:
        """Have an admin add a project, or change the one with the ``project_id``."""
        self.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
        filled = ProjectInput(values.pop("project_id", None), values.pop("was", ""), name, **values)
        self.projects.save(filled, by="BOSS", key=key or next(keys))
        found = self.database.run(projects.everything)
        return max(found, key=lambda each: (each.updated_at, each.id))

    def connect_calendar(
        self, calendar_id: str | None = "team@acme.example", *, makes_calls: bool = False
    ) -> None:
        """Start with a calendar, or with none."""
        self.startup.prepare("incidents", calendar_id=calendar_id, makes_calls=makes_calls)

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

    def set_up(self, group: SettingsGroup, by: str = "BOSS", **typed: Typed) -> ReminderSettings:
        """Submit the group's form with these fields; ``by`` has to be an admin."""
        found = self.settings.form(group.value, by=by).settings.own
        filled = SettingsInput(group, fingerprint(found, names_in(group)), typed)
        return self.settings.save(filled, by=by, key=next(keys))

    def step(
        self, incident: Incident, status: str, by: str = "ANA", note: str = "", key: str = ""
    ) -> Incident:
        """Change the status."""
        return self.manager.update_status(
            incident.id, IncidentStatus(status), by=by, key=key or next(keys), note=note
        )

    def entries(self, incident: Incident, kind: EntryKind | None = None) -> list[TimelineEntry]:
        """The timeline."""
        found = self.database.run(partial(timeline_reads.find, incident_id=incident.id, everything=True))
        return [entry for entry in found if kind in {None, entry.kind}]

    def facts(self, incident: Incident, kind: EntryKind) -> list[tuple[str | None, ...]]:
        """Who, from, to and why of each change of that kind, oldest first."""
        return [
            (entry.by, entry.from_value, entry.to_value, entry.text) for entry in self.entries(incident, kind)
        ]

    def ring(self) -> None:
        """Handle whatever is due, as the worker does every few seconds."""
        AlarmClock(self.database, self.clock, alarm_handlers(self.database, self.clock)).ring()

    def rows(self) -> dict[str, str]:
        """The state of every outbox row by its key."""
        return states(self.database)

    def count_incidents(self) -> int:
        """The number of incidents."""
        count = select(func.count()).select_from(incidents)
        return self.database.run(lambda tx: int(tx.execute(count).scalar_one()))

    def claim(self, limit: int = 100) -> dict[str, Claimed]:
        """Claim the due rows; returns them by key."""
        room = dict.fromkeys(Queue, limit)
        found = self.outbox.look("worker", self.held, room).ids
        taken = self.outbox.claim("worker", found, self.held, room)
        self.held += [row.id for row in taken]
        return {row.key: row for row in taken}

    def perform_all(self) -> list[set[str]]:
        """Perform everything as if every call to Slack succeeded; returns the keys of each round."""
        rounds: list[set[str]] = []
        while held := self.claim():
            for row in held.values():
                self.outbox.finish(row, self.outcome_of(row))
            rounds.append(set(held))
        return rounds

    def perform_until(self, key: str) -> Claimed:
        """Perform everything that is due up to the row with this key; claim that row and return it."""
        found: Claimed | None = None
        while found is None:
            held = self.claim()
            assert held, self.rows()
            found = held.pop(key, None)
            for row in held.values():
                self.outbox.finish(row, self.outcome_of(row))
        return found

    def outcome_of(self, row: Claimed) -> Outcome:
        """The outcome if Slack had performed it."""
        match row.effect:
            case CreateChannel(number):
                return ChannelMade(number, f"C{number}", f"inc-{number}-made")
            case ShowCard(number):
                declared = self.performer_reads.declaration(number)
                assert declared
                return MessagePosted(
                    f"INC-{number}/card", f"C{number}", "1700000001.000100", entry_id=declared.id
                )
            case ShowAnnouncement(number):
                return MessagePosted(f"INC-{number}/announcement", "C0ALL", "1700000002.000100")
            case ReportFailures(number):
                return MessagePosted(failures_key(number), "D1", "1700000003.000100")
            case PostUpdate(number, entry_id):
                ts = f"17000001{entry_id:02}.000100"
                return MessagePosted(row.key, f"C{number}", ts, entry_id=entry_id)
            case _:
                return None


def open_office(database: Database) -> Office:
    """An office with three members and four people who may not act."""
    clock, slacks_people, asked = Clock(), dict[str, Mapping[str, Any]](), list[str]()

    def look_up(user_id: str) -> Mapping[str, Any] | None:
        asked.append(user_id)
        return slacks_people.get(user_id)

    known = [
        *(
            Person(name, name.title(), "Europe/Berlin", email=f"{name.lower()}@acme.example")
            for name in MEMBERS
        ),
        *OUTSIDERS,
    ]
    database.run(partial(people.save, known=known, now=NOW))
    return Office(
        database,
        clock,
        IncidentManager(database, clock),
        TimelineRecorder(database, clock),
        Answers(database, clock, COMMANDS),
        Outbox(database, clock),
        Startup(database, clock),
        PerformerReads(database, clock),
        Channels(database, clock),
        People(database, clock, look_up),
        ActionItemTracker(database, clock),
        WorkspaceSettings(database, clock),
        FiveWhysFacilitator(database, clock),
        PostmortemManager(database, clock),
        PostmortemDuties(database, clock),
        PostmortemMeetings(database, clock),
        TimeBlocks(database, clock),
        CalendarSync(database, clock),
        ChannelPrivacy(database, clock),
        IncidentUpdates(database, clock),
        IncidentRoles(database, clock),
        Briefings(database, clock),
        IncidentCalls(database, clock),
        UserGroups(database, clock),
        Projects(database, clock),
        Comers(database, clock),
        IncidentPages(database, clock),
        IncidentChecklists(database, clock),
        ChecklistTemplates(database, clock),
        slacks_people,
        asked,
    )


@pytest.fixture
def office(database: Database) -> Office:
    """An office on an empty database of either engine."""
    return open_office(database)

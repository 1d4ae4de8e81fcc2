"""Purging what is old loses nothing, and nothing is planned a second time because its key is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.domain.action_items.model import NewActionItem
from bot.domain.calendar.time_blocks import BlockStatus
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings
from bot.domain.surface.forms import PageInput, UpdateInput
from bot.operations.retention import Position, Retention
from storage import settings, time_blocks
from storage.alarms import AlarmKind
from storage.database import Database
from tests.support.databases import emptied
from tests.support.office import Office, keys, open_office
from tests.support.rows import purge

SENT = {
    AlarmKind.ITEM_REMINDER: "AI-1/reminder/",
    AlarmKind.DIGEST: "digest/",
    AlarmKind.POSTMORTEM_REMINDER: "/postmortem/reminder/",
    AlarmKind.NUDGE: "WHY-1/nudge/",
    AlarmKind.UPDATE_NUDGE: "/update/1/nudge/",
    AlarmKind.CALENDAR_POLL: "calendar/sync/",
    AlarmKind.MISSING_COMMANDER: "/notice/no_commander",
    AlarmKind.UNSEEN: "/page/1/unseen/",
    AlarmKind.CHECKLIST_NUDGE: "/checklist/2/nudge/15",
}
"""Part of the keys that an alarm of the kind plans."""


def something_of_each_kind(office: Office) -> None:
    office.connect_calendar()
    checklist = Checklist("First minutes", (ChecklistLine("Tell support", 15),), ("high",))
    office.database.run(lambda tx: settings.save(tx, ReminderSettings(checklists=(checklist,))))
    resolved, going_on = office.declare(), office.declare()
    office.step(resolved, "resolved", key="1")
    due = office.clock().date() + timedelta(days=4)
    new = NewActionItem(going_on.id, "More disks", assigned_to="BEN", due_date=due)
    office.items.create_action_item(new, by="ANA", key="2")
    office.whys.conduct_five_whys(going_on.id, "ANA", by="ANA", key="3")
    office.updates.write(UpdateInput(going_on.id, "It is slow"), by="ANA", key="5")
    office.pages.page(PageInput(going_on.id, ("BEN",), "It is slow"), by="ANA", key="6")
    block = office.blocks.block(going_on.id, 60, by="ANA", key="4")
    ends = office.clock() + timedelta(days=1)
    booked = replace(block, status=BlockStatus.BLOCKED, starts_at=office.clock(), ends_at=ends)
    office.database.run(lambda tx: time_blocks.save(tx, booked))


def two_weeks(office: Office, after_each_tick: Callable[[], object]) -> list[str]:
    """The keys of all that is sent in two weeks, with several ticks at each time."""
    something_of_each_kind(office)
    sent = list[str]()
    for _ in range(14 * 8):
        office.clock.move(hours=3)
        for _ in range(2):
            office.ring()
            sent += [key for keys in office.perform_all() for key in sorted(keys)]
            after_each_tick()
    return sent


def test_every_kind_of_alarm_sends_the_same_whether_or_not_its_keys_are_purged(database: Database) -> None:
    assert set(SENT) == set(AlarmKind), "add what it plans, and something that sets it off"
    office = open_office(database)
    kept = two_weeks(office, lambda: None)
    for kind, part in SENT.items():
        assert any(part in key for key in kept), kind
    again = open_office(emptied(database))
    sent = two_weeks(again, lambda: purge(database, again.clock() + timedelta(days=1)))
    assert again.rows() == {}
    assert sent == kept
    assert len(set(sent)) == len(sent)


def test_a_digest_comes_once_a_week_even_if_somebody_moves_west(office: Office, database: Database) -> None:
    """Its key says so: it has to be kept for that week."""
    office.people.save([{"id": "BEN", "name": "Ben", "tz": "Asia/Tokyo"}])
    incident = office.declare()
    new = NewActionItem(incident.id, "More disks", assigned_to="BEN", due_date=date(2026, 4, 20))
    office.items.create_action_item(new, by="ANA", key=next(keys))
    retention = Retention(database, office.clock, timedelta(days=7))
    office.clock.now = datetime(2026, 3, 9, 0, 30, tzinfo=UTC)
    sent = list[str]()
    for _ in range(8 * 8):
        office.ring()
        sent += [key for keys in office.perform_all() for key in keys if key.startswith("digest/BEN")]
        retention.purge(Position())
        office.people.save([{"id": "BEN", "name": "Ben", "tz": "America/Los_Angeles", "updated": 2}])
        office.clock.move(hours=3)
    assert sent == ["digest/BEN/2026-W11", "digest/BEN/2026-W12"]

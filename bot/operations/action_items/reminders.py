"""Reminders and digests: what is due becomes rows, each once. Nothing here depends on when it is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.model import ActionItem, ActionItemQuery
from bot.domain.action_items.reminders import ESCALATES_FROM, LATE_AFTER, missed_rung, next_rung
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import SYSTEM, Person
from bot.domain.kit.working_days import Calendar
from bot.domain.outbox.effects import Effect, PostDigest, SendDigest
from bot.domain.outbox.rows import Planned
from bot.operations.kit.transaction import Operations, transaction
from bot.operations.kit.working_days import Calendars
from storage import action_items, incidents, outbox, people, reminders
from storage.reminders import CHANNEL, Reminder

AT_ONCE = 25
"""Items of one transaction: others write in between."""
_STALE_DIGEST = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who is reminded of an item."""

    person: Person | None
    """The owner, else the commander, else the declarer; ``None`` where none of them can be told."""
    is_owner: bool
    superior: Person | None
    """The commander, else the declarer, unless that is who is reminded anyway."""


class Reminders(Operations):
    """Turns what is due into outbox rows."""

    def plan_everything(self) -> None:
        """Plan all that is due now, some at a time; an outage leaves nothing to repeat."""
        while self.plan_due() == AT_ONCE:
            pass
        while self.plan_digests() == AT_ONCE:
            pass

    @transaction
    def plan_due(self, tx: Connection) -> int:
        """Look at some items whose time has come; how many that were."""
        now, calendars = self.clock(), Calendars(tx)
        items = action_items.take_due(tx, now, AT_ONCE)
        for item in items:
            _look_at(tx, item, calendars, now)
        return len(items)

    @transaction
    def plan_digests(self, tx: Connection) -> int:
        """Plan some of the weekly digests that are due; how many that were."""
        now, calendars = self.clock(), Calendars(tx)
        due = reminders.take_due_digests(tx, now, AT_ONCE)
        for user_id, since in due:
            _plan_digest(tx, user_id, since, calendars, now)
        return len(due)


def plan(tx: Connection, item: ActionItem, calendars: Calendars, now: datetime) -> ActionItem:
    """Plan an item's next reminder, and its owner's digest, from the item as it is now."""
    incident = incidents.get(tx, item.incident_id, SYSTEM)
    if incident is None:
        return item
    concerned = whom_it_concerns(tx, item, incident)
    calendar = calendars.of(concerned.person)
    rung = next_rung(item, calendar, item.planned_after, has_owner=concerned.is_owner)
    if item.is_to_do and item.assigned_to:
        reminders.expect_digest(tx, item.assigned_to, monday_morning(calendar, now))
    return action_items.change(tx, item.id, remind_at=rung.at if rung else None)


def replan_everything_of(tx: Connection, person: Person, before: Person | None, now: datetime) -> None:
    """Somebody's zone changed, or whether they may act: what is still ahead of them moves."""
    if before is None or (before.tz == person.tz and before.may_act == person.may_act):
        return
    calendars = Calendars(tx)
    for item in action_items.to_do_of(tx, person.id):
        if before.may_act != person.may_act:
            item = action_items.change(tx, item.id, assigned_at=now)  # noqa: PLW2901 - the item as it is now
        plan(tx, item, calendars, now)
    reminders.move_digest(tx, person.id, monday_morning(calendars.of(person), now))


def whom_it_concerns(tx: Connection, item: ActionItem, incident: Incident) -> Concerned:
    """Who is reminded: only people who may act, and of a private incident only those who may see it."""
    owner = _able(tx, item.assigned_to, incident)
    in_charge = _able(tx, incident.commander_id, incident) or _able(tx, incident.declared_by, incident)
    if owner is None:
        return Concerned(in_charge, is_owner=False, superior=None)
    superior = in_charge if in_charge and in_charge.id != owner.id else None
    return Concerned(owner, is_owner=True, superior=superior)


def monday_morning(calendar: Calendar, after: datetime) -> datetime:
    """The next Monday's set hour after that time, or the first working day's after that Monday (UTC)."""
    today = calendar.today(after)
    monday = today - timedelta(days=today.weekday())
    while True:
        at = calendar.opening(calendar.first_from(monday))
        if at > after:
            return at
        monday += timedelta(days=7)


def _able(tx: Connection, user_id: str | None, incident: Incident) -> Person | None:
    person = people.get(tx, user_id) if user_id else None
    if person is None or not person.may_act or incidents.get(tx, incident.id, person.id) is None:
        return None
    return person


def _look_at(tx: Connection, item: ActionItem, calendars: Calendars, now: datetime) -> None:
    incident = incidents.get(tx, item.incident_id, SYSTEM)
    if incident is None:
        return
    concerned = whom_it_concerns(tx, item, incident)
    calendar = calendars.of(concerned.person)
    missed = missed_rung(item, calendar, now, has_owner=concerned.is_owner)
    if missed and not calendar.is_open(now):
        action_items.change(tx, item.id, remind_at=calendar.next_opening(now))
        return
    if missed and concerned.person:
        superior = concerned.superior if missed.days_overdue >= ESCALATES_FROM else None
        told = [each.id for each in (concerned.person, superior) if each]
        is_late = now - missed.at > LATE_AFTER
        also = superior.id if superior else None
        sent = Reminder(item.id, missed.name, missed.on, told[0], also, is_late, now)
        if reminders.add(tx, sent):
            rows = [action_items_planned.reminding(item, user_id, missed.name, missed.on) for user_id in told]
            outbox.add(tx, rows, now)
    following = next_rung(item, calendar, now, has_owner=concerned.is_owner)
    values = {"planned_after": now} if missed else {}
    action_items.change(tx, item.id, remind_at=following.at if following else None, **values)


def _plan_digest(tx: Connection, user_id: str, since: datetime, calendars: Calendars, now: datetime) -> None:
    person = people.get(tx, user_id)
    calendar = calendars.of(person)
    if user_id != CHANNEL and not _has_something_to_do(tx, user_id, person):
        reminders.end_digests(tx, user_id)
        return
    is_stale = now - since > _STALE_DIGEST
    if not is_stale and not calendar.is_open(now):
        reminders.move_digest(tx, user_id, calendar.next_opening(now))
        return
    if not is_stale:
        outbox.add(tx, [_digest(user_id, calendar.today(now))], now)
    reminders.move_digest(tx, user_id, monday_morning(calendar, now))


def _has_something_to_do(tx: Connection, user_id: str, person: Person | None) -> bool:
    is_able = person is not None and person.may_act
    return is_able and action_items.count(tx, ActionItemQuery(assigned_to=user_id), user_id) > 0


def _digest(user_id: str, today: date) -> Planned:
    year, week, _ = today.isocalendar()
    name = f"{year}-W{week:02}"
    effect: Effect = PostDigest(name) if user_id == CHANNEL else SendDigest(user_id, name)
    key = f"digest/{user_id}/{name}"
    return Planned(effect, key, lane=f"digest/{user_id}")

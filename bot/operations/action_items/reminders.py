"""Turns due reminders and digests into outbox rows, each only once, however often it is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.model import ActionItem, ActionItemQuery
from bot.domain.action_items.notifications import reminder_of
from bot.domain.action_items.reminders import ESCALATES_FROM, LATE_AFTER, missed_rung, next_rung
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import SYSTEM, Person
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.outbox.effects import Effect, PostDigest, SendDigest
from bot.domain.outbox.rows import Planned
from bot.operations.action_items.gather import gather
from bot.operations.kit.access import existing_incident, participant
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, transaction
from bot.operations.kit.working_days import Calendars
from storage import action_items, gathered, incidents, people, reminders
from storage.alarms import AT_ONCE
from storage.reminders import CHANNEL, Reminder

_STALE_DIGEST = timedelta(days=2)
"""A digest that is later than this is skipped."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who is reminded of an item."""

    person: Person | None
    """The owner, else the commander, else the declarer; ``None`` if none of them can be notified."""
    is_owner: bool
    superior: Person | None
    """The commander, else the declarer, unless they are reminded anyway."""


class Reminders(Operations):
    """Turns what is due into outbox rows."""

    @transaction
    def plan_due(self, tx: Tx) -> int:
        """Plan the reminders of some items that are due; returns how many items."""
        calendars = Calendars(tx)
        items = action_items.take_due(tx.connection, tx.now, AT_ONCE)
        # In the same order in each replica, because they lock people.
        for item in sorted(items, key=lambda item: item.assigned_to or ""):
            _look_at(tx, item, calendars)
        return len(items)

    @transaction
    def plan_digests(self, tx: Tx) -> int:
        """Plan some of the weekly digests that are due; returns how many."""
        calendars = Calendars(tx)
        due = reminders.take_due_digests(tx.connection, tx.now, AT_ONCE)
        for user_id, since in due:
            _plan_digest(tx, user_id, since, calendars)
        return len(due)


def plan(tx: Tx, item: ActionItem, incident: Incident, calendars: Calendars) -> ActionItem:
    """The item with its next reminder planned, which the caller saves; plans its owner's digest as well."""
    concerned = whom_it_concerns(tx, item, incident)
    calendar = calendars.of(concerned.person)
    rung = next_rung(item, calendar, item.planned_after, has_owner=concerned.is_owner)
    if item.is_to_do and item.assigned_to:
        reminders.expect_digest(tx.connection, item.assigned_to, monday_morning(calendar, tx.now))
    return replace(item, remind_at=rung.at if rung else None)


def replan_everything_of(tx: Tx, person: Person, before: Person | None) -> None:
    """Reschedule somebody's reminders and digest if their time zone, or whether they may act, has changed."""
    if before is None or (before.tz == person.tz and before.may_act == person.may_act):
        return
    calendars = Calendars(tx)
    for item in action_items.to_do_of(tx.connection, person.id):
        if before.may_act != person.may_act:
            item = replace(item, assigned_at=tx.now)  # noqa: PLW2901
        incident = existing_incident(tx, item.incident_id, SYSTEM)
        action_items.save(tx.connection, plan(tx, item, incident, calendars))
    reminders.move_digest(tx.connection, person.id, monday_morning(calendars.of(person), tx.now))


def whom_it_concerns(tx: Tx, item: ActionItem, incident: Incident) -> Concerned:
    """Who is reminded of the item: only people who may act, and who may see its incident."""
    owner = participant(tx, item.assigned_to, incident)
    in_charge = participant(tx, incident.commander_id, incident) or participant(
        tx, incident.declared_by, incident
    )
    if owner is None:
        return Concerned(in_charge, is_owner=False, superior=None)
    superior = in_charge if in_charge and in_charge.id != owner.id else None
    return Concerned(owner, is_owner=True, superior=superior)


def monday_morning(calendar: WorkingCalendar, after: datetime) -> datetime:
    """The next time (UTC) after ``after`` that work starts on a Monday, or the first working day after it."""
    today = calendar.today(after)
    monday = today - timedelta(days=today.weekday())
    while True:
        at = calendar.opening(calendar.first_from(monday))
        if at > after:
            return at
        monday += timedelta(days=7)


def _look_at(tx: Tx, item: ActionItem, calendars: Calendars) -> None:
    incident = incidents.get(tx.connection, item.incident_id, SYSTEM)
    if incident is None:
        return
    concerned = whom_it_concerns(tx, item, incident)
    calendar = calendars.of(concerned.person)
    missed = missed_rung(item, calendar, tx.now, has_owner=concerned.is_owner)
    if missed and not calendar.is_open(tx.now):
        action_items.save(tx.connection, replace(item, remind_at=calendar.next_opening(tx.now)))
        return
    if missed and concerned.person:
        superior = concerned.superior if missed.days_overdue >= ESCALATES_FROM else None
        told = [each.id for each in (concerned.person, superior) if each]
        is_late = tx.now - missed.at > LATE_AFTER
        also = superior.id if superior else None
        sent = Reminder(item.id, missed.name, missed.on, told[0], also, is_late, tx.now)
        if reminders.first_time(tx.connection, sent):
            for user_id in told:
                lead = gather(tx, reminder_of(item, user_id, missed.name, missed.on))
                enqueue(tx, [action_items_planned.reminding(item, lead)])
    following = next_rung(item, calendar, tx.now, has_owner=concerned.is_owner)
    planned_after = tx.now if missed else item.planned_after
    planned = replace(item, remind_at=following.at if following else None, planned_after=planned_after)
    action_items.save(tx.connection, planned)


def _plan_digest(tx: Tx, user_id: str, since: datetime, calendars: Calendars) -> None:
    person = tx.once(people.get, user_id)
    calendar = calendars.of(person)
    if user_id != CHANNEL and not _has_something_to_do(tx, user_id, person):
        reminders.end_digests(tx.connection, user_id)
        return
    is_stale = tx.now - since > _STALE_DIGEST
    if not is_stale and not calendar.is_open(tx.now):
        reminders.move_digest(tx.connection, user_id, calendar.next_opening(tx.now))
        return
    if not is_stale and not _was_reminded_of_all(tx, user_id, calendar):
        enqueue(tx, [_digest(user_id, calendar.today(tx.now))])
    reminders.move_digest(tx.connection, user_id, monday_morning(calendar, tx.now))


def _has_something_to_do(tx: Tx, user_id: str, person: Person | None) -> bool:
    is_able = person is not None and person.may_act
    return is_able and action_items.count(tx.connection, ActionItemQuery(assigned_to=user_id), user_id) > 0


def _was_reminded_of_all(tx: Tx, user_id: str, calendar: WorkingCalendar) -> bool:
    """Whether this morning's reminders show all that the digest would."""
    this_morning = calendar.opening(calendar.today(tx.now))
    reminded = gathered.reminded_since(tx.connection, user_id, this_morning)
    return bool(reminded) and {each.id for each in action_items.to_do_of(tx.connection, user_id)} <= reminded


def _digest(user_id: str, today: date) -> Planned:
    year, week, _ = today.isocalendar()
    name = f"{year}-W{week:02}"
    effect: Effect = PostDigest(name) if user_id == CHANNEL else SendDigest(user_id, name)
    key = f"digest/{user_id}/{name}"
    return Planned(effect, key, lane=f"digest/{user_id}")

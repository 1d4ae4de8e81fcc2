"""What of incidents and action items follows in the calendar, where one is connected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.action_items.model import ActionItem
from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import MeetingStatus
from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.operations.kit.links import may_come
from storage import action_items, calendar, incidents, meetings, outbox, time_blocks

_SHOWN_OF_INCIDENT = frozenset({EntryKind.STATUS, EntryKind.SEVERITY, EntryKind.TITLE})
_SHOWN_OF_ITEM = frozenset({"title", "status", "due_date", "assigned_to"})


def connected(tx: Connection, calendar_id: str | None, now: datetime) -> None:
    """A calendar is connected, or none: one that is new gets all that would be in it by now."""
    if calendar.connect(tx, calendar_id, now):
        cause = f"connected/{now.timestamp()}"
        rows = [calendar_planned.incident_event(number, cause) for number in incidents.active(tx)]
        rows += [calendar_planned.due_date(*each, cause) for each in action_items.to_do_with_date(tx)]
        outbox.add(tx, rows, now)


def declared(tx: Connection, incident: Incident, now: datetime) -> None:
    """A new incident gets its event."""
    if calendar.connected(tx):
        outbox.add(tx, [calendar_planned.incident_event(incident.id)], now)


def changed(tx: Connection, incident: Incident, entry: TimelineEntry, now: datetime) -> None:
    """Its event follows what is shown of it; once it is over, nobody's time is blocked for it any more."""
    cause = f"entry/{entry.id}"
    if entry.kind in _SHOWN_OF_INCIDENT and calendar.connected(tx):
        outbox.add(tx, [calendar_planned.incident_event(incident.id, cause)], now)
    if entry.kind is EntryKind.STATUS:
        after_step(tx, incident, cause, now)


def members_changed(tx: Connection, incident_id: int, cause: str, now: datetime) -> None:
    """Who may know of a private incident has changed: who is invited for it follows.

    Whoever has left has no time blocked for it any more.
    """
    if not calendar.connected(tx):
        return
    rows = [calendar_planned.due_date(*each, cause) for each in action_items.to_do_with_date(tx, incident_id)]
    meeting = meetings.last_of(tx, incident_id)
    if meeting and meeting.status is MeetingStatus.BOOKED and not meeting.is_over(now):
        rows += calendar_planned.arranging(meeting, cause)
    outbox.add(tx, rows, now)
    for block in time_blocks.of_incident(tx, incident_id):
        if not may_come(tx, incident_id, block.user_id):
            cut(tx, block, now, f"{cause}/{block.id}")


def privacy_changed(
    tx: Connection, incident: Incident, cause: str, now: datetime, *, needs: str | None
) -> None:
    """Update its calendar entries after it became private or public, so that they reveal only what they may.

    The meeting waits for the row it ``needs``, which finds out who may attend, so that nobody is uninvited
    and then invited again.
    """
    if not calendar.connected(tx):
        return
    rows = [calendar_planned.incident_event(incident.id, cause)]
    rows += [
        calendar_planned.due_date(*each, cause) for each in action_items.to_do_with_date(tx, incident.id)
    ]
    rows += [
        calendar_planned.time_block(each, f"{cause}/{each.id}")
        for each in time_blocks.of_incident(tx, incident.id)
        if each.starts_at
    ]
    meeting = meetings.last_of(tx, incident.id)
    if meeting and meeting.status is MeetingStatus.BOOKED:
        rows += [
            replace(each, needs=needs or each.needs) for each in calendar_planned.arranging(meeting, cause)
        ]
    outbox.add(tx, rows, now)


def item_changed(
    tx: Connection,
    before: ActionItem | None,
    item: ActionItem,
    names: Collection[str],
    cause: str,
    now: datetime,
) -> None:
    """The event of its due date follows what is shown there of it."""
    has_event = item.due_date or (before and before.due_date)
    if has_event and _SHOWN_OF_ITEM & set(names) and calendar.connected(tx):
        outbox.add(tx, [calendar_planned.due_date(item.incident_id, item.id, cause)], now)


def cut(tx: Connection, block: TimeBlock, now: datetime, cause: str) -> TimeBlock:
    """End the block now; what was never in a calendar needs nothing there."""
    was_on = block.status is BlockStatus.BLOCKED
    values: dict[str, object] = {"status": BlockStatus.OVER.value, "updated_at": now}
    if was_on and block.ends_at and block.ends_at > now:
        values["ends_at"] = now
    changed = time_blocks.change(tx, block.id, **values)
    if was_on:
        outbox.add(tx, [calendar_planned.time_block(changed, cause)], now)
    return changed


def after_step(tx: Connection, incident: Incident, cause: str, now: datetime) -> None:
    """Where nobody has to work on the incident any more, the blocks end."""
    if not incident.is_active:
        for block in time_blocks.of_incident(tx, incident.id):
            cut(tx, block, now, cause)

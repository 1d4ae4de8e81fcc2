"""Updates the calendar, if one is connected, when incidents and action items change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.action_items.model import ActionItem
from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import MeetingStatus
from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.incidents.calls import may_be_made
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.outbox.rows import Planned
from bot.domain.settings import CALL_FROM_CALENDAR
from bot.operations.kit.access import participant
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import action_items, calendar, incidents, meetings, settings, time_blocks

_SHOWN_OF_INCIDENT = frozenset({EntryKind.STATUS, EntryKind.SEVERITY, EntryKind.TITLE})
_SHOWN_OF_ITEM = frozenset({"title", "status", "due_date", "assigned_to"})


def connected(tx: Tx, calendar_id: str | None, *, makes_calls: bool) -> None:
    """Record which calendar is connected, if any; a new one gets every event that should be in it."""
    calendar.note_calls(tx.connection, makes_calls=makes_calls)
    if calendar.connect(tx.connection, calendar_id, tx.now):
        cause = f"connected/{tx.now.timestamp()}"
        rows = [calendar_planned.incident_event(number, cause) for number in incidents.active(tx.connection)]
        rows += [
            calendar_planned.due_date(*each, cause) for each in action_items.to_do_with_date(tx.connection)
        ]
        enqueue(tx, rows)


def declared(tx: Tx, incident: Incident) -> None:
    """Put a new incident in the calendar, and have its call set up there if the settings say so."""
    if tx.once(calendar.connected):
        enqueue(tx, [calendar_planned.incident_event(incident.id)])
    if gets_call(tx, incident):
        enqueue(tx, [calendar_planned.making_call(incident.id)])


def gets_call(tx: Tx, incident: Incident) -> bool:
    """Whether the calendar sets up this new incident's call."""
    is_wanted = tx.once(settings.get).call_from == CALL_FROM_CALENDAR and may_be_made(incident)
    return is_wanted and tx.once(calendar.makes_calls)


def changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Update the events that show what changed; end the time blocks once the incident is over."""
    cause = f"entry/{entry.id}"
    if entry.kind in _SHOWN_OF_INCIDENT and tx.once(calendar.connected):
        enqueue(tx, [calendar_planned.incident_event(incident.id, cause)])
    if entry.kind is EntryKind.TITLE and tx.once(calendar.connected):
        enqueue(tx, _update_meeting(tx, incident, cause))
    if entry.kind is EntryKind.STATUS:
        _status_changed(tx, incident, cause)


def members_changed(tx: Tx, incident: Incident, cause: str) -> None:
    """Update the invitations to a private incident's events after its members changed.

    Also end the time blocks of people who may no longer see it.
    """
    if not tx.once(calendar.connected):
        return
    rows = [
        calendar_planned.due_date(*each, cause)
        for each in action_items.to_do_with_date(tx.connection, incident.id)
    ]
    enqueue(tx, [*rows, *_update_meeting(tx, incident, cause)])
    for block in time_blocks.of_incident(tx.connection, incident.id):
        if participant(tx, block.user_id, incident) is None:
            end_block(tx, block, f"{cause}/{block.id}")


def privacy_changed(tx: Tx, incident: Incident, cause: str, *, needs: str | None) -> None:
    """Make an incident's calendar entries show only what they may, after it became private or public.

    The meeting waits for the row that ``needs`` names, which finds out who may attend: otherwise people might
    be uninvited and then invited again.
    """
    if not tx.once(calendar.connected):
        return
    rows = [calendar_planned.incident_event(incident.id, cause)]
    rows += [
        calendar_planned.due_date(*each, cause)
        for each in action_items.to_do_with_date(tx.connection, incident.id)
    ]
    rows += [
        calendar_planned.time_block(each, f"{cause}/{each.id}")
        for each in time_blocks.of_incident(tx.connection, incident.id)
        if each.starts_at
    ]
    meeting = meetings.last_of(tx.connection, incident.id)
    if meeting and meeting.status is MeetingStatus.BOOKED:
        rows += [
            replace(each, needs=needs or each.needs) for each in calendar_planned.arranging(meeting, cause)
        ]
    enqueue(tx, rows)


def link_changed(tx: Tx, incident: Incident, cause: str) -> None:
    """Update every event that links to the incident's channel."""
    if tx.once(calendar.connected):
        dates = action_items.to_do_with_date(tx.connection, incident.id)
        rows = [calendar_planned.due_date(*each, cause) for each in dates]
        event = calendar_planned.incident_event(incident.id, cause)
        enqueue(tx, [event, *rows, *_update_meeting(tx, incident, cause)])


def item_changed(
    tx: Tx,
    before: ActionItem | None,
    item: ActionItem,
    names: Collection[str],
    cause: str,
) -> None:
    """Update the event of the item's due date if it shows what changed."""
    has_event = item.due_date or (before and before.due_date)
    if has_event and _SHOWN_OF_ITEM & set(names) and tx.once(calendar.connected):
        enqueue(tx, [calendar_planned.due_date(item.incident_id, item.id, cause)])


def end_block(tx: Tx, block: TimeBlock, cause: str) -> TimeBlock:
    """End the block now, and its event if it was ever put into a calendar."""
    was_on = block.status is BlockStatus.BLOCKED
    ends_at = tx.now if block.is_on(tx.now) else block.ends_at
    over = replace(block, status=BlockStatus.OVER, ends_at=ends_at, updated_at=tx.now)
    changed = time_blocks.save(tx.connection, over)
    if was_on:
        enqueue(tx, [calendar_planned.time_block(changed, cause)])
    return changed


def _status_changed(tx: Tx, incident: Incident, cause: str) -> None:
    """End the incident's time blocks if it is no longer active."""
    if not incident.is_active:
        for block in time_blocks.of_incident(tx.connection, incident.id):
            end_block(tx, block, cause)


def _update_meeting(tx: Tx, incident: Incident, cause: str) -> list[Planned]:
    """Bring the event of a booked meeting up to date, unless the meeting is over."""
    meeting = meetings.last_of(tx.connection, incident.id)
    is_ahead = meeting and meeting.status is MeetingStatus.BOOKED and not meeting.is_over(tx.now)
    return calendar_planned.arranging(meeting, cause) if meeting and is_ahead else []

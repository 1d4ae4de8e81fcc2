"""Reads action items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from bot.domain.action_items.model import ActionItem, ActionItemQuery, ItemCounts, is_snoozed_on, item_ref
from bot.domain.action_items.notifications import Assigned, Due, Notification
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.errors import UnknownItem
from bot.domain.kit.people import SYSTEM, Viewer
from bot.operations.kit.access import existing_incident
from bot.operations.kit.transaction import Operations, Tx, reading
from bot.operations.kit.working_days import Calendars
from storage import action_items, duties, gathered, incidents, people, postmortems, reminders, timeline_reads
from storage.reminders import Reminder

DIGEST_LINES = 10


class ItemReads(Operations):
    """What performers read; each method returns the current state."""

    @reading
    def item(self, tx: Tx, item_id: int) -> tuple[ActionItem, Incident] | None:
        """The item and its incident, or ``None`` if there is no such item."""
        item = action_items.get(tx.connection, item_id, SYSTEM)
        return (item, existing_incident(tx, item.incident_id, SYSTEM)) if item else None

    @reading
    def creation_entry(self, tx: Tx, item: ActionItem) -> TimelineEntry | None:
        """The timeline entry that records the item's creation."""
        return timeline_reads.first_of_item(tx.connection, item.incident_id, item.ref)

    @reading
    def assigned(self, tx: Tx, lead: Notification) -> list[Assigned]:
        """What the notification shows: the items of incidents that the person may see."""
        return [Assigned(item, incident) for _, item, incident in _shown_by(tx, lead)]

    @reading
    def reminding(self, tx: Tx, lead: Notification) -> tuple[list[Due], datetime] | None:
        """What the reminder shows, and when it was begun (UTC); ``None`` if there is no such reminder.

        It shows the items of incidents that the person may see.
        """
        begun = _sent(tx, lead)
        if begun is None:
            return None
        calendar = Calendars(tx).of(tx.once(people.get, lead.user_id))
        due = list[Due]()
        for each, item, incident in _shown_by(tx, lead):
            sent = _sent(tx, each)
            owner = tx.once(people.get, item.assigned_to) if item.assigned_to else None
            days = calendar.today(sent.at if sent else begun.at) - date.fromisoformat(each.on)
            due.append(
                Due(
                    item,
                    incident,
                    each.rung,
                    owner,
                    is_late=sent is not None and sent.is_late,
                    is_snoozed=is_snoozed_on(item, calendar.today(tx.now)),
                    days_overdue=days.days,
                )
            )
        return due, begun.at

    @reading
    def left_of(self, tx: Tx, incident_id: int) -> list[ActionItem]:
        """The incident's items that are still open."""
        return [each for each in action_items.of_incident(tx.connection, incident_id) if each.is_to_do]

    @reading
    def lacks_postmortem(self, tx: Tx, incident_id: int) -> bool:
        """Whether a postmortem is expected, but was neither started nor declared unnecessary."""
        duty = duties.get(tx.connection, incident_id)
        is_open = duty is not None and duty.waived_by is None
        return is_open and postmortems.of_incident(tx.connection, incident_id, SYSTEM) is None

    @reading
    def to_do_of(self, tx: Tx, user_id: str) -> tuple[list[ActionItem], int, date]:
        """Somebody's most urgent open items, how many there are in all, and the date in their time zone."""
        query = ActionItemQuery(assigned_to=user_id, limit=DIGEST_LINES)
        most_urgent = action_items.find(tx.connection, query, user_id)
        count = action_items.count(tx.connection, query, user_id)
        return most_urgent, count, Calendars(tx).today(user_id)

    @reading
    def workspace_digest(self, tx: Tx) -> tuple[ItemCounts, list[ActionItem]]:
        """Counts of open items that aren't private, and the first of those that have no owner."""
        today = Calendars(tx).of(None).today(tx.now)
        return action_items.counts(tx.connection, today), action_items.ownerless(tx.connection, DIGEST_LINES)


def _sent(tx: Tx, reminded: Notification) -> Reminder | None:
    return reminders.get(tx.connection, reminded.item_id, reminded.rung, date.fromisoformat(reminded.on))


def _shown_by(tx: Tx, lead: Notification) -> Iterator[tuple[Notification, ActionItem, Incident]]:
    for each in gathered.shown_by(tx.connection, lead.key) or [lead]:
        item = action_items.get(tx.connection, each.item_id, lead.user_id)
        incident = incidents.get(tx.connection, each.incident_id, lead.user_id)
        if item and incident:
            yield each, item, incident


def existing_item(tx: Tx, item_id: int, viewer: Viewer, *, lock: bool = False) -> ActionItem:
    """The item; raises ``UnknownItem`` if there is none that the viewer may see."""
    item = action_items.get(tx.connection, item_id, viewer, lock=lock)
    if item is None:
        raise UnknownItem(ref=item_ref(item_id))
    return item

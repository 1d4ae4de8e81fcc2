"""What performers read of action items."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from bot.domain.action_items.model import ActionItem, ActionItemQuery, ItemCounts
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.people import SYSTEM, Person
from bot.operations.kit.transaction import Operations, reading
from bot.operations.kit.working_days import Calendars
from storage import action_items, duties, incidents, people, postmortems, reminders, timeline_reads
from storage.reminders import Reminder

DIGEST_LINES = 10


class ItemReads(Operations):
    """Each answers as it is now."""

    @reading
    def item(self, tx: Connection, item_id: int) -> ActionItem | None:
        """The item."""
        return action_items.get(tx, item_id, SYSTEM)

    @reading
    def making_of(self, tx: Connection, item: ActionItem) -> TimelineEntry | None:
        """The entry that says that the item was made."""
        return timeline_reads.first_of_item(tx, item.incident_id, item.ref)

    @reading
    def may_see(self, tx: Connection, incident_id: int, user_id: str) -> bool:
        """Whether somebody may know of the incident, and so of its items."""
        return incidents.get(tx, incident_id, user_id) is not None

    @reading
    def owner(self, tx: Connection, item: ActionItem) -> Person | None:
        """Whose it is, as far as that is known."""
        return people.get(tx, item.assigned_to) if item.assigned_to else None

    @reading
    def reminder(self, tx: Connection, item_id: int, rung: str, on: date) -> Reminder | None:
        """One reminder."""
        return reminders.get(tx, item_id, rung, on)

    @reading
    def left_of(self, tx: Connection, incident_id: int) -> list[ActionItem]:
        """What of an incident is still to be done."""
        return [each for each in action_items.of_incident(tx, incident_id) if each.is_to_do]

    @reading
    def lacks_postmortem(self, tx: Connection, incident_id: int) -> bool:
        """Whether a postmortem is expected that isn't begun, and nobody has said that it isn't needed."""
        duty = duties.get(tx, incident_id)
        is_open = duty is not None and duty.waived_by is None
        return is_open and postmortems.of_incident(tx, incident_id, SYSTEM) is None

    @reading
    def to_do_of(self, tx: Connection, user_id: str) -> tuple[list[ActionItem], int, date]:
        """The most urgent that somebody has to do, how much it is, and the date where they are."""
        query = ActionItemQuery(assigned_to=user_id, limit=DIGEST_LINES)
        today = Calendars(tx).today(user_id, self.clock())
        return action_items.find(tx, query, user_id), action_items.count(tx, query, user_id), today

    @reading
    def workspace_digest(self, tx: Connection) -> tuple[ItemCounts, list[ActionItem]]:
        """Counts over what isn't private, and what of that has no owner."""
        today = Calendars(tx).of(None).today(self.clock())
        return action_items.counts(tx, today), action_items.ownerless(tx, DIGEST_LINES)

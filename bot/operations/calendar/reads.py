"""What performers read before they write an event."""

from __future__ import annotations

from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.events import DueDateEvent, IncidentEvent
from bot.domain.kit.people import SYSTEM
from bot.operations.kit.access import participant
from bot.operations.kit.links import channel_link
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import action_items, calendar, incidents


class CalendarReads(Operations):
    """What performers read about incidents and action items for the calendar, in its current state."""

    @reading
    def incident_event(self, tx: Tx, incident_id: int) -> IncidentEvent | None:
        """The incident's event, or ``None`` if there is no such incident."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        if incident is None:
            return None
        key = calendar_planned.incident_key(incident_id)
        known_as = calendar_planned.event_id(tx.once(calendar.installation), key)
        return IncidentEvent(incident, known_as, channel_link(tx, incident))

    @reading
    def due_date(self, tx: Tx, incident_id: int, item_id: int) -> DueDateEvent | None:
        """The event of an item's due date, or ``None`` if there is no such item."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        item = action_items.get(tx.connection, item_id, SYSTEM)
        if incident is None or item is None:
            return None
        key = calendar_planned.due_key(incident_id, item_id)
        known_as = calendar_planned.event_id(tx.once(calendar.installation), key)
        owner = participant(tx, item.assigned_to, incident)
        return DueDateEvent(item, incident, owner, known_as, channel_link(tx, incident))

"""All that follows from a change: one list each for incidents, action items and meetings.

The code that stores a change calls the one function for it, so that no follow-up is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.model import ActionItem
from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import Meeting
from bot.domain.incidents import planned as incidents_planned
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.operations.consequences import calendar, postmortem
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from bot.operations.postmortems import reminders as postmortems_reminders


def incident_changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Plan what follows from the change of an incident that ``entry`` records."""
    enqueue(tx, incidents_planned.after_change(incident, entry))
    postmortem.follow(tx, incident, f"entry/{entry.id}")
    calendar.changed(tx, incident, entry)
    if entry.kind is EntryKind.STATUS:
        postmortems_reminders.after_step(tx, incident)


def item_changed(
    tx: Tx,
    incident: Incident,
    before: ActionItem | None,
    item: ActionItem,
    entry: TimelineEntry,
    names: Collection[str],
    people: Sequence[str],
) -> None:
    """Plan what follows from an incident's new action item, or from a change of the fields ``names``.

    ``people`` own it or did before; each is notified.
    """
    postmortem.follow(tx, incident, f"entry/{entry.id}")
    calendar.item_changed(tx, before, item, names, f"{entry.id}")
    enqueue(tx, action_items_planned.after_item_change(item, entry if before else None, people))


def meeting_changed(tx: Tx, meeting: Meeting, cause: str, *, arranges: bool) -> None:
    """Plan what follows from a changed meeting: its message and, with ``arranges``, the calendar."""
    arranging, shows = calendar_planned.arranging(meeting, cause), [calendar_planned.showing(meeting, cause)]
    enqueue(tx, arranging if arranges else shows)

"""All that follows from a change: one list each for incidents, action items, five whys and meetings.

The code that stores a change calls the one function for it, so that no follow-up is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.model import ActionItem
from bot.domain.action_items.notifications import Notification
from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import Meeting
from bot.domain.five_whys import planned as five_whys_planned
from bot.domain.five_whys.model import FiveWhysAnalysis, Why
from bot.domain.incidents import planned as incidents_planned
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.people import SYSTEM
from bot.operations.consequences import calendar, checklists, commander, pages, people, postmortem, updates
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from bot.operations.postmortems import reminders as postmortems_reminders
from storage import incidents


def incident_changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Plan what follows from the change of an incident that ``entry`` records."""
    enqueue(tx, incidents_planned.after_change(incident, entry))
    if entry.kind is EntryKind.TITLE:
        postmortem.renamed(tx, incident, entry)
    postmortem.follow(tx, incident, f"entry/{entry.id}")
    calendar.changed(tx, incident, entry)
    commander.watch(tx, incident)
    checklists.changed(tx, incident, entry)
    if entry.kind is EntryKind.STATUS:
        postmortems_reminders.status_changed(tx, incident)
        updates.status_changed(tx, incident, entry)
        pages.status_changed(tx, incident, entry)
        people.status_changed(tx, incident, entry)
    elif entry.kind in {EntryKind.SEVERITY, EntryKind.COMMANDER}:
        updates.urgency_changed(tx, incident)


def item_changed(
    tx: Tx,
    incident: Incident,
    before: ActionItem | None,
    item: ActionItem,
    entry: TimelineEntry,
    names: Collection[str],
    told: Sequence[Notification],
) -> None:
    """Plan what follows from an incident's new action item, or from a change of the fields ``names``.

    ``told`` are the notifications that show whose it is, or was.
    """
    postmortem.follow(tx, incident, f"entry/{entry.id}")
    if before is None:
        postmortem.recount(tx, incident, f"entry/{entry.id}")
    calendar.item_changed(tx, before, item, names, f"{entry.id}")
    enqueue(tx, action_items_planned.after_item_change(item, entry if before else None, told))


def meeting_changed(tx: Tx, meeting: Meeting, cause: str, *, arranges: bool) -> None:
    """Plan what follows from a changed meeting: its message and, with ``arranges``, the calendar.

    A postmortem shows when the meeting is, until it is cancelled.
    """
    arranging, shows = calendar_planned.arranging(meeting, cause), [calendar_planned.showing(meeting, cause)]
    enqueue(tx, arranging if arranges else shows)
    if meeting.booking:
        _follow_in_postmortem(tx, meeting.incident_id, f"meeting/{meeting.id}/{cause}")


def session_changed(
    tx: Tx,
    before: FiveWhysAnalysis | None,
    analysis: FiveWhysAnalysis,
    touched: Sequence[Why] = (),
    cause: str = "",
) -> None:
    """Plan what follows from a new session, or from a step in one that changes the answers ``touched``.

    A postmortem names the facilitator.
    """
    if before is None:
        enqueue(tx, five_whys_planned.after_start(analysis))
    else:
        enqueue(tx, five_whys_planned.after_step(before, analysis, touched, cause))
    if before is None or before.facilitator_id != analysis.facilitator_id:
        _follow_in_postmortem(tx, analysis.incident_id, f"{analysis.ref}/{cause}")


def _follow_in_postmortem(tx: Tx, incident_id: int, cause: str) -> None:
    incident = incidents.get(tx.connection, incident_id, SYSTEM)
    if incident:
        postmortem.follow(tx, incident, cause)

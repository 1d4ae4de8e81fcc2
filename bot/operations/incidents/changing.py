"""Stores a change of an incident, and plans what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.operations.consequences.changes import incident_changed
from bot.operations.kit.transaction import Tx
from storage import incidents, timeline


def record_change(tx: Tx, before: Incident, after: Incident, kind: EntryKind, by: str, note: str) -> Incident:
    """Store the changed incident and the change's timeline entry, and plan all that follows from it."""
    incidents.save(tx.connection, after)
    old, new = _CHANGED_FIELD[kind](before), _CHANGED_FIELD[kind](after)
    change = TimelineEntry(0, after.id, kind, tx.now, by, from_value=old, to_value=new, text=note)
    entry = timeline.add(tx.connection, change)
    incident_changed(tx, after, entry)
    return after


_CHANGED_FIELD: Mapping[EntryKind, Callable[[Incident], str | None]] = {
    EntryKind.STATUS: lambda incident: incident.status.value,
    EntryKind.SEVERITY: lambda incident: incident.severity.value,
    EntryKind.TITLE: lambda incident: incident.title,
    EntryKind.COMMANDER: lambda incident: incident.commander_id,
}

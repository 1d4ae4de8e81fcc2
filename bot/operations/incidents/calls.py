"""The call in which people talk about an incident."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.calls import read_call
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import NoCall, NothingToChange
from bot.operations.consequences.changes import incident_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin
from bot.operations.kit.transaction import Operations, Tx, transaction
from storage import incidents, timeline


class IncidentCalls(Operations):
    """Sets and removes the link to an incident's call."""

    @transaction
    def set_call(self, tx: Tx, incident_id: int, link: str, *, by: str, key: str) -> Incident:
        """Make this the incident's call; raises ``CallUnusable`` and ``NothingToChange``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return incident
        url = read_call(link)
        if url == incident.call_url:
            raise NothingToChange(ref=incident.ref, what="call")
        return _change(tx, incident, url, by)

    @transaction
    def remove_call(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Incident:
        """Have the incident without a call; raises ``NoCall`` if there is none."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return incident
        if not incident.call_url:
            raise NoCall(ref=incident.ref)
        return _change(tx, incident, None, by)


def _change(tx: Tx, incident: Incident, url: str | None, by: str) -> Incident:
    changed = incidents.save(tx.connection, replace(incident, call_url=url, updated_at=tx.now))
    entry = TimelineEntry(
        0, incident.id, EntryKind.CALL, tx.now, by, from_value=incident.call_url, to_value=url
    )
    incident_changed(tx, changed, timeline.add(tx.connection, entry))
    return changed

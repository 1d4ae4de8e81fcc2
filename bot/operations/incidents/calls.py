"""The call in which people talk about an incident."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.calendar.planned import call_key
from bot.domain.incidents.calls import call_of, may_be_made, read_call
from bot.domain.incidents.model import Incident
from bot.domain.incidents.planned import after_call_made
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import NoCall, NothingToChange
from bot.domain.kit.people import SYSTEM
from bot.operations.consequences.changes import incident_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, transaction
from storage import incidents, outbox_reads, timeline, timeline_reads


class IncidentCalls(Operations):
    """Sets and removes the link to an incident's call."""

    @transaction
    def set_call(self, tx: Tx, incident_id: int, link: str, *, by: str, key: str) -> Incident:
        """Make this the incident's call; raises ``CallUnusable`` and ``NothingToChange``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return incident
        url = call_of(read_call(link), incident.ref)
        if url == incident.call_url:
            raise NothingToChange(ref=incident.ref, what="call")
        return _change(tx, incident, url, by)

    @transaction
    def remove_call(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Incident:
        """Leave the incident without a call; raises ``NoCall`` if there is none."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return incident
        is_coming = outbox_reads.is_done(tx.connection, call_key(incident.id)) is None
        if not incident.call_url and (_decided(tx, incident) or not is_coming):
            raise NoCall(ref=incident.ref)
        return _change(tx, incident, None, by)

    @transaction
    def made(self, tx: Tx, incident_id: int, link: str) -> None:
        """Record the call that the calendar has set up, unless people have set or removed the call.

        It isn't a change that somebody made, so it isn't on the timeline.
        """
        incident = incidents.get(tx.connection, incident_id, SYSTEM, lock=True)
        if incident is None or not may_be_made(incident) or _decided(tx, incident):
            return
        made = replace(incident, call_url=read_call(link), updated_at=tx.now)
        enqueue(tx, after_call_made(incidents.save(tx.connection, made)))


def _decided(tx: Tx, incident: Incident) -> bool:
    """Whether people have set or removed the call."""
    return timeline_reads.last_of(tx.connection, incident.id, EntryKind.CALL) is not None


def _change(tx: Tx, incident: Incident, url: str | None, by: str) -> Incident:
    changed = incidents.save(tx.connection, replace(incident, call_url=url, updated_at=tx.now))
    entry = TimelineEntry(
        0, incident.id, EntryKind.CALL, tx.now, by, from_value=incident.call_url, to_value=url
    )
    incident_changed(tx, changed, timeline.add(tx.connection, entry))
    return changed

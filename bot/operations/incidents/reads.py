"""Reads incidents. One that the viewer may not see doesn't exist for them."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.model import ACTIVE, CANDIDATES, Incident, IncidentQuery
from bot.domain.kit.errors import NoneOpen, WhichIncident
from bot.domain.kit.people import Viewer
from bot.domain.kit.text import cut
from bot.operations.kit.access import existing_incident
from bot.operations.kit.transaction import Tx
from storage import incidents, timeline_reads

_CANDIDATES_SHOWN = 5


def with_timeline(tx: Tx, incident_id: int, viewer: Viewer) -> Incident | None:
    """The incident with its whole timeline, or ``None`` if there is none that the viewer may see."""
    incident = incidents.get(tx.connection, incident_id, viewer)
    if incident is None:
        return None
    entries = timeline_reads.find(tx.connection, incident_id, everything=True)
    return replace(incident, timeline={str(entry.id): entry for entry in entries})


def named_or_here(
    tx: Tx, incident_id: int | None, channel_id: str | None, command: str, viewer: Viewer
) -> Incident:
    """The incident that a request names, else the channel's own.

    Raises ``UnknownRef``, or ``WhichIncident`` and ``NoneOpen`` outside an incident's channel.
    """
    if incident_id is not None:
        return existing_incident(tx, incident_id, viewer)
    here = incidents.by_channel(tx.connection, channel_id, viewer) if channel_id else None
    if here:
        return here
    query = IncidentQuery(statuses=CANDIDATES.get(command, ACTIVE), limit=_CANDIDATES_SHOWN)
    candidates = incidents.find(tx.connection, query, viewer)
    if not candidates:
        raise NoneOpen(command=command)
    names = [f"{each.ref} {cut(each.title, 60)}" for each in candidates]
    more = incidents.count(tx.connection, query, viewer) - len(names)
    if more:
        names.append(f"and {more} more")
    raise WhichIncident(example=f"{command} {candidates[0].ref}", candidates=", ".join(names))

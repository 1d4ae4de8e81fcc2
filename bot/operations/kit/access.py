"""Finding incidents: each method takes the viewer, and what they may not see isn't there."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.model import ACTIVE, CANDIDATES, Incident, IncidentQuery, ref_of
from bot.domain.kit.errors import NoneOpen, UnknownRef, WhichIncident
from bot.domain.kit.people import Viewer
from bot.domain.kit.text import cut
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import incidents, timeline

_CANDIDATES_SHOWN = 5


class Looking(Operations):
    """What can be asked of incidents."""

    @reading
    def get_incident(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> Incident | None:
        """The incident with its whole timeline, or ``None`` where there is none for the viewer."""
        incident = incidents.get(tx.connection, incident_id, viewer)
        if incident is None:
            return None
        entries = timeline.find(tx.connection, incident_id, everything=True)
        return replace(incident, timeline={str(entry.id): entry for entry in entries})

    @reading
    def get_incidents_for_project(
        self, tx: Tx, project_id: str | None, query: IncidentQuery | None = None, *, viewer: Viewer
    ) -> list[Incident]:
        """The project's incidents (all for ``None``), newest first, that ``query`` and the viewer allow."""
        return incidents.find(tx.connection, replace(query or IncidentQuery(), project_id=project_id), viewer)

    @reading
    def suggest_projects(self, tx: Tx, typed: str, limit: int, *, viewer: Viewer) -> list[str]:
        """Earlier projects whose names contain what was typed, most recently used first."""
        return incidents.projects(tx.connection, typed.strip(), limit, viewer)

    @reading
    def which(
        self, tx: Tx, incident_id: int | None, channel_id: str | None, command: str, *, viewer: Viewer
    ) -> Incident:
        """The incident that a request is about: the one named, else the channel's own.

        Raises ``UnknownRef``, or ``WhichIncident`` and ``NoneOpen`` outside an incident's channel.
        """
        if incident_id is not None:
            return existing(tx, incident_id, viewer)
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

    @reading
    def in_channel(self, tx: Tx, channel_id: str, *, viewer: Viewer) -> Incident | None:
        """The incident whose channel this is, or ``None``."""
        return incidents.by_channel(tx.connection, channel_id, viewer)


def existing(tx: Tx, incident_id: int, viewer: Viewer, *, lock: bool = False) -> Incident:
    """The incident; raises ``UnknownRef`` where there is none for the viewer.

    With ``lock`` nobody else changes it before this transaction ends.
    """
    incident = incidents.get(tx.connection, incident_id, viewer, lock=lock)
    if incident is None:
        raise UnknownRef(ref=ref_of(incident_id))
    return incident

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

_CANDIDATES_SHOWN = {1: 5, 2: 4}
"""The most candidates of each group, by how many groups there are."""


def with_timeline(tx: Tx, incident_id: int, viewer: Viewer) -> Incident | None:
    """The incident with its whole timeline, or ``None`` if there is none that the viewer may see."""
    incident = incidents.get(tx.connection, incident_id, viewer)
    if incident is None:
        return None
    entries = timeline_reads.find(tx.connection, incident_id, everything=True)
    return replace(incident, timeline={str(entry.id): entry for entry in entries})


def named_or_here(
    tx: Tx, incident_id: int | None, channel_id: str | None, line: tuple[str, str], viewer: Viewer
) -> Incident:
    """The incident that a request names, else the channel's own; ``line`` is its command and arguments.

    Raises ``UnknownRef``, or ``WhichIncident`` and ``NoneOpen`` outside an incident's channel.
    """
    if incident_id is not None:
        return existing_incident(tx, incident_id, viewer)
    here = incidents.by_channel(tx.connection, channel_id, viewer) if channel_id else None
    if here:
        return here
    raise _which_one(tx, *line, viewer)


def _which_one(tx: Tx, command: str, arguments: str, viewer: Viewer) -> WhichIncident | NoneOpen:
    """The question which incident is meant, with a button for each that can be."""
    candidates, total = _candidates(tx, command, viewer)
    if not candidates:
        return NoneOpen(command=command)
    names = [f"{each.ref} {cut(each.title, 60)}" for each in candidates]
    lines = [f"{command} {each.ref} {arguments}".strip() for each in candidates]
    offers = dict(zip(names, lines, strict=True))
    if total > len(names):
        names.append(f"and {total - len(names)} more")
    question = WhichIncident(example=f"{command} {candidates[0].ref}", candidates=", ".join(names))
    question.offers = offers
    return question


def _candidates(tx: Tx, command: str, viewer: Viewer) -> tuple[list[Incident], int]:
    """The incidents that a command can mean, the likeliest first, and how many there are."""
    groups = CANDIDATES.get(command, (ACTIVE,))
    found, total = list[Incident](), 0
    for statuses in groups:
        query = IncidentQuery(
            statuses=statuses, limit=_CANDIDATES_SHOWN[len(groups)], by_resolution=not statuses & ACTIVE
        )
        found += incidents.find(tx.connection, query, viewer)
        total += incidents.count(tx.connection, query, viewer)
    return found, total

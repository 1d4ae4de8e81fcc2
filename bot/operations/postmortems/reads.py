"""Reads postmortems. One that the viewer may not see doesn't exist for them."""

from __future__ import annotations

from itertools import chain, islice
from zoneinfo import ZoneInfo

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.errors import NoPostmortem, PostmortemFinal
from bot.domain.kit.people import Viewer
from bot.domain.postmortems.model import EventChoice, Postmortem, added_name
from bot.operations.kit.access import existing_incident
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Tx
from storage import postmortems, timeline_reads


def existing_postmortem(
    tx: Tx, incident_id: int, viewer: Viewer, *, lock: bool = False
) -> tuple[Incident, Postmortem]:
    """The incident and its postmortem; raises ``UnknownRef`` and ``NoPostmortem``."""
    incident = existing_incident(tx, incident_id, viewer)
    found = postmortems.of_incident(tx.connection, incident_id, viewer, lock=lock)
    if found is None:
        raise NoPostmortem(ref=incident.ref)
    return incident, found


def unfinished_postmortem(tx: Tx, incident_id: int, by: str) -> tuple[Incident, Postmortem]:
    """The incident and its postmortem, for a change; raises ``NoPostmortem`` and ``PostmortemFinal``."""
    incident, found = existing_postmortem(tx, incident_id, by, lock=True)
    if found.is_final:
        raise PostmortemFinal(ref=incident.ref)
    return incident, found


def event_choices(
    tx: Tx, incident: Incident, found: Postmortem, typed: str, limit: int, zone: ZoneInfo
) -> list[EventChoice]:
    """Added events and entries of the incident's timeline that contain what was typed, in this order."""
    names = namer(tx)
    entries = timeline_reads.find(tx.connection, incident.id, everything=True)
    choices = chain(
        (EventChoice(added_name(each), each.at.astimezone(zone), each.text) for each in found.added),
        (
            EventChoice(str(each.id), each.at.astimezone(zone), entry_words(each, names))
            for each in entries
            if not each.is_gone
        ),
    )
    return list(islice((each for each in choices if typed.casefold() in each.words.casefold()), limit))

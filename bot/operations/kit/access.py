"""Finds incidents. One that the viewer may not see doesn't exist for them."""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.kit.errors import UnknownRef
from bot.domain.kit.people import Person, Viewer
from bot.operations.kit.transaction import Tx
from storage import incidents, people


def existing_incident(tx: Tx, incident_id: int, viewer: Viewer, *, lock: bool = False) -> Incident:
    """The incident; raises ``UnknownRef`` if there is none that the viewer may see.

    With ``lock``, nobody else can change it before this transaction ends.
    """
    incident = incidents.get(tx.connection, incident_id, viewer, lock=lock)
    if incident is None:
        raise UnknownRef(ref=ref_of(incident_id))
    return incident


def participant(tx: Tx, user_id: str | None, incident: Incident) -> Person | None:
    """The person, if they may act and may see the incident."""
    person = tx.once(people.get, user_id) if user_id else None
    if person is None or not person.may_act:
        return None
    if incident.is_private and incidents.get(tx.connection, incident.id, person.id) is None:
        return None
    return person

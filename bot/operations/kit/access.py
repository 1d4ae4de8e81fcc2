"""Finds incidents. One that the viewer may not see doesn't exist for them."""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.kit.errors import UnknownRef
from bot.domain.kit.people import ERASED, Person, Viewer
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


def can_see(tx: Tx, incident: Incident, user_id: str | None) -> bool:
    """Whether somebody may see the incident; a person who was erased is nobody."""
    return user_id not in {None, ERASED} and incidents.get(tx.connection, incident.id, user_id) is not None


def participant(tx: Tx, user_id: str | None, incident: Incident) -> Person | None:
    """The person, if they may act and may see the incident."""
    person = tx.once(people.get, user_id) if user_id else None
    if person is None or not person.may_act:
        return None
    if incident.is_private and incidents.get(tx.connection, incident.id, person.id) is None:
        return None
    return person

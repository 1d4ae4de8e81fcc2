"""Finds incidents. One that the viewer may not see doesn't exist for them."""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.kit.errors import UnknownRef
from bot.domain.kit.people import Viewer
from bot.operations.kit.transaction import Tx
from storage import incidents


def existing_incident(tx: Tx, incident_id: int, viewer: Viewer, *, lock: bool = False) -> Incident:
    """The incident; raises ``UnknownRef`` if there is none that the viewer may see.

    With ``lock``, nobody else can change it before this transaction ends.
    """
    incident = incidents.get(tx.connection, incident_id, viewer, lock=lock)
    if incident is None:
        raise UnknownRef(ref=ref_of(incident_id))
    return incident

"""Who has which role in an incident."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import Roles, roles_of
from bot.operations.kit.transaction import Tx
from storage import incident_roles, settings


def roles_in(tx: Tx, incident: Incident) -> Roles:
    """The incident's roles with the people who have them now."""
    return roles_of(
        incident, tx.once(settings.get).roles, incident_roles.of_incident(tx.connection, incident.id)
    )

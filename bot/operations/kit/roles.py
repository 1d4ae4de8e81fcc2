"""Who has which role in an incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import COMMANDER, Roles, roles_of
from bot.operations.kit.transaction import Tx
from storage import incident_roles, settings


def roles_in(tx: Tx, incident: Incident) -> Roles:
    """The incident's roles with the people who have them now."""
    return roles_of(
        incident, tx.once(settings.get).roles, incident_roles.of_incident(tx.connection, incident.id)
    )


def names_of_roles(tx: Tx, found: Sequence[Incident], user_id: str) -> Mapping[int, Sequence[str]]:
    """The names of the roles that somebody has in these incidents, by incident."""
    names = {each.id: [COMMANDER.name] for each in found if each.commander_id == user_id}
    for held in incident_roles.of_person(tx.connection, user_id, [each.id for each in found]):
        names.setdefault(held.incident_id, []).append(held.name)
    return names

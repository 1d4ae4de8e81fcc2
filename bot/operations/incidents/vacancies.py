"""Finds what people who can no longer act leave for others to take over."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Vacancies
from bot.domain.incidents.roles import is_lost, key_of
from bot.domain.kit.people import SYSTEM
from bot.operations.kit.access import participant
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import action_items, five_whys, incidents, postmortems


class VacancyReads(Operations):
    """Reads what somebody leaves for others to take over."""

    @reading
    def of(self, tx: Tx, incident_id: int, user_id: str) -> Vacancies | None:
        """What they leave in the incident; ``None`` if nothing, or if they may act again."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        if incident is None or participant(tx, user_id, incident):
            return None
        draft = postmortems.of_incident(tx.connection, incident_id, SYSTEM)
        sessions = five_whys.of_incident(tx.connection, incident_id)
        items = action_items.of_incident(tx.connection, incident_id)
        found = Vacancies(
            incident,
            user_id,
            commands=incident.is_active and incident.commander_id == user_id,
            roles=_roles(tx, incident, user_id) if incident.is_active else (),
            owns_postmortem=draft is not None and not draft.is_final and draft.owner_id == user_id,
            sessions=tuple(
                (each.id, each.ref) for each in sessions if each.is_active and each.facilitator_id == user_id
            ),
            items=tuple(
                (each.id, each.ref, each.title)
                for each in items
                if each.is_to_do and each.assigned_to == user_id
            ),
        )
        return found if found.is_any else None


def _roles(tx: Tx, incident: Incident, user_id: str) -> tuple[tuple[str, str], ...]:
    """(key, name) of their roles that somebody else can get."""
    theirs = [role for role, holder in roles_in(tx, incident).supporting if holder == user_id]
    return tuple((key_of(role.name), role.name) for role in theirs if not is_lost(role))

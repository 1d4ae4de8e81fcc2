"""Finds what people who can no longer act have left."""

from __future__ import annotations

from bot.domain.incidents.notices import Vacancies
from bot.domain.kit.people import SYSTEM
from bot.operations.kit.access import participant
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import action_items, five_whys, incident_roles, incidents, postmortems


class VacancyReads(Operations):
    """Reads what somebody has left."""

    @reading
    def of(self, tx: Tx, incident_id: int, user_id: str) -> Vacancies | None:
        """What they have left in the incident; ``None`` if nothing, or if they may act again."""
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
            roles=tuple(
                (each.role, each.name)
                for each in incident_roles.of_incident(tx.connection, incident_id)
                if incident.is_active and each.user_id == user_id
            ),
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

"""Who has something to do in which incident."""

from __future__ import annotations

from sqlalchemy import Connection, select, union

from bot.domain.action_items.model import STILL_TO_DO
from bot.domain.five_whys.model import AnalysisStatus
from bot.domain.incidents.model import ACTIVE
from storage.literals import one_of
from storage.tables import action_items, five_whys_analyses, incident_roles, incidents, postmortems


def incidents_of(tx: Connection, user_id: str) -> list[int]:
    """The incidents in which somebody has a role, or owns or facilitates something unfinished."""
    commands = select(incidents.c.id).where(
        incidents.c.commander_id == user_id, one_of(incidents.c.status, ACTIVE)
    )
    plays = (
        select(incident_roles.c.incident_id)
        .join(incidents)
        .where(incident_roles.c.user_id == user_id, one_of(incidents.c.status, ACTIVE))
    )
    writes = select(postmortems.c.incident_id).where(
        postmortems.c.owner_id == user_id, postmortems.c.completed_at.is_(None)
    )
    facilitates = select(five_whys_analyses.c.incident_id).where(
        five_whys_analyses.c.facilitator_id == user_id,
        five_whys_analyses.c.status == AnalysisStatus.ACTIVE.value,
    )
    owns = select(action_items.c.incident_id).where(
        action_items.c.assigned_to == user_id, one_of(action_items.c.status, STILL_TO_DO)
    )
    return sorted(tx.execute(union(commands, plays, writes, facilitates, owns)).scalars())

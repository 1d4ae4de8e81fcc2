"""Who has which role in an incident, in the database; the commander is kept with the incident."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import Connection, bindparam, delete, select

from bot.domain.incidents.roles import HeldRole
from storage.tables import incident_roles
from storage.upsert import upsert

_columns = incident_roles.c
_KEY = ("incident_id", "role")


def of_incident(tx: Connection, incident_id: int) -> list[HeldRole]:
    """The roles that people have in the incident, in the order in which they got them."""
    return [HeldRole(*row) for row in tx.execute(_OF_INCIDENT, {"asked": incident_id})]


_OF_INCIDENT = (
    select(incident_roles)
    .where(_columns.incident_id == bindparam("asked"))
    .order_by(_columns.since, _columns.role)
)


def of_person(tx: Connection, user_id: str, incident_ids: Collection[int]) -> list[HeldRole]:
    """The roles that somebody has in these incidents."""
    query = select(incident_roles).where(_columns.incident_id.in_(incident_ids), _columns.user_id == user_id)
    return [HeldRole(*row) for row in tx.execute(query.order_by(_columns.since, _columns.role))]


def save(tx: Connection, held: HeldRole) -> None:
    """Store who has the role now, in place of the person who had it before."""
    upsert(tx, incident_roles, asdict(held), on=_KEY)


def free(tx: Connection, incident_id: int, role: str) -> None:
    """Record that nobody has the role."""
    tx.execute(delete(incident_roles).where(_columns.incident_id == incident_id, _columns.role == role))

"""Who gets a direct message when an incident changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.tables import subscriptions
from storage.upsert import insert_new

_columns = subscriptions.c


def add(tx: Connection, incident_id: int, user_id: str, now: datetime) -> None:
    """Subscribe somebody to the incident; fine if they already are."""
    values = {"incident_id": incident_id, "user_id": user_id, "at": now}
    insert_new(tx, subscriptions, values, on=("incident_id", "user_id"))


def remove(tx: Connection, incident_id: int, user_id: str) -> None:
    """End somebody's subscription; fine if there is none."""
    theirs = (_columns.incident_id == incident_id, _columns.user_id == user_id)
    tx.execute(delete(subscriptions).where(*theirs))


def of_incident(tx: Connection, incident_id: int) -> list[str]:
    """The ids of the incident's subscribers."""
    query = select(_columns.user_id).where(_columns.incident_id == incident_id)
    return list(tx.execute(query.order_by(_columns.user_id)).scalars())


def has(tx: Connection, incident_id: int, user_id: str) -> bool:
    """Whether somebody is subscribed to the incident."""
    query = select(_columns.at).where(_columns.incident_id == incident_id, _columns.user_id == user_id)
    return tx.execute(query).first() is not None

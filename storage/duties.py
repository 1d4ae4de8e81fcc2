"""Which incidents still need a postmortem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.tables import postmortem_duties
from storage.upsert import upsert

_columns = postmortem_duties.c


@dataclass(frozen=True, slots=True)
class Duty:
    """The duty to write an incident's postmortem, unless that was waived. Times are UTC."""

    incident_id: int
    resolved_at: datetime
    remind_at: datetime | None
    reminded: int
    waived_by: str | None
    waived_because: str | None


def expect(tx: Connection, incident_id: int, resolved_at: datetime, remind_at: datetime) -> None:
    """Record that the incident needs a postmortem, as if nobody had been reminded or had waived it yet."""
    values = {
        "incident_id": incident_id,
        "resolved_at": resolved_at,
        "remind_at": remind_at,
        "reminded": 0,
        "waived_by": None,
        "waived_because": None,
    }
    upsert(tx, postmortem_duties, values, on=("incident_id",))


def forget(tx: Connection, incident_id: int) -> None:
    """Record that the incident no longer needs a postmortem."""
    tx.execute(delete(postmortem_duties).where(_columns.incident_id == incident_id))


def get(tx: Connection, incident_id: int) -> Duty | None:
    """The incident's duty, or ``None`` if it needs no postmortem."""
    row = tx.execute(_GET, {"asked": incident_id}).one_or_none()
    return Duty(*row) if row else None


_GET = select(postmortem_duties).where(_columns.incident_id == bindparam("asked"))


def change(tx: Connection, incident_id: int, **values: Any) -> None:
    """Set some fields of the incident's duty."""
    tx.execute(update(postmortem_duties).where(_columns.incident_id == incident_id).values(**values))


def take_due(tx: Connection, now: datetime, limit: int) -> list[Duty]:
    """Duties whose reminder is due, longest due first, locked until this transaction ends."""
    query = select(postmortem_duties).where(_columns.remind_at <= now).order_by(_columns.remind_at)
    rows = tx.execute(query.limit(limit).with_for_update(skip_locked=True))
    return [Duty(*row) for row in rows]

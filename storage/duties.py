"""Which incidents still need a postmortem."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.entities import columns_of, save_row
from storage.tables import postmortem_duties
from storage.upsert import upsert

_columns = postmortem_duties.c


@dataclass(frozen=True, slots=True)
class Duty:
    """The duty to write an incident's postmortem, unless that was waived. Times are UTC."""

    incident_id: int
    resolved_at: datetime
    remind_at: datetime | None
    reminded: int = 0
    waived_by: str | None = None
    waived_because: str | None = None


def add(tx: Connection, duty: Duty) -> Duty:
    """Store a new duty, in place of an earlier one of the same incident."""
    upsert(tx, postmortem_duties, asdict(duty), on=("incident_id",))
    return duty


def save(tx: Connection, duty: Duty) -> Duty:
    """Store what the duty is now."""
    save_row(tx, postmortem_duties, duty.incident_id, columns_of(duty, postmortem_duties))
    return duty


def waive(tx: Connection, incident_id: int, by: str, because: str) -> None:
    """Record who has waived the incident's duty, if there is one, and why: nobody is reminded of it again."""
    values = {"remind_at": None, "waived_by": by, "waived_because": because}
    tx.execute(update(postmortem_duties).where(_columns.incident_id == incident_id).values(values))


def forget(tx: Connection, incident_id: int) -> None:
    """Record that the incident no longer needs a postmortem."""
    tx.execute(delete(postmortem_duties).where(_columns.incident_id == incident_id))


def get(tx: Connection, incident_id: int) -> Duty | None:
    """The incident's duty, or ``None`` if it needs no postmortem."""
    row = tx.execute(_GET, {"asked": incident_id}).one_or_none()
    return Duty(*row) if row else None


_GET = select(postmortem_duties).where(_columns.incident_id == bindparam("asked"))


def take_due(tx: Connection, now: datetime, limit: int) -> list[Duty]:
    """Duties whose reminder is due, longest overdue first, locked until this transaction ends."""
    query = select(postmortem_duties).where(_columns.remind_at <= now).order_by(_columns.remind_at)
    rows = tx.execute(query.limit(limit).with_for_update(skip_locked=True))
    return [Duty(*row) for row in rows]

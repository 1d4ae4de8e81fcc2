"""When somebody was last seen in an incident, besides what the timeline says, and when they were briefed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select

from bot.domain.incidents.briefing import Attendance
from storage.tables import attendance
from storage.upsert import upsert

_KEY = ("incident_id", "user_id")


def get(tx: Connection, incident_id: int, user_id: str) -> Attendance:
    """What is known of the person; nothing at all is fine."""
    mine = (attendance.c.incident_id == incident_id, attendance.c.user_id == user_id)
    columns = (attendance.c.acted_at, attendance.c.briefed_at, attendance.c.briefed_since)
    row = tx.execute(select(*columns).where(*mine)).one_or_none()
    return Attendance(*row) if row else Attendance()


def note_act(tx: Connection, incident_id: int, user_id: str, at: datetime) -> None:
    """Record that the person did something at this time, unless something later is known."""
    values = {"incident_id": incident_id, "user_id": user_id, "acted_at": at}
    is_later = or_(attendance.c.acted_at.is_(None), attendance.c.acted_at < at)
    upsert(tx, attendance, values, on=_KEY, only_if=is_later)


def note_briefing(
    tx: Connection, incident_id: int, user_id: str, at: datetime, since: datetime | None
) -> None:
    """Record that the person was briefed at this time about what had happened since then."""
    values = {"incident_id": incident_id, "user_id": user_id, "briefed_at": at, "briefed_since": since}
    upsert(tx, attendance, values, on=_KEY)

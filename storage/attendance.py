"""When somebody was last seen in an incident, besides what the timeline says, and when they were briefed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, or_, select, union

from bot.domain.incidents.briefing import Attendance
from bot.domain.incidents.model import Incident
from storage.tables import attendance, key_marks, timeline_entries
from storage.upsert import upsert

_KEY = ("incident_id", "user_id")


def get(tx: Connection, incident_id: int, user_id: str) -> Attendance:
    """What is known of the person; every field is ``None`` if nothing is."""
    mine = (attendance.c.incident_id == incident_id, attendance.c.user_id == user_id)
    columns = (attendance.c.acted_at, attendance.c.briefed_at, attendance.c.briefed_since)
    row = tx.execute(select(*columns).where(*mine)).one_or_none()
    return Attendance(*row) if row else Attendance()


def seen_among(tx: Connection, incident: Incident, user_ids: Collection[str]) -> frozenset[str]:
    """Those of these people who have ever written, reacted, clicked or changed anything in the incident."""
    here, entries, marks = attendance.c, timeline_entries.c, key_marks.c
    people: BindParameter[Any] = bindparam("people", expanding=True)
    acted = select(here.user_id).where(here.incident_id == incident.id, here.user_id.in_(people))
    wrote = select(entries.by).where(entries.incident_id == incident.id, entries.by.in_(people))
    marked = select(marks.user_id).where(marks.channel_id == incident.channel_id, marks.user_id.in_(people))
    rows = tx.execute(union(acted, wrote, marked), {"people": list(user_ids)})
    return frozenset(rows.scalars())


def note_act(tx: Connection, incident_id: int, user_id: str, at: datetime) -> None:
    """Record that the person did something at this time, unless something later is known."""
    values = {"incident_id": incident_id, "user_id": user_id, "acted_at": at}
    is_later = or_(attendance.c.acted_at.is_(None), attendance.c.acted_at < at)
    upsert(tx, attendance, values, on=_KEY, only_if=is_later)


def note_briefing(
    tx: Connection, incident_id: int, user_id: str, at: datetime, since: datetime | None
) -> None:
    """Record that the person was briefed at ``at`` about what had happened since ``since``."""
    values = {"incident_id": incident_id, "user_id": user_id, "briefed_at": at, "briefed_since": since}
    upsert(tx, attendance, values, on=_KEY)

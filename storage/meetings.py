"""Postmortem meetings in the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, exists, select

from bot.codec import COLUMNS, dump, load
from bot.domain.calendar.meetings import LIVE, Meeting
from bot.domain.kit.people import Viewer
from storage.entities import add_row, columns_of, save_row
from storage.literals import one_of
from storage.members import row_seen_by
from storage.tables import meetings

_columns = meetings.c


def add(tx: Connection, meeting: Meeting) -> Meeting:
    """Store a new meeting and return it with its id."""
    return replace(meeting, id=add_row(tx, meetings, _values(meeting)))


def save(tx: Connection, meeting: Meeting) -> Meeting:
    """Store what the meeting is now."""
    save_row(tx, meetings, meeting.id, _values(meeting))
    return meeting


def get(tx: Connection, meeting_id: int, viewer: Viewer, *, lock: bool = False) -> Meeting | None:
    """The meeting, or ``None`` if the viewer can't see one with this id.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    row = row_seen_by(tx, viewer, _columns.id, meeting_id, lock=lock)
    return _meeting(row) if row else None


def last_of(tx: Connection, incident_id: int, *, lock: bool = False) -> Meeting | None:
    """The incident's latest meeting, cancelled or not, or ``None``.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    query = select(meetings).where(_columns.incident_id == incident_id).order_by(_columns.id.desc()).limit(1)
    if lock:
        query = query.with_for_update(key_share=True)
    row = tx.execute(query).mappings().one_or_none()
    return _meeting(row) if row else None


def by_event(tx: Connection, event_id: str) -> Meeting | None:
    """The meeting with this event, locked, or ``None``."""
    query = select(meetings).where(_columns.event_id == event_id).with_for_update(key_share=True)
    row = tx.execute(query).mappings().one_or_none()
    return _meeting(row) if row else None


def known_events(tx: Connection, event_ids: Collection[str]) -> frozenset[str]:
    """Those of the events that belong to meetings."""
    query = select(_columns.event_id).where(_columns.event_id.in_(event_ids))
    return frozenset(tx.execute(query).scalars())


def any_ahead(tx: Connection, now: datetime) -> bool:
    """Whether any live meeting is booked to end after now."""
    ahead = exists().where(_columns.ends_at > now, one_of(_columns.status, LIVE))
    return bool(tx.execute(select(ahead)).scalar_one())


def _values(meeting: Meeting) -> dict[str, Any]:
    ends_at = meeting.booking.end if meeting.booking else None
    return {**columns_of(meeting, meetings), "ends_at": ends_at, "content": _content(meeting)}


def _content(meeting: Meeting) -> dict[str, Any]:
    return {name: value for name, value in dump(meeting).items() if name not in meetings.c}


def _meeting(row: RowMapping) -> Meeting:
    return load(Meeting, {**row, **row["content"]}, COLUMNS)

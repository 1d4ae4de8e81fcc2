"""Queries of timelines for somebody who has been away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, true

from bot.domain.incidents.timeline import STATE_CHANGES, EntryKind, TimelineEntry, time_of
from storage.literals import one_of
from storage.tables import key_marks, timeline_entries
from storage.timeline import ENTRIES, entry_of, is_key, shown_columns


def last_entry_by(
    tx: Connection, incident_id: int, user_id: str, besides: str | None = None
) -> datetime | None:
    """When the person last wrote or changed something, or ``None``; the message ``besides`` doesn't count."""
    theirs = [ENTRIES.incident_id == incident_id, ENTRIES.by == user_id]
    if besides:
        theirs.append(or_(ENTRIES.ts.is_(None), ENTRIES.ts != besides))
    query = select(ENTRIES.at).where(*theirs).order_by(ENTRIES.at.desc(), ENTRIES.id.desc()).limit(1)
    return tx.execute(query).scalar_one_or_none()


def last_mark_by(tx: Connection, channel_id: str | None, user_id: str) -> datetime | None:
    """When the person last marked a key event, or removed a mark; ``None`` if they never did."""
    theirs = (key_marks.c.channel_id == channel_id, key_marks.c.user_id == user_id)
    found = tx.execute(select(func.max(key_marks.c.event_ts)).where(*theirs)).scalar_one_or_none()
    return time_of(found) if found else None


def changes(
    tx: Connection, incident_id: int, since: datetime | None, limit: int
) -> tuple[list[TimelineEntry], int]:
    """The latest ``limit`` changes and key events after ``since``, oldest first, and how many there are.

    A message that was marked since then counts as well, however old it is.
    """
    mine = and_(_of(incident_id), _happened(since))
    latest = _latest(mine).limit(limit)
    found = [entry_of(row) for row in tx.execute(latest)]
    total = select(func.count()).select_from(timeline_entries).where(mine)
    return found[::-1], int(tx.execute(total).scalar_one())


def messages(tx: Connection, incident_id: int, since: datetime | None) -> int:
    """How many messages people have written after ``since``; ``None`` counts all."""
    written = and_(_of(incident_id), ENTRIES.kind == EntryKind.MESSAGE.value, ENTRIES.by.is_not(None))
    query = select(func.count()).select_from(timeline_entries).where(written, _after(since))
    return int(tx.execute(query).scalar_one())


def latest_note(tx: Connection, incident_id: int) -> TimelineEntry | None:
    """The latest update or, without one, the latest change of status or severity that somebody explained."""
    for kinds in ([EntryKind.UPDATE], [EntryKind.STATUS, EntryKind.SEVERITY]):
        is_one = ENTRIES.kind.in_([kind.value for kind in kinds])
        found = _first(tx, and_(_of(incident_id), is_one, ENTRIES.text != ""))
        if found:
            return found
    return None


def latest_key_event(tx: Connection, incident_id: int) -> TimelineEntry | None:
    """The latest message that is marked as a key event, or ``None``."""
    return _first(tx, and_(_of(incident_id), ENTRIES.kind == EntryKind.MESSAGE.value, is_key()))


def _of(incident_id: int) -> ColumnElement[bool]:
    return and_(ENTRIES.incident_id == incident_id, ENTRIES.is_deleted.is_(False))


def _after(since: datetime | None) -> ColumnElement[bool]:
    return ENTRIES.at > since if since else true()


def _happened(since: datetime | None) -> ColumnElement[bool]:
    """Whether the entry is a change or a key event that is newer than ``since``."""
    if since is None:
        return or_(one_of(ENTRIES.kind, STATE_CHANGES), is_key())
    marks = key_marks.c
    marked = exists().where(
        marks.channel_id == ENTRIES.channel_id,
        marks.ts == ENTRIES.ts,
        marks.present,
        # Both are Slack's ts: seconds with ten digits, which sort like numbers.
        marks.event_ts > f"{since.timestamp():.6f}",
    )
    return or_(and_(one_of(ENTRIES.kind, STATE_CHANGES), _after(since)), marked)


def _latest(which: ColumnElement[bool]) -> Select[Any]:
    return select(*shown_columns()).where(which).order_by(ENTRIES.at.desc(), ENTRIES.id.desc())


def _first(tx: Connection, which: ColumnElement[bool]) -> TimelineEntry | None:
    row = tx.execute(_latest(which).limit(1)).one_or_none()
    return entry_of(row) if row else None

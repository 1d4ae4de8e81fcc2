"""The timeline in the database.

Slack may report a message, its edits and its deletion in any order and several times. Each message is one row
with the key (channel, ts); an edit or a deletion that arrives first creates the row, and the message fills in
the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    select,
    update,
)

from bot.domain.incidents.timeline import (
    BY_ERASURE,
    EntryKind,
    KeyMark,
    PostedMessage,
    TimelineEntry,
    time_of,
)
from storage.entities import add_row, columns_of
from storage.tables import key_marks, timeline_entries
from storage.upsert import insert_all_new, insert_new, upsert

ENTRIES = timeline_entries.c


def add(tx: Connection, entry: TimelineEntry) -> TimelineEntry:
    """Store a change of the incident's state and return its entry with its id."""
    values = {**columns_of(entry, timeline_entries), "is_seen": True}
    return replace(entry, id=add_row(tx, timeline_entries, values))


def record_message(tx: Connection, incident_id: int, message: PostedMessage) -> bool:
    """Store a message, keeping what a known edit or deletion says; returns whether it is new."""
    if _add(tx, incident_id, message, is_seen=True):
        return True
    known = _lock(tx, message.channel_id, message.ts)
    if known.is_seen:
        return False
    values: dict[str, Any] = {
        "by": message.user_id,
        "source": message.source,
        "thread_ts": message.thread_ts,
        "is_seen": True,
    }
    if known.edited_ts is None and not known.is_deleted:
        values |= {"text": message.text, "files": list(message.files)}
    _set(tx, known.id, values)
    return True


def record_messages(tx: Connection, found: Sequence[tuple[int, PostedMessage]]) -> None:
    """Like :func:`record_message`, for many, each with its incident: one statement inserts all new ones.

    They are always processed in the same order, so that two replicas that store the same messages don't
    deadlock.
    """
    first: dict[tuple[str, str], tuple[int, PostedMessage]] = {}
    for incident_id, message in found:
        first.setdefault((message.channel_id, message.ts), (incident_id, message))
    rows = [_new_message(*first[place], is_seen=True) for place in sorted(first)]
    insert_all_new(tx, timeline_entries, rows, on=("channel_id", "ts"))
    for place in _unseen_among(tx, rows):
        if place in first:
            record_message(tx, *first[place])


def _unseen_among(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(channel, ts) of messages in the rows' time span for which only an edit or a deletion is stored."""
    if not rows:
        return []
    times = [row["at"] for row in rows]
    known = {
        "incidents": sorted({row["incident_id"] for row in rows}),
        "since": min(times),
        "until": max(times),
    }
    return [(row.channel_id, row.ts) for row in tx.execute(_UNSEEN, known)]


_UNSEEN = (
    select(ENTRIES.channel_id, ENTRIES.ts)
    .where(
        ENTRIES.incident_id.in_(bindparam("incidents", expanding=True)),
        ENTRIES.at.between(bindparam("since"), bindparam("until")),
        ENTRIES.kind == EntryKind.MESSAGE.value,
        ENTRIES.is_seen.is_(False),
    )
    .order_by(ENTRIES.channel_id, ENTRIES.ts)
)


def edit_message(tx: Connection, incident_id: int, message: PostedMessage) -> bool:
    """Store a message's current text; returns whether it did.

    A later edit, or the message's deletion, wins.
    """
    if _add(tx, incident_id, message, is_seen=False):
        return True
    known = _lock(tx, message.channel_id, message.ts)
    if (
        known.kind != EntryKind.MESSAGE.value
        or known.is_deleted
        or _is_later(known.edited_ts, message.edited_ts)
    ):
        return False
    values: dict[str, Any] = {"text": message.text, "files": list(message.files)}
    if message.edited_ts:
        values["edited_ts"] = message.edited_ts
    _set(tx, known.id, values)
    return True


def delete_message(tx: Connection, incident_id: int, message: PostedMessage) -> None:
    """Forget what the message said, but keep the fact that it existed.

    If it announced a change, the change itself stays.
    """
    gone: dict[str, Any] = {"text": "", "files": [], "edited_ts": None, "is_deleted": True}
    _add(tx, incident_id, message, is_seen=False)
    known = _lock(tx, message.channel_id, message.ts)
    if known.kind == EntryKind.MESSAGE.value:
        _set(tx, known.id, gone)


def mark_key(tx: Connection, mark: KeyMark) -> None:
    """Store whether somebody's mark is there, unless something later is known about it."""
    values: dict[str, Any] = {
        "channel_id": mark.channel_id,
        "ts": mark.ts,
        "user_id": mark.user_id,
        "source": mark.source,
        "present": mark.present,
        "event_ts": mark.event_ts,
    }
    later = key_marks.c.event_ts <= mark.event_ts
    upsert(tx, key_marks, values, on=("channel_id", "ts", "user_id", "source"), only_if=later)


def set_key_marks(tx: Connection, channel_id: str, ts: str, users: frozenset[str], before: str) -> None:
    """Make the reactions that mark a message exactly these people's, as the channel's history shows them.

    Marks with an event at ``before`` or later are left alone, because the event is newer. A new mark counts
    as being as old as the message, so that any event that still arrives is newer.
    """
    mine = and_(key_marks.c.channel_id == channel_id, key_marks.c.ts == ts, key_marks.c.source == "reaction")
    older = and_(mine, key_marks.c.event_ts < before)
    tx.execute(update(key_marks).where(older).values(present=key_marks.c.user_id.in_(users)))
    for user_id in sorted(users):
        new = KeyMark(channel_id, ts, user_id, "reaction", present=True, event_ts=ts)
        insert_new(tx, key_marks, asdict(new), on=("channel_id", "ts", "user_id", "source"))


def show_at(tx: Connection, entry_id: int, channel_id: str, ts: str) -> None:
    """Store the location of the channel message that announces this change."""
    _set(tx, entry_id, {"channel_id": channel_id, "ts": ts})


def reword(tx: Connection, entry_id: int, text: str) -> None:
    """Store what a change's text says after it was corrected."""
    _set(tx, entry_id, {"text": text})


def is_key() -> ColumnElement[bool]:
    """Whether somebody has marked the entry as a key event."""
    return exists().where(
        key_marks.c.channel_id == ENTRIES.channel_id, key_marks.c.ts == ENTRIES.ts, key_marks.c.present
    )


def shown_columns() -> list[ColumnElement[Any]]:
    """The columns that :func:`entry_of` reads."""
    return [*ENTRIES, is_key().label("is_key")]


def _add(tx: Connection, incident_id: int, message: PostedMessage, *, is_seen: bool) -> bool:
    values = _new_message(incident_id, message, is_seen=is_seen)
    return insert_new(tx, timeline_entries, values, on=("channel_id", "ts"))


def _new_message(incident_id: int, message: PostedMessage, *, is_seen: bool) -> dict[str, Any]:
    return {
        "incident_id": incident_id,
        "kind": EntryKind.MESSAGE.value,
        "at": time_of(message.ts),
        "by": message.user_id,
        "source": message.source,
        "text": message.text,
        "files": list(message.files),
        "channel_id": message.channel_id,
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "edited_ts": message.edited_ts,
        "is_seen": is_seen,
        "is_deleted": message.is_erased,
        "removed_after": BY_ERASURE if message.is_erased else None,
    }


def _lock(tx: Connection, channel_id: str, ts: str) -> Row[Any]:
    mine = and_(ENTRIES.channel_id == channel_id, ENTRIES.ts == ts)
    return tx.execute(select(timeline_entries).where(mine).with_for_update()).one()


def _set(tx: Connection, entry_id: int, values: dict[str, Any]) -> None:
    tx.execute(update(timeline_entries).where(ENTRIES.id == entry_id).values(values))


def _is_later(known: str | None, edited_ts: str | None) -> bool:
    """Whether an edit at ``known`` came after the one at ``edited_ts``."""
    return known is not None and float(known) > float(edited_ts or 0)


def entry_of(row: Row[Any]) -> TimelineEntry:
    """The row as a domain value."""
    return TimelineEntry(
        id=row.id,
        incident_id=row.incident_id,
        kind=EntryKind(row.kind),
        at=row.at,
        by=row.by,
        source=row.source,
        from_value=row.from_value,
        to_value=row.to_value,
        text=row.text,
        files=tuple(row.files),
        channel_id=row.channel_id,
        ts=row.ts,
        thread_ts=row.thread_ts,
        is_edited=row.edited_ts is not None,
        is_deleted=row.is_deleted,
        is_key=row.is_key,
        removed_after=row.removed_after,
    )

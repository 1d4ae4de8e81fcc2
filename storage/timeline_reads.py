"""Queries of timelines."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from bot.domain.incidents.catching_up import KnownMessage, KnownReaction
from bot.domain.incidents.timeline import (
    STATE_CHANGES,
    EntryKind,
    TimelineEntry,
)
from storage.literals import one_of
from storage.tables import key_marks, timeline_entries
from storage.timeline import ENTRIES, entry_of, is_key, shown_columns


def known_messages(tx: Connection, channel_id: str, ts: Collection[str]) -> dict[str, KnownMessage]:
    """The messages that are stored, by ts."""
    columns = (ENTRIES.ts, ENTRIES.kind, ENTRIES.is_seen, ENTRIES.is_deleted, ENTRIES.edited_ts)
    bot_text = case((ENTRIES.source.is_not(None), ENTRIES.text)).label("bot_text")
    query = select(*columns, bot_text).where(ENTRIES.channel_id == channel_id, ENTRIES.ts.in_(ts))
    return {
        row.ts: KnownMessage(EntryKind(row.kind), row.is_seen, row.is_deleted, row.edited_ts, row.bot_text)
        for row in tx.execute(query)
    }


def known_reactions(
    tx: Connection, channel_id: str, ts: Collection[str]
) -> dict[str, dict[str, KnownReaction]]:
    """Reactions that mark these messages or once did, by the message's ts and then by person."""
    mine = and_(key_marks.c.channel_id == channel_id, key_marks.c.ts.in_(ts))
    found: dict[str, dict[str, KnownReaction]] = {}
    for row in tx.execute(select(key_marks).where(mine, key_marks.c.source == "reaction")):
        found.setdefault(row.ts, {})[row.user_id] = KnownReaction(row.present, row.event_ts)
    return found


def latest_in_threads(tx: Connection, incident_id: int) -> dict[str, str]:
    """A thread's ts -> the ts of its latest known reply, for each thread in the incident's channel."""
    replies = and_(ENTRIES.incident_id == incident_id, ENTRIES.thread_ts.is_not(None))
    query = select(ENTRIES.thread_ts, func.max(ENTRIES.ts)).where(replies).group_by(ENTRIES.thread_ts)
    return {row[0]: row[1] for row in tx.execute(query)}


def get(tx: Connection, entry_id: int) -> TimelineEntry | None:
    """One entry, or ``None``."""
    row = tx.execute(select(*shown_columns()).where(ENTRIES.id == entry_id)).one_or_none()
    return entry_of(row) if row else None


def last_of(
    tx: Connection, incident_id: int, kind: EntryKind, to_value: str | None = None
) -> TimelineEntry | None:
    """The latest entry of a kind, with this new value if one is given; or ``None``."""
    query = select(*shown_columns()).where(ENTRIES.incident_id == incident_id, ENTRIES.kind == kind.value)
    if to_value is not None:
        query = query.where(ENTRIES.to_value == to_value)
    row = tx.execute(query.order_by(ENTRIES.id.desc()).limit(1)).one_or_none()
    return entry_of(row) if row else None


_MADE_TOGETHER = (frozenset({EntryKind.TITLE, EntryKind.SEVERITY}), frozenset({EntryKind.PEOPLE}))
"""Kinds of entries of which one request may make several, which are shown in one message."""


def together(tx: Connection, entry: TimelineEntry) -> list[TimelineEntry]:
    """The changes that the same request made, in order; the entry is one of them."""
    same = (ENTRIES.incident_id == entry.incident_id, ENTRIES.at == entry.at, ENTRIES.by == entry.by)
    alike = next((each for each in _MADE_TOGETHER if entry.kind in each), frozenset({entry.kind}))
    kinds = [kind.value for kind in alike]
    query = select(*shown_columns()).where(*same, ENTRIES.kind.in_(kinds)).order_by(ENTRIES.id)
    found = [entry_of(row) for row in tx.execute(query)]
    return found if entry.id in {each.id for each in found} else [entry]


def brought_in(tx: Connection, incident_id: int) -> frozenset[str]:
    """The ids of everybody who has been brought into the incident."""
    mine = (ENTRIES.incident_id == incident_id, ENTRIES.kind == EntryKind.PEOPLE.value)
    query = select(ENTRIES.to_value).where(*mine, ENTRIES.to_value.is_not(None))
    return frozenset(each for told in tx.execute(query).scalars() for each in told.split())


def at(tx: Connection, channel_id: str, ts: str) -> TimelineEntry | None:
    """The entry of the message at (channel, ts), or ``None``."""
    row = tx.execute(_at(), {"channel": channel_id, "ts": ts}).one_or_none()
    return entry_of(row) if row else None


@cache
def _at() -> Select[Any]:
    here = (ENTRIES.channel_id == bindparam("channel"), ENTRIES.ts == bindparam("ts"))
    return select(*shown_columns()).where(*here)


def first_of_item(tx: Connection, incident_id: int, ref: str) -> TimelineEntry | None:
    """The entry that records the action item's creation, or ``None``."""
    row = tx.execute(_of_item(incident_id, ref).order_by(ENTRIES.id).limit(1)).one_or_none()
    return entry_of(row) if row else None


def last_of_item(tx: Connection, incident_id: int, ref: str) -> TimelineEntry | None:
    """The entry of an action item's latest change, or ``None``."""
    row = tx.execute(_of_item(incident_id, ref).order_by(ENTRIES.id.desc()).limit(1)).one_or_none()
    return entry_of(row) if row else None


def _of_item(incident_id: int, ref: str) -> Select[Any]:
    mine = and_(
        ENTRIES.incident_id == incident_id,
        ENTRIES.kind == EntryKind.ACTION.value,
        ENTRIES.text.startswith(f"{ref} ", autoescape=True),
    )
    return select(*shown_columns()).where(mine)


def in_thread(tx: Connection, channel_id: str, thread_ts: str) -> list[TimelineEntry]:
    """The replies in a thread that haven't been deleted, oldest first."""
    mine = and_(ENTRIES.channel_id == channel_id, ENTRIES.thread_ts == thread_ts, ENTRIES.is_seen)
    query = (
        select(*shown_columns()).where(mine, ENTRIES.is_deleted.is_(False)).order_by(ENTRIES.at, ENTRIES.id)
    )
    return [entry_of(row) for row in tx.execute(query) if row.ts != thread_ts]


def count(tx: Connection, incident_id: int, *, everything: bool) -> int:
    """How many entries there are: all of them, or only state changes and key events."""
    query = select(func.count()).select_from(timeline_entries).where(_of(incident_id, everything))
    return int(tx.execute(query).scalar_one())


def find(
    tx: Connection, incident_id: int, *, everything: bool, limit: int | None = None, offset: int = 0
) -> list[TimelineEntry]:
    """Entries in the order in which they happened: all of them, or only state changes and key events."""
    query = select(*shown_columns()).where(_of(incident_id, everything)).order_by(ENTRIES.at, ENTRIES.id)
    return [entry_of(row) for row in tx.execute(query.limit(limit).offset(offset))]


def _of(incident_id: int, everything: bool) -> ColumnElement[bool]:
    mine = ENTRIES.incident_id == incident_id
    if everything:
        return mine
    return and_(mine, or_(one_of(ENTRIES.kind, STATE_CHANGES), is_key()))

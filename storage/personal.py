"""Where people are in the database: which rows name somebody, and which words are whose.

A person can be in any text or JSON: as an id, in a mention, in a key. So whoever looks for somebody looks at
every such column of every table, except for those in :data:`ELSEWHERE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, RowMapping, String, Table, select, tuple_

from bot.domain.incidents.timeline import BY_ERASURE, EntryKind
from bot.domain.kit.erasure import Subject
from storage.tables import metadata
from storage.texts import REMOVED

Key = tuple[Any, ...]
Row = Mapping[str, Any] | RowMapping

ELSEWHERE: Mapping[str, str] = {
    "people": "the person's own row, which is handled separately; others' rows name only themselves",
    "names": "names of channels and user groups",
    "user_groups": "what user groups are called; who is in them is in a table of its own",
    "calendar_syncs": "the calendar that the team shares, as the settings name it",
}
"""Tables that aren't searched, and why."""
ERASED_TEXT = "(erased)"
"""What replaces words that something else refers to."""


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody's own words: in rows where ``author`` is their id, these columns become something else."""

    author: str
    left: Callable[[Row], Mapping[str, Any]]


_NOT_THEIR_TEXT = frozenset(
    kind.value
    for kind in (
        *(EntryKind.ACTION, EntryKind.ROLE, EntryKind.ROOT_CAUSE),
        *(EntryKind.PEOPLE, EntryKind.CHECKLIST),
    )
)
"""Entries whose text is the ref and title of an item, a role's name, a session's ref, a reason, or the name
of a checklist.
"""


def _left_of_entry(row: Row) -> Mapping[str, Any]:
    if row["kind"] == EntryKind.MESSAGE.value:
        return {**REMOVED, "removed_after": BY_ERASURE}
    is_theirs = row["kind"] not in _NOT_THEIR_TEXT
    return {"text": ""} if is_theirs else {}


OWN_WORDS: Mapping[str, Own] = {
    "timeline_entries": Own("by", _left_of_entry),
    "incidents": Own("declared_by", lambda _: {"description": None}),
    "action_items": Own("created_by", lambda _: {"description": ""}),
    "whys": Own("answered_by", lambda _: {"answer": ERASED_TEXT, "evidence": []}),
    "postmortem_duties": Own("waived_by", lambda _: {"waived_because": None}),
    "updates": Own("by", lambda _: {"known": ERASED_TEXT, "doing": "", "next": ""}),
    "pages": Own("by", lambda _: {"why": ERASED_TEXT}),
    "source_messages": Own("user_id", lambda _: {"user_id": None, "text": ""}),
}
"""Table -> the words in it that have one author. What several people write together isn't anybody's own."""


def searched() -> list[Table]:
    """The tables in which people are looked for, none before one that it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in ELSEWHERE]


def columns(table: Table) -> list[str]:
    """The table's columns that may name a person; what refers to another table's row doesn't."""
    texts = (each for each in table.columns if isinstance(each.type, JSON | String))
    return [each.name for each in texts if not each.foreign_keys]


def names_person(subject: Subject, table: Table, row: Row) -> bool:
    """Whether the row names the person."""
    return any(subject.occurs_in(row[name]) for name in columns(table))


def key_of(table: Table, row: Row) -> Key:
    """The row's primary key."""
    return tuple(row[each.name] for each in table.primary_key)


def among(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """Whether a row's primary key is one of these."""
    [first, *more] = table.primary_key
    return tuple_(first, *more).in_(keys) if more else first.in_([key for [key] in keys])


def page(tx: Connection, table: Table, after: Key, limit: int) -> list[RowMapping]:
    """The next rows in the order of the primary key."""
    order = tuple(table.primary_key)
    query = select(table).order_by(*order).limit(limit)
    if after:
        [first, *more] = order
        query = query.where(tuple_(first, *more) > after if more else first > after[0])
    return list(tx.execute(query).mappings())


def naming(subject: Subject, table: Table, rows: Sequence[RowMapping]) -> Iterator[RowMapping]:
    """Those of the rows that name the person."""
    return (row for row in rows if names_person(subject, table, row))

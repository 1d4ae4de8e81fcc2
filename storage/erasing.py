"""Erases a person from the database, a few rows at a time. Doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, String, Table, and_, delete, or_, select, update

from bot.domain.five_whys.model import question_about
from bot.domain.incidents.sources import without_words
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.erasure import Subject
from bot.domain.kit.people import ERASED_NAME, NEVER_CHANGES
from bot.domain.kit.references import Kind, Names
from bot.domain.kit.text import one_line, plain_from_markup
from storage import names
from storage import people as people_rows
from storage.outbox import RUNNING
from storage.personal import ERASED_TEXT, OWN_WORDS, Key, among, columns, key_of, names_person
from storage.tables import (
    action_items,
    five_whys_analyses,
    incident_roles,
    incidents,
    key_marks,
    people,
    postmortems,
    timeline_entries,
    whys,
)


def begin(tx: Connection, subject: Subject, now: datetime) -> None:
    """Record that the person is erased: whatever Slack reports about them from now on isn't stored.

    Their name and address stay until :func:`finish`: both are needed to find them, even after a kill.
    """
    values = {"erased_at": now, "changed_at": NEVER_CHANGES}
    tx.execute(update(people).where(people.c.id == subject.id).values(values))


def finish(tx: Connection, subject: Subject, now: datetime) -> None:
    """Forget the person's name and all else that is known about them, except for what the gate needs."""
    gone: dict[str, Any] = {"name": ERASED_NAME, "tz": None, "email": None, "direct_channel": None}
    tx.execute(update(people).where(people.c.id == subject.id).values(**gone, is_admin=False, updated_at=now))


def rows_of_incident(tx: Connection, incident_id: int) -> list[tuple[Table, list[Key]]]:
    """The rows that say who has something to do in the incident."""
    found = [(incidents, [(incident_id,)])]
    for table in (postmortems, five_whys_analyses, action_items):
        query = select(table.c.id).where(table.c.incident_id == incident_id)
        found.append((table, [(number,) for number in tx.execute(query).scalars()]))
    played = select(*incident_roles.primary_key).where(incident_roles.c.incident_id == incident_id)
    return [*found, (incident_roles, [tuple(row) for row in tx.execute(played)])]


def erase(tx: Connection, subject: Subject, table: Table, keys: Sequence[Key]) -> None:
    """Erase the person from these rows. Effects that are running are left alone."""
    rows = tx.execute(select(table).where(among(table, keys)).with_for_update()).mappings().all()
    for row in rows:
        is_running = table.name == "outbox" and row["state"] == RUNNING
        if names_person(subject, table, row) and not is_running:
            _erase_row(tx, subject, table, row)


def _erase_row(tx: Connection, subject: Subject, table: Table, row: RowMapping) -> None:
    is_deleted = _DELETED.get(table.name)
    if is_deleted and is_deleted(row, subject):
        _delete(tx, table, row)
        return
    changed = {name: subject.removed_from(row[name]) for name in columns(table)}
    own = OWN_WORDS.get(table.name)
    if own and row[own.author] == subject.id:
        changed |= own.left(row)
    changed |= _ALSO.get(table.name, _nothing)(tx, subject, row)
    _save(tx, table, row, {name: each for name, each in changed.items() if each != row[name]})


def _is_theirs(row: RowMapping, subject: Subject) -> bool:
    return bool(row["user_id"] == subject.id)


def _is_for_them(row: RowMapping, subject: Subject) -> bool:
    payload = row["payload"]
    return bool(payload.get("user_id") == subject.id or payload.get("user_ids") == [subject.id])


_DELETED: Mapping[str, Callable[[RowMapping, Subject], bool]] = {
    "incident_members": _is_theirs,
    "attendance": _is_theirs,
    "digests": _is_theirs,
    "subscriptions": _is_theirs,
    "group_members": _is_theirs,
    "page_people": _is_theirs,
    "gathered": _is_theirs,
    "messages": lambda _row, _subject: True,
    "outbox": _is_for_them,
}
"""Rows that mean nothing without the person: what is planned for them alone, and where their messages are."""


def _save(tx: Connection, table: Table, row: RowMapping, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        kind = table.c[name].type
        if isinstance(kind, String) and kind.length and value:
            changed[name] = value[: kind.length]
    unique = [each for each in table.columns if each.name in changed and (each.primary_key or each.unique)]
    if unique and _is_taken(tx, table, {**row, **changed}):
        # There is already such a row, of somebody else who was erased.
        _delete(tx, table, row)
        return
    tx.execute(update(table).where(among(table, [key_of(table, row)])).values(changed))


def _is_taken(tx: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    mine = among(table, [key_of(table, row)])
    if table.name == "outbox":
        mine = and_(table.c.key == row["key"], table.c.id != row["id"])
    return tx.execute(select(*table.primary_key).where(mine)).first() is not None


def _delete(tx: Connection, table: Table, row: RowMapping) -> None:
    tx.execute(delete(table).where(among(table, [key_of(table, row)])))


def _nothing(_tx: Connection, _subject: Subject, _row: RowMapping) -> dict[str, Any]:
    return {}


def _mark(_tx: Connection, subject: Subject, row: RowMapping) -> dict[str, Any]:
    """A mark stays, but is nobody's: catching up compares only the reactions of people."""
    return {"user_id": "", "source": "erased"} if row["user_id"] == subject.id else {}


def _source(_tx: Connection, subject: Subject, row: RowMapping) -> dict[str, Any]:
    """Earlier versions stored the text of the message that something was created from."""
    return {"metadata": subject.removed_from(without_words(row["metadata"]))}


def _answer(tx: Connection, subject: Subject, row: RowMapping) -> dict[str, Any]:
    """Questions and timeline entries that repeat an answer lose its words, too."""
    if row["answered_by"] != subject.id:
        return {}
    known = Names(lambda kind, target: _name(tx, kind, target))
    below = update(whys).where(whys.c.parent_id == row["id"], whys.c.analysis_id == row["analysis_id"])
    tx.execute(below.values(question=question_about(ERASED_TEXT, known)))
    entries = timeline_entries.c
    analysis = select(five_whys_analyses.c.incident_id).where(five_whys_analyses.c.id == row["analysis_id"])
    named = and_(
        entries.incident_id == analysis.scalar_subquery(), entries.kind == EntryKind.ROOT_CAUSE.value
    )
    said = one_line(plain_from_markup(row["answer"], known))
    for name in ("to_value", "from_value"):
        same = or_(entries[name] == said, and_(entries.id == row["entry_id"], entries[name].is_not(None)))
        tx.execute(update(timeline_entries).where(named, same).values({name: ERASED_TEXT}))
    return {}


def _name(tx: Connection, kind: Kind, target: str) -> str | None:
    person = people_rows.get(tx, target) if kind is Kind.PERSON else None
    return person.name if person else names.get(tx, kind, target)


_ALSO: Mapping[str, Callable[[Connection, Subject, RowMapping], dict[str, Any]]] = {
    key_marks.name: _mark,
    incidents.name: _source,
    action_items.name: _source,
    whys.name: _answer,
}
"""Table -> what else erasing a row changes; it may change other rows as well."""

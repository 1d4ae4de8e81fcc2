"""Everything about an incident or a person, as plain values for a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from bot.domain.kit.erasure import Subject
from storage import personal
from storage.tables import (
    action_items,
    checklist_lines,
    checklists,
    five_whys_analyses,
    incidents,
    key_marks,
    metadata,
    people,
    postmortem_revisions,
    postmortems,
    reminders,
    whys,
)

Rows = list[dict[str, Any]]
_WORD = re.compile(r"[A-Za-z0-9]+")
_TOGETHER = 500

NOT_OF_AN_INCIDENT: Mapping[str, str] = {
    "people": "listed by name where they occur; see `--export-person`",
    "names": "the names of channels and user groups",
    "projects": "what admins say about the projects of the workspace",
    "user_groups": "the user groups of the workspace",
    "group_members": "who is in which user group",
    "workspace": "the workspace's settings",
    "digests": "when people get their weekly digest",
    "calendar_syncs": "how far the calendar has been read",
    "inbound": "which requests were handled",
    "outbox": "calls to Slack and the calendar; what they show is in the other tables",
    "messages": "where the bot's own messages are",
    "source_messages": "where messages are that something was created from; the incident's metadata says so",
    "gathered": "which reminders share a message",
}
"""Tables that aren't part of an incident's export, and why."""


def of_incident(connection: Connection, incident_id: int) -> dict[str, Rows]:
    """Table -> its rows about the incident; empty if there is no such incident."""
    query = select(incidents.c.id).where(incidents.c.id == incident_id)
    if connection.execute(query).first() is None:
        return {}
    tables = (each for each in metadata.sorted_tables if each.name not in NOT_OF_AN_INCIDENT)
    return {each.name: _rows(connection, each, _of_incident(each, incident_id)) for each in tables}


def of_person(connection: Connection, subject: Subject) -> dict[str, Rows]:
    """Table -> its rows that name the person, and their own row."""
    theirs = _rows(connection, people, people.c.id == subject.id)
    found = {each.name: list(_naming(connection, each, subject)) for each in personal.searched()}
    return {people.name: theirs, **{name: rows for name, rows in found.items() if rows}}


def names_in(connection: Connection, tables: Mapping[str, Rows]) -> dict[str, str]:
    """The names of the people whose ids are in these rows, in mentions too, by id."""
    values = (value for rows in tables.values() for row in rows for value in _strings(row))
    words = {word for value in values for word in _WORD.findall(value)}
    query = select(people.c.id, people.c.name).order_by(people.c.id)
    return {row.id: row.name for row in connection.execute(query) if row.id in words}


def _of_incident(table: Table, incident_id: int) -> ColumnElement[bool]:
    through = _THROUGH.get(table.name)
    if through:
        column, of = through
        return table.c[column].in_(of(incident_id))
    return table.c["id" if table is incidents else "incident_id"] == incident_id


def _ids(table: Table) -> Callable[[int], Select[Any]]:
    return lambda incident_id: select(table.c.id).where(table.c.incident_id == incident_id)


_THROUGH: Mapping[str, tuple[str, Callable[[int], Select[Any]]]] = {
    whys.name: ("analysis_id", _ids(five_whys_analyses)),
    postmortem_revisions.name: ("postmortem_id", _ids(postmortems)),
    reminders.name: ("item_id", _ids(action_items)),
    checklist_lines.name: ("checklist_id", _ids(checklists)),
    key_marks.name: (
        "channel_id",
        lambda number: select(incidents.c.channel_id).where(incidents.c.id == number),
    ),
}
"""Tables that belong to an incident through another one."""


def _naming(connection: Connection, table: Table, subject: Subject) -> Iterator[dict[str, Any]]:
    after: personal.Key = ()
    while rows := personal.page(connection, table, after, _TOGETHER):
        yield from (_plain(row) for row in personal.naming(subject, table, rows))
        after = personal.key_of(table, rows[-1])


def _rows(connection: Connection, table: Table, which: ColumnElement[bool]) -> Rows:
    query = select(table).where(which).order_by(*table.primary_key)
    return [_plain(row) for row in connection.execute(query).mappings()]


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
    }


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)

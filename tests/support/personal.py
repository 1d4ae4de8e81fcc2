"""Rows that name a person, in each column that could."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Integer, String, Table, insert, select

from bot.domain.kit.people import Person
from storage import people, personal
from storage.database import Database
from storage.tables import UtcDateTime, metadata
from tests.support.examples import NOW

BEN = Person("U0BEN", "Ben Okri", "Europe/Berlin", email="ben@acme.example", changed_at=5)
TRACES = ("U0BEN", "Ben Okri", "ben@acme.example")
SAID = "x <@U0BEN|ben> @Ben Okri, Ben@Acme.example U0BEN."
_LONG = 75


def fill(database: Database) -> list[tuple[str, str]]:
    """Add a row for each column that could name Ben, in which only that column does; returns the columns."""
    named = [(table, name) for table in personal.searched() for name in personal.columns(table)]
    rows = list(enumerate(named, start=2))
    with database.engine.begin() as connection:
        people.save(connection, [BEN], NOW)
        for table in metadata.sorted_tables:
            if table.name != "people":
                connection.execute(insert(table).values(**_row(table, "", 1)))
            if table.name == "incidents":
                others = [_row(table, "", number) for number, (other, _) in rows if other is not table]
                connection.execute(insert(table), others)
        for number, (table, name) in rows:
            connection.execute(insert(table).values(**_row(table, name, number)))
    return [(table.name, name) for table, name in named]


def texts(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """(table, column, text) of everything that is stored, except for people's ids."""
    for table in metadata.sorted_tables:
        for row in connection.execute(select(table)).mappings():
            for name, value in row.items():
                if (table.name, name) != ("people", "id"):
                    yield table.name, str(name), str(value)


def traces_of_ben(database: Database) -> set[tuple[str, str, str]]:
    """(table, column, text) of everything that still names him."""
    with database.engine.connect() as connection:
        return {
            (table, name, text)
            for table, name, text in texts(connection)
            if any(each.casefold() in text.casefold() for each in TRACES)
        }


def rows_of_others(database: Database) -> set[tuple[str, str]]:
    """(table, row) of everything that doesn't name him."""
    with database.engine.connect() as connection:
        rows = [
            (table.name, repr(tuple(row)))
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    return {
        (table, row) for table, row in rows if not any(each.casefold() in row.casefold() for each in TRACES)
    }


def _row(table: Table, naming: str, number: int) -> dict[str, Any]:
    return {each.name: _value(each, number, is_naming=each.name == naming) for each in table.columns}


def _value(column: Column[Any], number: int, *, is_naming: bool) -> Any:
    if column.foreign_keys:
        is_alone = column.unique or list(column.table.primary_key) == [column]
        return number if is_alone else 1
    make = next(make for kind, make in _MAKE.items() if isinstance(column.type, kind))
    return make(column, number, is_naming)


def _text(column: Column[Any], number: int, is_naming: bool) -> str:
    room = getattr(column.type, "length", None) or 1000
    if not is_naming:
        return f"{number}"[:room]
    return SAID if room >= _LONG else BEN.id


def _json(_column: Column[Any], _number: int, is_naming: bool) -> Any:
    if not is_naming:
        return {}
    return {"who": BEN.id, "people": ["U0ANA", BEN.id], BEN.id: {"text": [SAID]}, f"lead {SAID}": "x"}


_MAKE: Mapping[type, Callable[[Column[Any], int, bool], Any]] = {
    JSON: _json,
    UtcDateTime: lambda *_: NOW,
    Date: lambda *_: date(2026, 2, 28),
    Boolean: lambda *_: False,
    Integer: lambda _column, number, _naming: number,
    String: _text,
}

"""Rows for every table, with values that are awkward to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Integer, String, insert, select

from storage.database import Database
from storage.tables import UtcDateTime, metadata

ROWS = 3
"""How many each table gets."""
ODD = "tab\t, line\n, return\r, \\N \\. \\\\, quote \"'`, Köln 東京 \U0001f525, \u2028"
"""Contains everything that a line of text could stumble over."""


def fill(database: Database) -> None:
    """Add rows to every table."""
    with database.engine.begin() as connection:
        for table in metadata.sorted_tables:
            for number in range(1, ROWS + 1):
                values = {each.name: _value(each, number) for each in table.columns}
                connection.execute(insert(table).values(**values))


def content(connection: Connection) -> dict[str, list[Any]]:
    """Every row of every table."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in metadata.sorted_tables
    }


def _value(column: Column[Any], number: int) -> Any:
    if column.table.name == "outbox" and column.name == "state":
        return "done"
    for key in column.foreign_keys:
        return _value(key.column, number)
    if isinstance(column.type, String) and column.nullable and number == 1:
        return None
    make = next(make for kind, make in _MAKE.items() if isinstance(column.type, kind))
    return make(number, getattr(column.type, "length", None) or 1000)


_MAKE: Mapping[type, Callable[[int, int], Any]] = {
    JSON: lambda number, _: {"text": ODD, "number": number, "list": [1.5, None, True]},
    UtcDateTime: lambda number, _: datetime(2026, 3, number, 23, 59, 59, 123456, tzinfo=UTC),
    Date: lambda number, _: date(2026, 2, 28) + timedelta(days=number),
    Boolean: lambda number, _: number == 1,
    Integer: lambda number, _: number,
    String: lambda number, length: f"{number}{ODD}"[:length],
}

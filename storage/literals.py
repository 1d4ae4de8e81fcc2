"""Values of our own enums, spelled out in a statement."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from sqlalchemy import ColumnElement, literal_column


def one_of(column: ColumnElement[str], values: Iterable[Enum]) -> ColumnElement[bool]:
    """Whether the column holds one of these values.

    As parameters they would slow PostgreSQL down: it plans a prepared statement for any values, expects half
    of all items to be open, and then reads the whole table.
    https://www.postgresql.org/docs/current/sql-prepare.html
    """
    return column.in_([literal_column(f"'{text}'") for text in sorted(str(each.value) for each in values)])

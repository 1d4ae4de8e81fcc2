"""How every noun is written: ``add(tx, entity)`` stores a new one, ``save(tx, entity)`` what it is now.

Both return the entity as it is stored. ``save`` writes all columns: either engine writes a whole new row
anyway, and a statement that never varies is built only once. So the entity must have been added or locked in
the same transaction; otherwise somebody else's change would be lost. Whatever is set without reading the
entity first has a function of its own that writes only that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update
from sqlalchemy.sql.dml import ReturningInsert, Update

_AS_IS = frozenset({NoneType, bool, date, datetime, int, str})


def add_row(tx: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row and return its new id."""
    return int(tx.execute(_adding(table), values).scalar_one())


def save_row(tx: Connection, table: Table, key: int, values: Mapping[str, Any]) -> None:
    """Update the row with this primary key, except for what it belongs to, which never changes."""
    changing = {name: value for name, value in values.items() if name not in _fixed(table)}
    tx.execute(_saving(table), {**changing, "saved_key": key})


def columns_of(entity: Any, table: Table) -> dict[str, Any]:
    """The entity's fields that have a column, except for the id, which the database assigns."""
    kind: type = type(entity)
    return {name: _plain(getattr(entity, name)) for name in _shared(kind, table)}


@cache
def _adding(table: Table) -> ReturningInsert[Any]:
    return insert(table).returning(table.c.id)


@cache
def _saving(table: Table) -> Update:
    [key] = table.primary_key
    return update(table).where(key == bindparam("saved_key", type_=key.type))


@cache
def _fixed(table: Table) -> frozenset[str]:
    """The columns of keys: SQLite would check even a foreign key that is set to the same value."""
    return frozenset(each.name for each in table.c if each.primary_key or each.foreign_keys)


@cache
def _shared(kind: type, table: Table) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name in table.c and each.name != "id")


def _plain(value: Any) -> Any:
    """A field's value as a column stores it."""
    if type(value) in _AS_IS:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return [_plain(each) for each in value]

"""INSERT … ON CONFLICT, which both engines speak and SQLAlchemy spells twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_for(tx: Connection, table: Table) -> Insert:
    """An INSERT of the connection's own dialect, which knows ON CONFLICT."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def insert_new(tx: Connection, table: Table, values: Mapping[str, Any], on: Sequence[str]) -> bool:
    """Insert the row unless one with the same ``on`` columns exists; whether it was inserted."""
    statement = insert_for(tx, table).values(values).on_conflict_do_nothing(index_elements=list(on))
    # Not `rowcount`: SQLAlchemy keeps none for an INSERT on PostgreSQL.
    return tx.execute(statement.returning(table.c[on[0]])).first() is not None


def upsert(
    tx: Connection,
    table: Table,
    values: Mapping[str, Any],
    on: Sequence[str],
    only_if: ColumnElement[bool] | None = None,
) -> None:
    """Insert the row, or replace the rest of the one with the same ``on`` columns, if ``only_if`` holds."""
    statement = insert_for(tx, table).values(values)
    changed = {name: statement.excluded[name] for name in values if name not in on}
    tx.execute(statement.on_conflict_do_update(index_elements=list(on), set_=changed, where=only_if))

"""INSERT … ON CONFLICT, which both engines support but SQLAlchemy spells differently for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

Insert = postgresql.Insert | sqlite.Insert
INSERTS: Mapping[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_for(tx: Connection, table: Table) -> Insert:
    """An INSERT in the connection's own dialect, which supports ON CONFLICT."""
    return INSERTS[tx.dialect.name](table)


@cache
def _insert_new(dialect: str, table: Table, on: tuple[str, ...]) -> ReturningInsert[Any]:
    """Cached: every message in an incident's channel is such a row, and building a statement takes time."""
    insert = INSERTS[dialect](table).on_conflict_do_nothing(index_elements=list(on))
    # Not `rowcount`: SQLAlchemy doesn't provide it for an INSERT on PostgreSQL.
    return insert.returning(table.c[on[0]])


def insert_new(tx: Connection, table: Table, values: Mapping[str, Any], on: Sequence[str]) -> bool:
    """Insert the row unless one with the same ``on`` columns exists; returns whether it was inserted."""
    return tx.execute(_insert_new(tx.dialect.name, table, tuple(on)), dict(values)).first() is not None


@cache
def _insert_all_new(dialect: str, table: Table, on: tuple[str, ...]) -> Insert:
    return INSERTS[dialect](table).on_conflict_do_nothing(index_elements=list(on))


def insert_all_new(
    tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]], on: Sequence[str]
) -> None:
    """Insert the rows whose ``on`` columns match no existing row.

    This doesn't return which ones: RETURNING would need one statement with thousands of parameters, which
    takes four times longer because psycopg parses it in Python.
    """
    if rows:
        tx.execute(_insert_all_new(tx.dialect.name, table, tuple(on)), list(rows))


def upsert(
    tx: Connection,
    table: Table,
    values: Mapping[str, Any],
    on: Sequence[str],
    only_if: ColumnElement[bool] | None = None,
) -> None:
    """Insert the row, or update the one with the same ``on`` columns; update it only if ``only_if`` holds."""
    statement = insert_for(tx, table).values(values)
    changed = {name: statement.excluded[name] for name in values if name not in on}
    tx.execute(statement.on_conflict_do_update(index_elements=list(on), set_=changed, where=only_if))

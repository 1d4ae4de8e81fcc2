"""A table's rows as lines of text, exactly as the database holds them: out of it, and into it.

PostgreSQL writes and reads the lines itself (https://www.postgresql.org/docs/current/sql-copy.html). For
SQLite, each line is a JSON list. Either way, memory holds a few hundred rows at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any

from sqlalchemy import ColumnElement, Connection, String, column, insert, inspect, select, table, text

from storage.backups.archive import BLOCK
from storage.tables import metadata

_TOGETHER = 500
_SAME_TEXT_EVERYWHERE = text(
    "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),"
    " set_config('client_encoding', 'UTF8', true), set_config('extra_float_digits', '1', true),"
    " set_config('statement_timeout', '0', true),"
    " set_config('idle_in_transaction_session_timeout', '0', true)"
)
"""Makes every server write values alike, and allows statements to take long, in this transaction."""


def tables_in(connection: Connection) -> list[str]:
    """Those of our tables that exist, none before one that it refers to."""
    there = set(inspect(connection).get_table_names())
    return [each.name for each in metadata.sorted_tables if each.name in there]


def columns_of(connection: Connection, name: str) -> list[str]:
    """A table's columns, of which an earlier revision may have fewer."""
    return [each["name"] for each in inspect(connection).get_columns(name)]


def prepare(connection: Connection) -> None:
    """Make the transaction ready to read or write rows."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SAME_TEXT_EVERYWHERE)


def read(connection: Connection, name: str, columns: Sequence[str]) -> Iterator[bytes]:
    """A table's rows in the order of its primary key, some per block."""
    inspector = inspect(connection)
    is_text = {each["name"]: isinstance(each["type"], String) for each in inspector.get_columns(name)}
    keys = inspector.get_pk_constraint(name)["constrained_columns"]
    order = [_ordered(connection, each, is_text=is_text[each]) for each in keys]
    query: Any = select(*map(column, columns)).select_from(table(name)).order_by(*order)
    return _READ[connection.dialect.name](connection, query)


def write(connection: Connection, name: str, columns: Sequence[str], rows: IO[bytes]) -> None:
    """Insert the rows."""
    _WRITE[connection.dialect.name](connection, name, columns, rows)


def _ordered(connection: Connection, key: str, *, is_text: bool) -> ColumnElement[Any]:
    # Databases sort text by the rules of their own language, unless they are told not to.
    is_sorted_by_language = is_text and connection.dialect.name == "postgresql"
    return column(key, String).collate("C") if is_sorted_by_language else column(key)


def _read_sqlite(connection: Connection, query: Any) -> Iterator[bytes]:
    for rows in connection.execute(query).partitions(_TOGETHER):
        lines = (json.dumps(list(row), ensure_ascii=False, separators=(",", ":")) for row in rows)
        yield "".join(f"{line}\n" for line in lines).encode()


def _write_sqlite(connection: Connection, name: str, columns: Sequence[str], rows: IO[bytes]) -> None:
    statement = str(insert(table(name, *map(column, columns))).compile(dialect=connection.dialect))
    while together := [tuple(json.loads(line)) for line in islice(rows, _TOGETHER)]:
        connection.exec_driver_sql(statement, together)


def _read_postgresql(connection: Connection, query: Any) -> Iterator[bytes]:
    statement = f"COPY ({query.compile(dialect=connection.dialect)}) TO STDOUT"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)


def _write_postgresql(connection: Connection, name: str, columns: Sequence[str], rows: IO[bytes]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(name)} ({', '.join(map(quote, columns))}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        while block := rows.read(BLOCK):
            copy.write(block)


_READ: Mapping[str, Callable[[Connection, Any], Iterator[bytes]]] = {
    "sqlite": _read_sqlite,
    "postgresql": _read_postgresql,
}
_WRITE: Mapping[str, Callable[[Connection, str, Sequence[str], IO[bytes]], None]] = {
    "sqlite": _write_sqlite,
    "postgresql": _write_postgresql,
}

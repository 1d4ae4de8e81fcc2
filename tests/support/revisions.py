"""Databases of earlier revisions with something in every table, and migrations that are killed on the way."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, MetaData, Table, event, insert, select
from sqlalchemy.types import TypeEngine

from storage import migrations
from storage.database import Database
from storage.migrations.scripts import settings
from tests.support.forks import FORKS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ROWS = 3
_FIXED = {("outbox", "kind"): "PinCard", ("outbox", "state"): "waiting"}
"""Columns with values that revisions look for."""

Contents = Mapping[str, list[dict[str, Any]]]
"""The rows of each table, in order."""


def earlier() -> list[str]:
    """Every revision but the last one, oldest first."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    return sorted(each.revision for each in scripts.walk_revisions())[:-1]


def upgrade(database: Database, revision: str) -> None:
    """Bring the database to that revision."""
    # Revision 0007 runs outside a transaction on PostgreSQL, so there mustn't be one around it.
    with database.engine.connect() as connection:
        command.upgrade(settings(connection), revision)
        connection.commit()


def fill_everything(database: Database) -> Contents:
    """Put some rows into every table there is; returns everything in it."""
    tables = _tables(database)
    with database.engine.begin() as connection:
        for table in tables:
            for number in range(1, _ROWS + 1):
                values = {each.name: _value(each, number) for each in table.columns}
                connection.execute(insert(table).values(values))
    return contents(database, {table.name: [column.name for column in table.columns] for table in tables})


def contents(database: Database, columns: Mapping[str, list[str]]) -> Contents:
    """These columns of these tables."""
    found, tables = dict[str, list[dict[str, Any]]](), _tables(database)
    with database.engine.begin() as connection:
        for table in tables:
            if table.name in columns:
                shown = [table.c[name] for name in columns[table.name]]
                rows = connection.execute(select(*shown).order_by(*table.primary_key)).mappings()
                found[table.name] = [dict(row) for row in rows]
    return found


def migrating(url: str, dies_at: int = 0) -> ForkServerProcess:
    """A process that migrates like a start; it is killed before the statement or commit of that number."""
    process = FORKS.Process(target=_migrate, args=(url, dies_at))
    process.start()
    return process


def _migrate(url: str, dies_at: int) -> None:
    database, steps = Database(url), itertools.count(1)

    def step(*_: Any) -> None:
        if next(steps) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", step)
    event.listen(database.engine, "commit", step)
    database.migrate()


def _tables(database: Database) -> list[Table]:
    """The tables as they are now, those that others refer to first."""
    found = MetaData()
    found.reflect(database.engine)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _value(column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, number)
    of_type: dict[type[TypeEngine[Any]], Any] = {
        JSON: {},
        Boolean: False,
        Integer: number,
        DateTime: NOW if getattr(column.type, "timezone", False) else NOW.replace(tzinfo=None),
        Date: NOW.date(),
    }
    text = _FIXED.get((column.table.name, column.name), f"{column.name[:8]}{number}")
    return next((value for kind, value in of_type.items() if isinstance(column.type, kind)), text)

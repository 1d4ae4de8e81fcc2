"""The database of a backup: its name, its revision, and whether it can be restored into."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Connection, exists, inspect, select, text

from bot.domain.kit.errors import (
    AlreadyRunning,
    BackupNewer,
    BackupOfOtherEngine,
    NoRoom,
    PlaceInUse,
    PlaceNotEmpty,
)
from storage.backups import rows
from storage.backups.archive import Manifest
from storage.database import Database
from storage.migrations import HEAD
from storage.tables import metadata

_ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_ROOM = 3
"""How many times the size of the rows SQLite needs: for the file, its indexes, and the log of the change."""
_MEGABYTE = 1024 * 1024
# A bot looks at the outbox every second, so its connections are never idle for long, unlike those that
# a pooler keeps open after the bot has ended.
_ACTIVITY = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = current_user AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    " AND state_change > clock_timestamp() - interval '5 seconds')"
)
"""https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW"""


def name_of(database: Database) -> str:
    """What people call the database, without its password."""
    return str(file_of(database) or database.engine.url.render_as_string(hide_password=True))


def file_of(database: Database) -> Path | None:
    """The file of a SQLite database."""
    path = database.engine.url.database
    return Path(path) if database.is_sqlite and path and path != ":memory:" else None


def revision_of(connection: Connection) -> str | None:
    """The revision of the database's schema, or ``None`` if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT max(version_num) FROM alembic_version")).scalar_one()
    return None if found is None else str(found)


def check_fit(database: Database, manifest: Manifest, path: Path) -> None:
    """Raise a ``BotError`` if this version can't restore the backup, or this database can't hold it."""
    engine = database.engine.dialect.name
    if manifest.engine != engine:
        found = _ENGINES.get(manifest.engine, manifest.engine)
        raise BackupOfOtherEngine(path=path, found=found, wanted=_ENGINES[engine])
    if manifest.revision > HEAD:
        raise BackupNewer(path=path)
    file, needed = file_of(database), _ROOM * manifest.bytes
    if file:
        # The folder is made only once nothing speaks against it.
        folder = next(each for each in file.absolute().parents if each.exists())
        if (free := shutil.disk_usage(folder).free) < needed:
            raise NoRoom(place=folder, needed=needed // _MEGABYTE, free=free // _MEGABYTE)


def hold(database: Database, manifest: Manifest) -> None:
    """Make sure that the database is empty and that no bot uses it; raises a ``BotError`` otherwise.

    A SQLite file stays locked until the database is closed.
    """
    try:
        database.hold_alone()
    except AlreadyRunning as error:
        raise PlaceInUse(place=name_of(database)) from error
    with database.engine.connect() as connection:
        if not database.is_sqlite and connection.execute(_ACTIVITY).scalar_one():
            raise PlaceInUse(place=name_of(database))
        if revision_of(connection) not in {None, manifest.revision}:
            raise PlaceNotEmpty(place=name_of(database))
        check_empty(database, connection)


def check_empty(database: Database, connection: Connection) -> None:
    """Raise ``PlaceNotEmpty`` if one of our tables has a row."""
    for name in rows.tables_in(connection):
        if connection.execute(
            select(exists(select(text("1")).select_from(metadata.tables[name])))
        ).scalar_one():
            raise PlaceNotEmpty(place=name_of(database))

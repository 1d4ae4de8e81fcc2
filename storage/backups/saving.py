"""Saves a database as a backup, while the bot runs on it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bot.domain.kit.errors import DatabaseNewer, NothingToBackUp
from storage.backups import rows
from storage.backups.archive import Manifest, writing
from storage.backups.places import file_of, name_of, revision_of
from storage.database import Database
from storage.migrations import HEAD


def save(database: Database, path: Path, now: datetime) -> Manifest:
    """Write everything that was saved before this moment to the file; raises a ``BotError`` if that fails."""
    file = file_of(database)
    if database.is_sqlite and (file is None or not file.exists()):
        raise NothingToBackUp(place=name_of(database))
    with database.snapshot() as connection:
        revision = revision_of(connection)
        if revision is None:
            raise NothingToBackUp(place=name_of(database))
        if revision > HEAD:
            raise DatabaseNewer(place=name_of(database))
        rows.prepare(connection)
        with writing(path) as writer:
            for name in rows.tables_in(connection):
                columns = rows.columns_of(connection, name)
                writer.add(name, columns, rows.read(connection, name, columns))
            return writer.finish(connection.dialect.name, revision, now)

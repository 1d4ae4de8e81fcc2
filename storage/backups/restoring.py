"""Restores a backup into an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from bot.domain.kit.errors import BackupDamaged
from storage import workspace
from storage.backups import rows
from storage.backups.archive import Digest, Manifest, Reader, reading
from storage.backups.numbers import leave_a_gap
from storage.backups.places import check_empty, check_fit, hold, revision_of
from storage.database import Database


@contextmanager
def checked(database: Database, path: Path) -> Iterator[Reader]:
    """Open a backup that can be restored into this database, which is empty and not in use.

    Raises a ``BotError`` otherwise, and then nothing has been changed: the whole file is read first.
    """
    with reading(path) as reader:
        check_fit(database, reader.manifest, path)
        reader.check()
        hold(database, reader.manifest)
        yield reader


def restore(database: Database, reader: Reader, path: Path) -> Manifest:
    """Store the rows in one transaction, and bring them up to date.

    Until :data:`storage.workspace.RESTORING` is deleted, no bot starts on the database.
    """
    manifest = reader.manifest
    _make_tables(database, manifest.revision)
    with database.engine.begin() as connection:
        rows.prepare(connection)
        if not database.is_sqlite:
            # Should a bot start now, it waits, and then finds that the restore hasn't finished.
            connection.execute(text("LOCK TABLE workspace, outbox IN ACCESS EXCLUSIVE MODE"))
        check_empty(database, connection)
        for name, content in manifest.tables.items():
            with reader.open(name) as lines:
                rows.write(connection, name, content.columns, lines)
        _compare(connection, manifest, path)
        leave_a_gap(connection, manifest.tables)
        workspace.save(connection, workspace.RESTORING, manifest.made_at.isoformat())
    database.migrate()
    return manifest


def _compare(connection: Connection, manifest: Manifest, path: Path) -> None:
    """Read the rows back: they must be those that were saved."""
    for name, expected in manifest.tables.items():
        digest = Digest()
        for block in rows.read(connection, name, expected.columns):
            digest.add(block)
        if digest.content(expected.columns) != expected:
            raise BackupDamaged(path=path, what=name)


def _make_tables(database: Database, revision: str) -> None:
    """Make empty tables as they were when the backup was made."""
    from alembic import command  # noqa: PLC0415 - importing it takes time and memory

    from storage.migrations.scripts import settings  # noqa: PLC0415 - see above

    with database.engine.connect() as connection:
        if revision_of(connection) is None:
            connection.commit()
            command.upgrade(settings(connection), revision)
            connection.commit()

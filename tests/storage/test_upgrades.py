"""A database of each earlier revision, with data in it, becomes one of today's with the same data."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

from storage.database import Database
from storage.migrations import HEAD
from storage.tables import metadata
from tests.support.revisions import upgrade

FOLDER = Path(__file__).parents[2] / "storage" / "migrations"
ACK_BUDGET = 2.0
"""Seconds that a request may wait for the database."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
INCIDENT = (
    "INSERT INTO incidents (id, title, severity, status, declared_at, declared_by, channel_id, channel_name,"
    " metadata, created_at, updated_at)"
    " VALUES (7, 'Old', 'high', 'open', :now, 'U1', 'C1', 'inc-7-old', '{}', :now, :now)"
)
ROW = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, incident_id, state, attempts, look_first,"
    " not_before, created_at)"
    " VALUES ('PinCard', '{}', 'INC-7/pin', 'INC-7/pin', false, 7, 'waiting', 0, false, :now, :now)"
)
EARLIER = ["0001", "0002", "0003", "0004", "0005", "0006", "0007"]
"""Every revision that was ever released, except the last one."""


def test_every_earlier_revision_is_tried() -> None:
    revisions = [each.revision for each in ScriptDirectory(str(FOLDER)).walk_revisions()]
    assert sorted(EARLIER) == sorted(revisions[1:]), "add the revision before the last one to EARLIER"
    assert revisions[0] == HEAD


@pytest.mark.parametrize("revision", EARLIER)
def test_a_database_of_an_earlier_revision_keeps_its_data(database_url: str, revision: str) -> None:
    database = Database(database_url)
    upgrade(database, revision)
    with database.engine.begin() as connection:
        for statement in (INCIDENT, ROW):
            connection.execute(text(statement), {"now": NOW})
    database.migrate()
    with database.engine.begin() as connection:
        [incident] = connection.execute(metadata.tables["incidents"].select()).all()
        [row] = connection.execute(metadata.tables["outbox"].select()).all()
    assert (incident.id, incident.title, incident.is_private) == (7, "Old", False)
    assert (row.key, row.state) == ("INC-7/pin", "waiting")
    database.close()


def _run(tx: Connection, statement: str, **values: object) -> None:
    tx.execute(text(statement), values)


class OlderReplica:
    """Plans and finishes rows as revision 0006 does, one transaction after the other."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self.slowest, self.written = 0.0, 0
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self._work = self._pool.submit(self._write)

    def _write(self) -> None:
        while not self._enough.is_set():
            key = f"old/{self.written}"
            began = time.monotonic()
            self._database.run(partial(_run, statement=OLD_ROW, key=key, now=NOW))
            self._database.run(partial(_run, statement=OLD_FINISH, key=key))
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.written += 1

    def stop(self) -> None:
        """Stop writing. Raises what a transaction raised."""
        self._enough.set()
        self._work.result(10)
        self._pool.shutdown()
        self._database.close()


OLD_ROW = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, state, attempts, look_first, not_before,"
    " created_at) VALUES ('PublishHome', '{}', :key, :key, false, 'waiting', 0, false, :now, :now)"
)
OLD_FINISH = "UPDATE outbox SET state = 'done' WHERE key = :key AND state = 'waiting'"
FILL = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, state, attempts, look_first, not_before,"
    " created_at) SELECT 'SendDigest', '{}', 'done/' || n, 'done/' || n, false, 'done', 1, false, :now, :now"
    " FROM generate_series(1, 300000) AS n"
)


def test_an_older_replica_continues_to_write_while_a_large_outbox_is_migrated(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    upgrade(database, "0006")
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(FILL), {"now": NOW})
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *found: statements.append(found[2]))
    older = OlderReplica(postgresql_url)
    try:
        database.migrate()
    finally:
        older.stop()
    assert older.written
    made = [each for each in statements if each.startswith("CREATE INDEX")]
    assert made
    assert all("CONCURRENTLY" in each for each in made), "a larger table takes longer than this one"
    assert older.slowest < ACK_BUDGET
    with database.engine.begin() as connection:
        invalid = text("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        assert connection.execute(invalid).scalar_one() == 0
    database.close()


def test_an_interrupted_migration_is_repeated(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    upgrade(database, "0006")
    with database.engine.begin() as connection:
        # What is left by an attempt that was killed while it built an index.
        connection.execute(text("ALTER TABLE outbox ADD COLUMN progress JSON"))
        connection.execute(text("CREATE INDEX ix_outbox_running ON outbox (id) WHERE state = 'waiting'"))
        half_made = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_outbox_running'::regclass"
        connection.execute(text(half_made))
    database.migrate()
    with database.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        shown = text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_outbox_running'")
        assert "running" in connection.execute(shown).scalar_one().partition("WHERE")[2]
    database.close()

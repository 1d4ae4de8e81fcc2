"""A database of each earlier revision, with data in it, becomes one of today's with the same data."""

from __future__ import annotations

import re
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

from storage import handled_requests
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
CONVERTED = (
    'UPDATE incidents SET metadata = \'{"source": {"ts": "1.0"}, "conversion": {"is_private": false,'
    ' "ts": "5.0", "by": null, "asked": "U1", "question": "5.0", "answered_by": "U2"}}\''
)
SESSIONS = (
    "INSERT INTO five_whys_analyses (id, incident_id, problem, facilitator_id, status, created_by,"
    " created_at, updated_at, steps, metadata) VALUES"
    " (1, 7, 'x', 'U1', 'active', 'U1', :now, :now, '[]', '{\"was_nudged\": true}'),"
    " (2, 7, 'x', 'U1', 'active', 'U1', :now, :now, '[]', '{\"was_nudged\": false, \"has_findings\": true}'),"
    " (3, 7, 'x', 'U1', 'active', 'U1', :now, :now, '[]', '{}')"
)
POSTMORTEM = (
    "INSERT INTO postmortems (incident_id, content, revision, completed_despite, created_by, created_at,"
    " updated_at, metadata) VALUES (7, '{}', 1, '', 'U1', :now, :now, '{\"canvas_id\": \"F1\"}')"
)
FLAGGED: list[tuple[str, str, dict[str, object]]] = [
    (
        "incidents",
        CONVERTED,
        {
            "conversion_is_private": [False],
            "conversion_ts": ["5.0"],
            "conversion_by": [None],
            "conversion_asked": ["U1"],
            "conversion_question": ["5.0"],
            "conversion_answered_by": ["U2"],
        },
    ),
    (
        "five_whys_analyses",
        SESSIONS,
        {"was_nudged": [True, False, False], "has_findings": [False, True, False]},
    ),
    ("postmortems", POSTMORTEM, {"canvas_id": ["F1"], "file_id": [None]}),
]
"""What revision 0007 writes into a table, and the columns that it becomes."""
EARLIER = [
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
]
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


@pytest.mark.parametrize(("table", "row", "columns"), FLAGGED, ids=[each[0] for each in FLAGGED])
def test_flags_in_json_become_columns(
    database_url: str, table: str, row: str, columns: dict[str, object]
) -> None:
    database = Database(database_url)
    upgrade(database, "0007")
    with database.engine.begin() as connection:
        connection.execute(text(INCIDENT), {"now": NOW})
        connection.execute(text(row), {"now": NOW})
    database.migrate()
    with database.engine.begin() as connection:
        query = metadata.tables[table].select().order_by("id")
        found = connection.execute(query).mappings().all()
    assert {name: [each[name] for each in found] for name in columns} == columns
    database.close()


def test_requests_that_were_handled_before_keep_what_they_created(database_url: str) -> None:
    database = Database(database_url)
    upgrade(database, "0007")
    with database.engine.begin() as connection:
        connection.execute(text(INCIDENT), {"now": NOW})
        for name in ("incident_id", "item_id", "analysis_id"):
            handled = f"INSERT INTO inbound (key, received_at, {name}) VALUES ('{name}', :now, 7)"  # noqa: S608
            connection.execute(text(handled), {"now": NOW})
        connection.execute(text("INSERT INTO inbound (key, received_at) VALUES ('none', :now)"), {"now": NOW})
    database.migrate()
    keys = ("incident_id", "item_id", "analysis_id", "none")
    found = [database.run(partial(handled_requests.result_of, key=each)) for each in keys]
    assert found == [7, 7, 7, None]
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
    new = re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", "\n".join(statements))
    made = [each for each in statements if each.startswith("CREATE INDEX")]
    made = [each for each in made if not any(f" ON {table} " in each for table in new)]
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


def test_columns_that_an_interrupted_migration_has_added_are_no_obstacle(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    upgrade(database, "0007")
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbound ADD COLUMN result BIGINT"))
        connection.execute(text("ALTER TABLE incidents ADD COLUMN conversion_is_private BOOLEAN"))
    database.migrate()
    with database.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()

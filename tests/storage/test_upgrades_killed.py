"""An upgrade that is killed anywhere and started again loses nothing and repeats nothing."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from storage.database import Database
from storage.tables import metadata
from tests.support.revisions import Contents, contents, earlier, fill_everything, migrating, upgrade

KILLED, PATIENCE = -9, 60
EMPTIED = {("source_messages", "text"): "", ("source_messages", "user_id"): None}
"""What revision 0007 empties on purpose."""
EACH_STATEMENT = {"0006", earlier()[-1]}
"""What follows these isn't one transaction on PostgreSQL."""
ROWS = 150_000
FILL = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, state, attempts, look_first, not_before,"
    " created_at) SELECT 'SendDigest', '{}', 'done/' || n, 'done/' || n, false, 'done', 1, false, now(),"
    " now() FROM generate_series(1, :count) AS n"
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def code_of(url: str, dies_at: int = 0) -> int | None:
    process = migrating(url, dies_at)
    process.join(PATIENCE)
    return process.exitcode


def filled(database: Database, revision: str) -> Contents:
    """Make it a database of that revision; returns what should become of its rows."""
    upgrade(database, revision)
    rows = fill_everything(database)
    for (table, column), value in EMPTIED.items() if revision < "0007" else ():
        for row in rows.get(table, ()):
            row[column] = value
    return rows


def assert_complete(database: Database, before: Contents) -> None:
    """The schema is today's, and every row is there once, as it was."""
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        if not database.is_sqlite:
            invalid = text("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
            assert connection.execute(invalid).scalar_one() == 0
    assert contents(database, {table: list(rows[0]) for table, rows in before.items()}) == before


@pytest.mark.parametrize("revision", earlier())
def test_an_upgrade_killed_again_and_again_ends_with_the_same_data(
    database: Database, database_url: str, revision: str
) -> None:
    """Each attempt gets a little further."""
    before = filled(database, revision)
    codes = list[int | None]()
    for dies_at in itertools.count(1, 1 if revision in EACH_STATEMENT else 6):
        codes.append(code_of(database_url, dies_at))
        if codes[-1] != KILLED:
            break
    assert codes[-1] == 0
    assert len(codes) > (3 if revision < "0007" else 1)
    assert_complete(database, before)


def test_the_first_start_killed_again_and_again_ends_with_an_empty_database(
    database: Database, database_url: str
) -> None:
    for dies_at in itertools.count(1, 9):
        code = code_of(database_url, dies_at)
        if code != KILLED:
            break
    assert code == 0
    assert_complete(database, {})


@pytest.mark.parametrize("dies_at", [3, 12, 20, 30])
def test_of_two_replicas_that_start_at_once_one_is_killed_and_the_other_finishes(
    database: Database, database_url: str, dies_at: int
) -> None:
    before = filled(database, "0006")
    both = [migrating(database_url, dies_at), migrating(database_url)]
    for process in both:
        process.join(PATIENCE)
    # Whichever comes second may find nothing left to do before it would be killed.
    assert both[0].exitcode in {KILLED, 0}
    assert both[1].exitcode == 0
    assert_complete(database, before)


def test_an_index_that_is_still_being_built_for_a_killed_replica_is_built_again(postgresql_url: str) -> None:
    """The server only notices that its client is gone when the statement ends."""
    database = Database(postgresql_url)
    upgrade(database, "0006")
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(FILL), {"count": ROWS})
    building = text(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE INDEX CONC%'"
        " AND datname = current_database()"
    )
    process = migrating(postgresql_url)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
        while not watching.execute(building).scalar_one():
            assert process.is_alive(), "the table is too small"
            time.sleep(0.001)
    process.kill()
    process.join()
    assert process.exitcode == KILLED
    assert code_of(postgresql_url) == 0
    assert_complete(database, {})
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == ROWS
    database.close()

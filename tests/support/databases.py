"""A migrated, empty database of either engine: made once for all tests, and emptied before each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from storage.database import Database
from storage.tables import metadata
from tests.support import postgres
from tests.support.people import PATIENCE

_EMPTY = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
_NUMBERS_ANEW = {
    "sqlite": ["DELETE FROM sqlite_sequence"],
    "postgresql": [
        f"SELECT setval('{table.name}_id_seq', 1, false)"
        for table in metadata.sorted_tables
        if table.autoincrement_column is not None
    ],
}
"""Makes ids begin with 1 again."""


@pytest.fixture(scope="session")
def _migrated_postgresql(_postgresql: postgres.Databases) -> Iterator[Database]:
    with _postgresql.fresh() as url, _migrated(url) as made:
        yield made


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with _migrated(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'muster.db'}") as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    return emptied(cast(Database, request.getfixturevalue(f"_migrated_{request.param}")))


@pytest.fixture
def postgresql(_migrated_postgresql: Database) -> Database:
    return emptied(_migrated_postgresql)


@pytest.fixture
def patient(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The same database with unlimited waits, for many writers at once on a busy machine.

    How long the bot waits has a test of its own.
    """
    monkeypatch.setattr("storage.database.WAIT_SECONDS", PATIENCE)
    made = Database(database.engine.url.render_as_string(hide_password=False))
    yield made
    made.close()


@contextmanager
def _migrated(url: str) -> Iterator[Database]:
    made = Database(url)
    made.migrate()
    yield made
    made.close()


def emptied(made: Database) -> Database:
    """The same database without any rows; ids begin with 1 again."""
    # Not TRUNCATE, which gives each table and index a new file and is thirty times slower.
    statements = [*_EMPTY, *_NUMBERS_ANEW[made.engine.dialect.name]]
    if made.engine.dialect.name == "postgresql":
        # PostgreSQL takes several at once, which saves a round trip for each.
        statements = [";".join(statements)]
    with made.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return made

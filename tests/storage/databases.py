"""A migrated, empty database of either engine: made once for all tests, and emptied before each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from sqlalchemy import delete, text

from storage.database import Database
from storage.tables import metadata
from tests.support import postgres


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
    return _emptied(cast(Database, request.getfixturevalue(f"_migrated_{request.param}")))


@pytest.fixture
def postgresql(_migrated_postgresql: Database) -> Database:
    return _emptied(_migrated_postgresql)


@contextmanager
def _migrated(url: str) -> Iterator[Database]:
    made = Database(url)
    made.migrate()
    yield made
    made.close()


def _emptied(made: Database) -> Database:
    with made.engine.begin() as connection:
        if made.is_sqlite:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            connection.execute(text("DELETE FROM sqlite_sequence"))
        else:
            names = ", ".join(f'"{name}"' for name in metadata.tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return made

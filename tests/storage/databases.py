"""A migrated, empty database of either engine. On PostgreSQL all tests share one and find it emptied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.tables import metadata
from tests.support import postgres


@pytest.fixture(scope="session")
def migrated_postgresql_url(_postgresql: postgres.Databases) -> Iterator[str]:
    with _postgresql.fresh() as url:
        made = Database(url)
        made.migrate()
        made.close()
        yield url


@pytest.fixture
def emptied_postgresql_url(migrated_postgresql_url: str) -> str:
    made = Database(migrated_postgresql_url)
    names = ", ".join(f'"{name}"' for name in metadata.tables)
    with made.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    made.close()
    return migrated_postgresql_url


@pytest.fixture(params=["sqlite", "emptied_postgresql"], ids=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    made = Database(str(request.getfixturevalue(f"{request.param}_url")))
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def postgresql(emptied_postgresql_url: str) -> Iterator[Database]:
    made = Database(emptied_postgresql_url)
    yield made
    made.close()

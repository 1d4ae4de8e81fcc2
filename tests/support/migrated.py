"""Fixtures: migrated databases, copied for each test.

They are for tests of a running bot: migrating takes longer than many of those. The first start, on an empty
database, has a test of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage.database import Database
from tests.support import postgres

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "muster.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _migrated_template(_postgresql: postgres.Databases) -> Iterator[str]:
    with _postgresql.fresh() as url:
        _migrate(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def postgresql_url(_postgresql: postgres.Databases, _migrated_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database for this test alone, as `postgresql://…`."""
    with _postgresql.fresh(_migrated_template) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path, _migrated_file: Path) -> str:
    """A migrated SQLite database for this test alone, as `sqlite:///…`."""
    path = tmp_path / "muster.db"
    # With its mode: a bot that finds a file that others can read logs a warning.
    shutil.copy(_migrated_file, path)
    return f"sqlite:///{path}"


def _migrate(url: str) -> None:
    database = Database(url)
    database.hold_alone()
    database.migrate()
    database.close()

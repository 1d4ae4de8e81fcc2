"""The arenas: a small one with SQLite and Socket Mode, a large one with PostgreSQL and HTTP mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.checks import check
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.migrated import _migrated_file, _migrated_template, postgresql_url, sqlite_url

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]


def checked(made: Arena) -> Iterator[Arena]:
    """The arena for a test. After the test, every check must pass."""
    yield made
    made.settle()
    made.stop_all()
    check(made)


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    """SQLite and Socket Mode: one process."""
    with make(sqlite_url, "socket", tmp_path) as made:
        yield from checked(made)


@pytest.fixture
def large(postgresql_url: str, tmp_path: Path) -> Iterator[Arena]:
    """PostgreSQL and HTTP mode: as many replicas as a test starts."""
    with make(postgresql_url, "http", tmp_path) as made:
        yield from checked(made)


@pytest.fixture(params=["small", "large"])
def arena(request: pytest.FixtureRequest) -> Arena:
    """Either of them: a test that asks for it runs in both."""
    made: Arena = request.getfixturevalue(request.param)
    return made

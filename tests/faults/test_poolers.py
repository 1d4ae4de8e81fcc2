"""PostgreSQL is behind PgBouncer, with session or transaction pooling.

Promised: two replicas that start at the same moment on an empty database migrate it, work, and lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import checked
from tests.support import postgres
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.pgbouncer import pooled
from tests.support.promises import declared_once

READERS, ROUNDS, MESSAGES = 6, 10, 20


@pytest.fixture(params=["session", "transaction"])
def behind_a_pooler(
    request: pytest.FixtureRequest, _postgresql: postgres.Databases, tmp_path: Path
) -> Iterator[Arena]:
    """Bots whose connections end at PgBouncer; the test's own queries go to the server itself."""
    # With transaction pooling, the replicas' 16 connections share 5 to the server.
    size = 5 if request.param == "transaction" else 20
    with (
        _postgresql.fresh() as url,
        pooled(url, request.param, size) as pooler,
        make(url, "http", tmp_path) as made,
    ):
        made.database_url = pooler
        yield from checked(made)


def test_two_replicas_behind_a_pooler_start_together_and_lose_nothing(behind_a_pooler: Arena) -> None:
    arena = behind_a_pooler
    arena.together(2)
    assert arena.declare()
    channel = declared_once(arena.workspace)

    def read(number: int) -> list[str]:
        user = ("ana", "ben", "chen")[number % 3]
        return [arena.workspace.command("list all", user) for _ in range(ROUNDS)]

    with ThreadPoolExecutor(READERS) as pool:
        reading = pool.map(read, range(READERS))
        for number in range(MESSAGES):
            arena.workspace.say(f"fact {number}", channel)
        assert all("INC-1" in answer for answers in reading for answer in answers)
    assert arena.declare("Another")
    declared_once(arena.workspace, 2)
    arena.settle()
    assert arena.rows("SELECT count(*) FROM timeline_entries WHERE kind = 'message'")[0][0] == MESSAGES

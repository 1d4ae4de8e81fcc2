"""PostgreSQL allows 20 connections, and the bot's user may not change tables.

Promised: two replicas start and work. If the tables have to be changed first, the bot says so and ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.faults.conftest import checked
from tests.support import postgres
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.promises import declared_once

ALLOWED, AT_ONCE = 20, 24


@pytest.fixture
def small_host(postgresql_url: str, tmp_path: Path) -> Iterator[Arena]:
    """Bots that use a migrated database as an ordinary user with few connections."""
    with (
        postgres.ordinary_user(postgresql_url) as url,
        make(postgresql_url, "http", tmp_path) as made,
    ):
        with psycopg.connect(postgresql_url, autocommit=True) as admin:
            admin.execute(f"ALTER ROLE {make_url(url).username} CONNECTION LIMIT {ALLOWED}")
        made.database_url = url
        yield from checked(made)


def test_two_replicas_work_on_a_small_host(small_host: Arena) -> None:
    small_host.together(2)
    assert small_host.declare()
    channel = declared_once(small_host.workspace)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        saying = [
            pool.submit(small_host.workspace.say, f"fact {number}", channel) for number in range(AT_ONCE)
        ]
        reading = [pool.submit(small_host.workspace.command, "list") for _ in range(AT_ONCE)]
        assert all("INC-1" in each.result() for each in reading)
        for each in saying:
            each.result()
    small_host.settle()
    found = small_host.rows("SELECT count(*) FROM timeline_entries WHERE kind = 'message'")
    assert found[0][0] == AT_ONCE


@pytest.fixture
def unmigrated_url(_postgresql: postgres.Databases) -> Iterator[str]:
    """An empty database's URL for an ordinary user."""
    with _postgresql.fresh() as admin_url, postgres.ordinary_user(admin_url) as url:
        yield url


def test_a_bot_that_may_not_change_old_tables_says_so_and_ends(unmigrated_url: str, tmp_path: Path) -> None:
    with make(unmigrated_url, "socket", tmp_path) as arena:
        bot = arena.process()
        assert bot.run() == 2
        assert (
            "The tables are from an older version, and DATABASE_URL's user may not change them." in bot.log()
        )
        assert "Traceback" not in bot.log()

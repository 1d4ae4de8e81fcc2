"""PostgreSQL behind a pooler: nothing is kept on a server connection from one transaction to the next."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import psycopg
import pytest
from sqlalchemy import Connection, insert, select, text

from bot.domain.kit.errors import NotSaved
from storage import workspace
from storage.database import Database
from storage.tables import metadata
from storage.tables import workspace as table
from tests.storage.test_outbox_at_once import Interrupted, at_once
from tests.support.pgbouncer import Pooling, pooled

ACK_BUDGET = 3.0
SERVERS, CLIENTS = 3, 8
"""Fewer connections to the server than clients, so that each client gets all of them in turn."""
LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture(params=["session", "transaction"])
def pooling(request: pytest.FixtureRequest) -> Pooling:
    mode: Pooling = request.param
    return mode


@pytest.fixture
def pooler_url(postgresql_url: str, pooling: Pooling) -> Iterator[str]:
    """An empty database behind PgBouncer; where clients share servers, there are fewer of those."""
    with pooled(postgresql_url, pooling, SERVERS if pooling == "transaction" else 2 * CLIENTS) as url:
        yield url


@pytest.fixture
def pooler(pooler_url: str) -> Iterator[Database]:
    """A migrated database behind PgBouncer."""
    with closing(Database(pooler_url)) as database:
        database.migrate()
        yield database


def limits(tx: Connection) -> list[str]:
    return [tx.execute(text(f"SHOW {name}")).scalar_one() for name in LIMITS]


def test_processes_that_start_together_behind_a_pooler_migrate_once(pooler_url: str) -> None:
    def migrate(_number: int) -> None:
        with closing(Database(pooler_url)) as database:
            database.migrate()
            assert database.read(lambda tx: tx.execute(select(table)).all()) == []

    at_once(2, migrate)
    with psycopg.connect(pooler_url, prepare_threshold=None) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert {name for (name,) in found} == {*metadata.tables, "alembic_version"}


def test_many_reads_and_writes_at_once_succeed(pooler: Database) -> None:
    def work(number: int) -> None:
        for turn in range(60):
            pooler.run(partial(workspace.save, key=f"{number}", value=f"{turn}"))
            assert pooler.read(partial(workspace.get, key=f"{number}")) == f"{turn}"

    at_once(CLIENTS, work)


def test_time_outs_hold_in_each_transaction_and_are_left_on_no_server(
    pooler: Database, pooler_url: str
) -> None:
    def work(_number: int) -> None:
        for _ in range(5):
            assert pooler.read(limits) == pooler.run(limits) == ["2s", "2s", "10s"]

    at_once(CLIENTS, work)
    pooler.close()
    others = [psycopg.connect(pooler_url, prepare_threshold=None) for _ in range(SERVERS)]
    # Each holds a server's connection until it is closed.
    found = [[each.execute(f"SHOW {name}").fetchone() for name in LIMITS] for each in others]
    for other in others:
        other.close()
    assert found == [[("0",)] * len(LIMITS)] * SERVERS


def test_a_snapshot_stays_as_it_was_and_changes_nothing(pooler: Database) -> None:
    pooler.run(partial(workspace.save, key="fact", value="before"))
    with pooler.snapshot() as tx:
        assert workspace.get(tx, "fact") == "before"
        pooler.run(partial(workspace.save, key="fact", value="after"))
        assert workspace.get(tx, "fact") == "before"
        assert tx.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
    assert pooler.read(partial(workspace.get, key="fact")) == "after"


@pytest.mark.parametrize("is_write", [True, False])
def test_a_slow_statement_behind_a_pooler_is_refused_in_time(pooler: Database, is_write: bool) -> None:
    begun, ask = time.monotonic(), pooler.run if is_write else pooler.read
    with pytest.raises(NotSaved):
        ask(lambda tx: tx.execute(text("SELECT pg_sleep(10)")))
    assert time.monotonic() - begun < ACK_BUDGET


@pytest.mark.parametrize("is_connected", [True, False])
@pytest.mark.parametrize("is_write", [True, False])
def test_a_pooler_without_a_free_server_is_given_up_in_time(
    postgresql_url: str, is_write: bool, is_connected: bool
) -> None:
    with (
        pooled(postgresql_url, "transaction", SERVERS) as url,
        closing(Database(url)) as other,
        closing(Database(url)) as database,
    ):
        other.migrate()
        ask = database.run if is_write else database.read
        if is_connected:
            ask(partial(workspace.get, key="count"))
        holding = [Interrupted(other, lambda tx: tx.execute(text("SELECT 1"))) for _ in range(SERVERS)]
        assert all(each.has_worked() for each in holding)
        begun = time.monotonic()
        with pytest.raises(NotSaved):
            ask(partial(workspace.get, key="count"))
        assert time.monotonic() - begun < ACK_BUDGET
        for each in holding:
            each.commit()
        assert ask(partial(workspace.get, key="count")) is None


def test_a_transaction_behind_a_pooler_that_fails_saves_nothing(pooler: Database) -> None:
    def fails(tx: Connection) -> None:
        tx.execute(insert(table).values(key="count", value="1"))
        raise LookupError

    with pytest.raises(LookupError):
        pooler.run(fails)
    assert pooler.read(partial(workspace.get, key="count")) is None


def test_a_direct_connection_reads_without_a_transaction_and_prepares_its_statements(
    postgresql: Database,
) -> None:
    def work(tx: Connection) -> tuple[str, int]:
        driver = tx.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        tx.execute(text("SELECT 1"))
        assert driver.prepare_threshold is not None
        return driver.info.transaction_status.name, driver.info.backend_pid

    assert postgresql.read(work)[0] == "IDLE"
    assert postgresql.run(work)[0] == "INTRANS"
    assert postgresql.read(limits) == postgresql.run(limits) == ["2s", "2s", "10s"]

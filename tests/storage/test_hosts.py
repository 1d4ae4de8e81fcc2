"""PostgreSQL as hosts offer it: few connections, users with few rights, servers that become read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial

import psycopg
import pytest
from sqlalchemy import make_url

from bot.domain.kit.errors import CannotMigrate, NotSaved
from storage import workspace
from storage.database import POOL_SIZE, Database
from tests.storage.test_outbox_at_once import at_once
from tests.support import postgres
from tests.support.postgres import make_new_sessions_writable, make_read_only

put = partial(workspace.save, key="count")
count = partial(workspace.get, key="count")


@pytest.fixture
def admin(postgresql_url: str) -> Iterator[psycopg.Connection]:
    """The superuser's connection to an empty database."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def app_url(postgresql_url: str) -> Iterator[str]:
    """The same database for an ordinary user."""
    with postgres.ordinary_user(postgresql_url) as url:
        yield url


def migrate(url: str) -> None:
    with closing(Database(url)) as database:
        database.migrate()


def test_a_user_who_may_not_change_tables_is_enough_once_they_are_up_to_date(
    app_url: str, postgresql_url: str
) -> None:
    migrate(postgresql_url)
    with closing(Database(app_url)) as database:
        database.migrate()
        database.run(partial(put, value="1"))
        assert database.read(count) == "1"


def test_a_user_who_may_not_change_tables_is_named_as_the_reason_while_that_is_needed(app_url: str) -> None:
    with closing(Database(app_url)) as database, pytest.raises(CannotMigrate):
        database.migrate()


def test_two_replicas_open_no_more_connections_than_a_small_host_allows(
    app_url: str, admin: psycopg.Connection
) -> None:
    user = make_url(app_url).username
    admin.execute(f"ALTER ROLE {user} CONNECTION LIMIT 20")
    admin.execute(f"GRANT CREATE ON SCHEMA public TO {user}")
    with ExitStack() as stack:
        replicas = [stack.enter_context(closing(Database(app_url))) for _ in range(2)]
        at_once(2, lambda number: replicas[number].migrate())
        threads = 3 * POOL_SIZE

        def work(number: int) -> None:
            for turn in range(10):
                replicas[number % 2].run(partial(workspace.save, key=f"{number}", value=f"{turn}"))

        at_once(threads, work)
        assert [replicas[0].read(partial(workspace.get, key=f"{number}")) for number in range(threads)] == [
            "9"
        ] * threads


def test_the_number_of_connections_is_a_setting(postgresql_url: str, admin: psycopg.Connection) -> None:
    migrate(postgresql_url)
    with closing(Database(postgresql_url, pool_size=3)) as database:
        at_once(12, lambda number: [database.run(partial(put, value=f"{number}")) for _ in range(5)])
        found = admin.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchone()
    assert found == (3 + 1,)


# Failover


@pytest.fixture
def own_server() -> Iterator[str]:
    """A PostgreSQL for this test alone, migrated."""
    with postgres.private_server() as url:
        migrate(url)
        yield url


def test_nothing_is_saved_while_the_server_is_read_only_and_reading_continues(own_server: str) -> None:
    with closing(Database(own_server)) as database:
        database.run(partial(put, value="1"))
        make_read_only(own_server)
        with pytest.raises(NotSaved):
            database.run(partial(put, value="2"))
        assert database.read(count) == "1"


def test_connections_to_a_server_that_became_read_only_are_replaced(own_server: str) -> None:
    with closing(Database(own_server)) as database:
        at_once(POOL_SIZE, lambda _number: database.run(partial(put, value="1")))
        make_read_only(own_server)
        make_new_sessions_writable(own_server)
        for value in ("2", "3", "4"):
            database.run(partial(put, value=value))
            assert database.read(count) == value


def test_of_several_servers_the_one_that_accepts_changes_is_used(own_server: str) -> None:
    with postgres.private_server() as second:
        migrate(second)
        hosts = [f"{make_url(url).host}:{make_url(url).port}" for url in (own_server, second)]
        several = f"postgresql://muster@{hosts[0]},{hosts[1]}/postgres"
        with closing(Database(several)) as database, closing(Database(second)) as there:
            database.run(partial(put, value="on the first"))
            assert there.read(count) is None
            make_read_only(own_server)
            database.run(partial(put, value="on the second"))
            assert there.read(count) == "on the second"


def test_a_migration_waits_for_a_server_that_accepts_changes() -> None:
    with postgres.private_server() as url:
        make_read_only(url)
        with closing(Database(url)) as database, pytest.raises(NotSaved):
            database.migrate()

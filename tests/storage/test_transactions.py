"""A transaction is all or nothing: repeated where that is safe, refused in time where it isn't."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.domain.kit.errors import AlreadyRunning, NotSaved
from storage import workspace
from storage.database import POOL_SIZE, WAIT_SECONDS, Database
from storage.tables import workspace as table
from tests.storage.test_outbox_at_once import Interrupted, at_once

ACK_BUDGET = 3.0
put = partial(workspace.save, key="count")


def count(tx: Connection) -> int:
    return int(workspace.get(tx, "count") or 0)


def value_of(database: Database) -> str | None:
    return database.run(partial(workspace.get, key="count"))


def raised_by(database: Database, work: partial[None]) -> tuple[BaseException, float]:
    """What the work raises, and after how many seconds."""
    started = time.monotonic()
    with pytest.raises(NotSaved) as refused:
        database.run(work)
    return refused.value, time.monotonic() - started


def test_a_transaction_that_fails_halfway_saves_nothing(database: Database) -> None:
    def fails(tx: Connection) -> None:
        put(tx, value="1")
        raise LookupError

    with pytest.raises(LookupError):
        database.run(fails)
    assert value_of(database) is None


def test_ten_threads_that_read_and_write_lose_no_update(patient: Database) -> None:
    def add_one(tx: Connection) -> None:
        found = tx.execute(select(table.c.value).where(table.c.key == "count").with_for_update()).scalar_one()
        put(tx, value=str(int(found) + 1))

    patient.run(partial(put, value="0"))
    at_once(10, lambda _number: [patient.run(add_one) for _ in range(15)])
    assert value_of(patient) == "150"


def test_an_errors_text_does_not_contain_what_users_wrote(database: Database) -> None:
    def twice(tx: Connection) -> None:
        for _ in range(2):
            tx.execute(insert(table).values(key="k", value="my secret"))

    with pytest.raises(IntegrityError) as refused:
        database.run(twice)
    assert "my secret" not in str(refused.value)


def test_our_own_bugs_are_raised_and_not_retried_forever(database: Database) -> None:
    calls: list[int] = []

    def broken(tx: Connection) -> None:
        calls.append(1)
        tx.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(DBAPIError):
        database.run(broken)
    assert len(calls) == 1


# PostgreSQL: failures that pass by themselves


def test_both_sides_of_a_deadlock_succeed_in_the_end(postgresql: Database) -> None:
    for key in "ab":
        postgresql.run(partial(workspace.save, key=key, value="0"))
    meeting, calls = threading.Barrier(2), []

    def both(tx: Connection, order: str) -> None:
        calls.append(order)
        for key in order:
            tx.execute(update(table).where(table.c.key == key).values(value=table.c.value + "+"))
            if len(calls) <= 2 and key == order[0]:
                meeting.wait(10)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda order: postgresql.run(partial(both, order=order)), ["ab", "ba"]))
    assert len(calls) == 3
    assert [postgresql.run(partial(workspace.get, key=key)) for key in "ab"] == ["0++", "0++"]


def test_a_serialization_failure_is_retried(postgresql: Database) -> None:
    postgresql.run(partial(put, value="0"))
    calls: list[int] = []

    def careful(tx: Connection) -> None:
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        found = count(tx)
        calls.append(found)
        if len(calls) == 1:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(postgresql.run, partial(put, value="41")).result()
        put(tx, value=str(found + 1))

    postgresql.run(careful)
    assert calls == [0, 41]
    assert value_of(postgresql) == "42"


def test_a_killed_connection_is_replaced_and_the_transaction_retried(postgresql: Database) -> None:
    calls: list[int] = []

    def work(tx: Connection) -> None:
        put(tx, value=str(count(tx) + 1))
        calls.append(tx.execute(text("SELECT pg_backend_pid()")).scalar_one())
        if len(calls) == 1:
            kill = text("SELECT pg_terminate_backend(:pid)")
            with postgresql.engine.connect() as other:
                other.execute(kill, {"pid": calls[0]})
        tx.execute(text("SELECT 1"))

    postgresql.run(work)
    assert len(set(calls)) == 2
    assert value_of(postgresql) == "1"


def test_connections_that_died_while_idle_are_noticed_before_they_are_used(postgresql: Database) -> None:
    postgresql.run(partial(put, value="1"))
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    killer = create_engine(postgresql.engine.url)
    with killer.connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608 - ours
    killer.dispose()
    assert value_of(postgresql) == "1"


def test_the_second_to_store_the_same_sees_what_the_first_has_stored(postgresql: Database) -> None:
    seen: list[str | None] = []

    def store(tx: Connection) -> None:
        seen.append(workspace.get(tx, "count"))
        if seen[-1] is None:
            tx.execute(insert(table).values(key="count", value="mine"))

    first = Interrupted(postgresql, lambda tx: tx.execute(insert(table).values(key="count", value="theirs")))
    assert first.has_worked()
    second = Interrupted(postgresql, store)
    assert not second.has_worked(0.2)
    first.commit()
    assert second.has_worked()
    second.commit()
    assert seen == [None, "theirs"]


def test_a_permanent_uniqueness_error_is_raised_after_a_few_attempts(postgresql: Database) -> None:
    postgresql.run(partial(put, value="1"))
    calls: list[int] = []

    def clash(tx: Connection) -> None:
        calls.append(1)
        tx.execute(insert(table).values(key="count", value="2"))

    with pytest.raises(IntegrityError):
        postgresql.run(clash)
    assert len(calls) == 3


# Busy: a clear answer is better than a silent time-out


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Have somebody else hold a lock that our transactions need."""
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
        return
    with database.engine.connect() as connection, connection.begin():
        connection.execute(text("LOCK TABLE workspace IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_busy_database_refuses_in_time_for_the_ack_and_saves_nothing(database: Database) -> None:
    with locked(database):
        _, seconds = raised_by(database, partial(put, value="1"))
    assert WAIT_SECONDS * 0.8 < seconds < ACK_BUDGET
    assert value_of(database) is None
    database.run(partial(put, value="2"))
    assert value_of(database) == "2"


def test_a_short_wait_is_harmless(database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with locked(database):
            saving = pool.submit(database.run, partial(put, value="1"))
            time.sleep(0.2)
        saving.result(ACK_BUDGET)
    assert value_of(database) == "1"


def test_waiting_too_long_for_a_turn_in_the_same_process_is_refused(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.migrate()
    slow = Interrupted(database, partial(put, value="slow"))
    assert slow.has_worked()
    _, seconds = raised_by(database, partial(put, value="1"))
    assert seconds < ACK_BUDGET
    slow.commit()
    assert value_of(database) == "slow"
    database.close()


def test_more_transactions_than_connections_are_refused_in_time(postgresql: Database) -> None:
    holding = [Interrupted(postgresql, lambda tx: tx.execute(text("SELECT 1"))) for _ in range(POOL_SIZE)]
    assert all(each.has_worked() for each in holding)
    _, seconds = raised_by(postgresql, partial(put, value="1"))
    assert seconds < ACK_BUDGET
    for each in holding:
        each.commit()
    postgresql.run(partial(put, value="2"))


# One process on one SQLite file

HOLDER = """
import sys, time
from storage.database import Database
database = Database(sys.argv[1])
database.hold_alone()
print("held", flush=True)
time.sleep(20)
"""


def test_a_sqlite_file_belongs_to_one_process_until_it_releases_it(sqlite_url: str) -> None:
    first, second = Database(sqlite_url), Database(sqlite_url)
    first.hold_alone()
    with pytest.raises(AlreadyRunning) as refused:
        second.hold_alone()
    assert refused.value.values["path"] == str(first.engine.url.database)
    first.close()
    second.hold_alone()
    second.close()


def test_a_killed_process_holds_nothing(sqlite_url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, sqlite_url], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        database = Database(sqlite_url)
        with pytest.raises(AlreadyRunning):
            database.hold_alone()
        holder.kill()
        holder.wait()
    database.hold_alone()
    database.close()


def test_several_processes_may_share_a_postgresql_database(postgresql: Database) -> None:
    other = Database(postgresql.engine.url.render_as_string(hide_password=False))
    postgresql.hold_alone()
    other.hold_alone()
    other.close()


def test_a_missing_folder_for_the_file_is_created(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'muster.db'}")
    database.hold_alone()
    database.migrate()
    database.close()


def test_sqlite_is_durable_and_keeps_its_references(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def pragma(name: str) -> str:
        return str(database.run(lambda tx: tx.execute(text(f"PRAGMA {name}")).scalar_one()))

    assert [pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")] == ["wal", "2", "1"]
    database.close()

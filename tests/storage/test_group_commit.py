"""The SQLite writers of one process: in order, committed together, each failing alone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Connection, event, text

from bot.domain.kit.errors import NotSaved
from storage import workspace
from storage.database import Database
from tests.support.people import eventually


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    made = Database(sqlite_url)
    made.migrate()
    yield made
    made.close()


@contextmanager
def queued(database: Database, works: list[Callable[[Connection], object]]) -> Iterator[list[Future[object]]]:
    """Queue the works in this order behind a slow writer; they proceed when the block ends."""
    writers = database._writers
    assert writers is not None
    begun, may_end = threading.Event(), threading.Event()

    def slow(_tx: Connection) -> None:
        begun.set()
        may_end.wait(10)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(database.run, slow)
        begun.wait(10)
        futures: list[Future[object]] = []
        for number, work in enumerate(works, start=1):
            futures.append(pool.submit(database.run, work))
            eventually(lambda number=number: len(writers._waiting) == number)  # type: ignore[misc]
        yield futures
        may_end.set()
        first.exception(10)


def commits(database: Database) -> list[str]:
    """A list that grows with each commit."""
    seen: list[str] = []
    event.listen(database.engine, "commit", lambda _connection: seen.append("commit"))
    return seen


def put(key: str, tx: Connection) -> str:
    workspace.save(tx, key, "there")
    return key


def found(database: Database, keys: str) -> list[str]:
    return [key for key in keys if database.read(partial(workspace.get, key=key))]


def test_transactions_that_wait_together_commit_together_and_each_gets_its_own_result(
    sqlite: Database,
) -> None:
    counted = commits(sqlite)
    with queued(sqlite, [partial(put, key) for key in "abcde"]) as futures:
        pass
    assert [each.result() for each in futures] == list("abcde")
    assert len(counted) <= 2
    assert found(sqlite, "abcde") == list("abcde")


def test_nobody_overtakes(sqlite: Database) -> None:
    order: list[int] = []
    with queued(sqlite, [lambda _tx, number=number: order.append(number) for number in range(8)]):  # type: ignore[misc]
        pass
    assert order == list(range(8))


def test_a_failing_transaction_undoes_only_itself(sqlite: Database) -> None:
    def fails(tx: Connection) -> None:
        workspace.save(tx, "b", "never")
        raise LookupError

    with queued(sqlite, [partial(put, "a"), fails, partial(put, "c")]) as futures:
        pass
    with pytest.raises(LookupError):
        futures[1].result()
    assert found(sqlite, "abc") == ["a", "c"]


def test_a_refused_statement_undoes_only_its_own_work(sqlite: Database) -> None:
    def twice(tx: Connection) -> None:
        put("b", tx)
        tx.execute(text("INSERT INTO workspace VALUES ('b', 'again')"))

    with queued(sqlite, [partial(put, "a"), twice, partial(put, "c")]) as futures:
        pass
    with pytest.raises(Exception, match="UNIQUE"):
        futures[1].result()
    assert found(sqlite, "abc") == ["a", "c"]


def test_if_sqlite_ends_the_whole_transaction_nobody_learns_that_it_was_saved(sqlite: Database) -> None:
    def ends(tx: Connection) -> None:
        tx.exec_driver_sql("ROLLBACK")
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise full

    with queued(sqlite, [partial(put, "a"), ends]) as futures:
        pass
    for future in futures:
        with pytest.raises(NotSaved):
            future.result()
    assert found(sqlite, "ab") == []
    sqlite.run(partial(put, "b"))
    assert found(sqlite, "b") == ["b"]


def test_a_full_disk_is_reported_and_can_be_recovered_from(sqlite: Database) -> None:
    def fill(tx: Connection) -> None:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        workspace.save(tx, "big", "x" * 1_000_000)

    with pytest.raises(NotSaved):
        sqlite.run(fill)
    sqlite.engine.dispose()
    sqlite.run(partial(put, "a"))
    assert found(sqlite, "a") == ["a"]


def test_work_that_waited_too_long_is_not_done_later(sqlite: Database) -> None:
    with queued(sqlite, [partial(put, "a")]) as futures, pytest.raises(NotSaved):
        futures[0].result(10)
    assert found(sqlite, "a") == []


def test_readers_do_not_wait_for_writers(sqlite: Database) -> None:
    sqlite.run(partial(put, "a"))
    with queued(sqlite, [partial(put, "b")]):
        assert found(sqlite, "ab") == ["a"]
    assert found(sqlite, "ab") == ["a", "b"]

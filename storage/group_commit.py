"""One writer for SQLite, shared within a process: first come, first served, and many in one commit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from bot.domain.kit.errors import NotSaved

T = TypeVar("T")
_MAX_TOGETHER = 100
_MAX_SECONDS = 0.05
"""Seconds after which no more work joins a commit, because the first caller is waiting for its ack."""


class _Job:
    """Work that waits for its turn, and the result once it is done."""

    def __init__(self, work: Callable[[Connection], Any], seconds: float) -> None:
        self.work = work
        self.deadline = monotonic() + seconds
        self.leads = False
        self.woken = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def attempt(self, connection: Connection) -> bool:
        """Do the work; returns whether it succeeded."""
        try:
            self._value = self.work(connection)
        except BaseException as error:  # noqa: BLE001 - it is raised where the caller waits
            self._error = error
        return self._error is None

    def fail(self, error: BaseException) -> None:
        """Record why the work isn't saved, unless it failed itself."""
        self._error = self._error or error

    def result(self) -> Any:
        """What the work returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._value


class Writers:
    """Runs write transactions one after the other.

    If nobody is writing, the caller leads: it begins a transaction, does everything that is waiting, each
    piece under its own savepoint, commits once, and hands over to the next. So nobody polls a busy file,
    nobody jumps the queue, and a burst takes few commits. Each caller returns after the commit that includes
    its work.
    """

    def __init__(self, engine: Engine, wait_seconds: float) -> None:
        self._engine, self._wait_seconds = engine, wait_seconds
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._is_led = False

    def run(self, work: Callable[[Connection], T]) -> T:
        """The result of ``work``, once it is committed. Raises what ``work`` raises, and saves nothing then.

        Raises ``NotSaved`` if its turn doesn't come within ``wait_seconds``.
        """
        job = _Job(work, self._wait_seconds)
        with self._lock:
            self._waiting.append(job)
            job.leads, self._is_led = not self._is_led, True
        if not job.leads:
            if not job.woken.wait(self._wait_seconds) and self._withdraw(job):
                raise NotSaved
            # The job's turn has come: either another thread is doing it, or this one leads now.
            job.woken.wait()
        if job.leads:
            self._lead(job)
        result: T = job.result()
        return result

    def _withdraw(self, job: _Job) -> bool:
        with self._lock:
            if job.leads or job not in self._waiting:
                return False
            self._waiting.remove(job)
            return True

    def _lead(self, leader: _Job) -> None:
        done: list[_Job] = []
        try:
            with self._engine.connect() as connection:
                _wait_at_most(connection, leader.deadline - monotonic())
                with connection.begin():
                    self._work_together(connection, done)
        except BaseException as error:  # noqa: BLE001 - it is raised where each caller waits
            for job in done or [leader]:
                job.fail(error)
        finally:
            self._hand_over(leader, done)

    def _work_together(self, connection: Connection, done: list[_Job]) -> None:
        until = monotonic() + _MAX_SECONDS
        while len(done) < _MAX_TOGETHER and (not done or monotonic() < until):
            with self._lock:
                if not self._waiting:
                    return
                job = self._waiting.popleft()
            done.append(job)
            _under_savepoint(connection, job)

    def _hand_over(self, leader: _Job, done: list[_Job]) -> None:
        with self._lock:
            if leader in self._waiting:
                self._waiting.remove(leader)
            self._is_led = bool(self._waiting)
            if self._is_led:
                self._waiting[0].leads = True
                self._waiting[0].woken.set()
        for job in done:
            job.woken.set()


def _wait_at_most(connection: Connection, seconds: float) -> None:
    """Limit how long to wait for another process that holds the file."""
    _execute(connection, f"PRAGMA busy_timeout={max(1, int(seconds * 1000))}")


def _under_savepoint(connection: Connection, job: _Job) -> None:
    """Do the work so that a failure undoes only this work.

    Raises its error if SQLite has rolled back the whole transaction, as it does when the disk is full
    (https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction).
    """
    _execute(connection, "SAVEPOINT job")
    if not job.attempt(connection):
        if not _driver(connection).in_transaction:
            job.result()
        _execute(connection, "ROLLBACK TO job")
    _execute(connection, "RELEASE job")


def _execute(connection: Connection, statement: str) -> None:
    # Called on the driver itself, without SQLAlchemy's overhead: each piece of work takes three of these.
    _driver(connection).execute(statement).close()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection

"""The engine, its transactions, and the migrations that run at start."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from time import sleep
from typing import IO, TypeVar

import structlog
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from bot.domain.kit.errors import AlreadyRunning, CannotMigrate, DatabaseUnusable, NotSaved
from storage import postgresql, sqlite, sqlite_file, urls
from storage.group_commit import Writers
from storage.line import Line
from storage.migrations import HEAD
from storage.reasons import reason

log = structlog.get_logger(__name__)

WAIT_SECONDS = 2.0
"""How long anything waits for the database: less than the 3 seconds that Slack allows for an ack
(https://docs.slack.dev/interactivity/handling-user-interaction)."""
POOL_SIZE = 8
"""Connections to PostgreSQL. Small hosts allow 20, of which PostgreSQL reserves 3 for administrators: that is
enough for two replicas. A transaction takes some milliseconds, so a few connections serve many threads."""
# An arbitrary number, but the same in every replica and version:
# https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
_MIGRATION_LOCK = 727_003
_TRY_MIGRATION_LOCK = text("SELECT pg_try_advisory_xact_lock(:id)")
_REVISIONS = text("SELECT version_num FROM alembic_version")
T = TypeVar("T")

_SERIALIZATION_FAILURE, _DEADLOCK, _UNIQUE_VIOLATION = "40001", "40P01", "23505"
_REPEATED = frozenset({_SERIALIZATION_FAILURE, _DEADLOCK, _UNIQUE_VIOLATION})
_SQLITE_TRANSIENT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


class Database:
    """One database, SQLite or PostgreSQL, whose transactions are retried as a whole where that is safe."""

    def __init__(self, url: str, pool_size: int = POOL_SIZE) -> None:
        self.engine = _engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        options = sqlite.READS if self.is_sqlite else postgresql.READS
        self._reading = self.engine.execution_options(**options)
        self._writers = Writers(self.engine, WAIT_SECONDS) if self.is_sqlite else None
        self._line = None if self.is_sqlite else Line(pool_size)
        self._held: IO[str] | None = None
        self.trouble: str | None = None
        """Why the latest transaction wasn't saved, in a few words; ``None`` if it was."""

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction and return its result once it is committed.

        ``work`` may run several times: after a lost connection, a serialization failure, a deadlock, or when
        another transaction has just stored the same unique value; the next run sees that value and can
        decide. So it must touch nothing but the database. Raises ``NotSaved``, and saves nothing, if the
        database stays busy or unreachable.
        """
        try:
            with _transient_as_not_saved():
                if self._writers is not None:
                    result = self._writers.run(work)
                else:
                    result = self._repeatedly(self.engine, work)
        except NotSaved as error:
            self._note(reason(error))
            raise
        self._note(None)
        return result

    def read(self, work: Callable[[Connection], T]) -> T:
        """Like :meth:`run`, for work that changes nothing: on SQLite it doesn't wait for writers."""
        with _transient_as_not_saved():
            return self._repeatedly(self._reading, work)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction in which everything is as it was at one moment, while others continue to write."""
        engine = self._reading if self.is_sqlite else self.engine.execution_options(**postgresql.SNAPSHOT)
        with _transient_as_not_saved(), engine.connect() as connection, connection.begin():
            yield connection

    def _note(self, trouble: str | None) -> None:
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if trouble:
            log.warning("nothing can be saved", why=trouble)
        else:
            log.info("saving works again")

    def migrate(self) -> None:
        """Bring the schema up to date, one process at a time.

        A database that is up to date needs no permission to change tables. Raises ``CannotMigrate`` where one
        is needed and missing.
        """
        with self.engine.connect() as connection, connection.begin():
            is_at_head = _is_at_head(connection)
            if self.is_sqlite and not is_at_head:
                _upgrade(connection)
        if not self.is_sqlite and not is_at_head:
            with _migration_refused():
                self._migrate_postgresql()

    def _migrate_postgresql(self) -> None:
        with self.engine.connect() as guard:
            _take_migration_lock(guard)
            with self.engine.connect() as connection:
                is_at_head = _is_at_head(connection)
                connection.commit()
                if not is_at_head:
                    try:
                        postgresql.prepare_to_migrate(connection)
                        _upgrade(connection)
                    finally:
                        connection.invalidate()

    def revision(self) -> str:
        """The latest revision of the schema that the database has; it may be newer than ours."""
        return str(self.read(lambda tx: max(tx.execute(_REVISIONS).scalars())))

    def has_tables(self) -> bool:
        """Whether the database was ever migrated."""
        return self.read(lambda tx: inspect(tx).has_table("alembic_version"))

    def hold_alone(self) -> None:
        """Lock a SQLite file for this process until :meth:`close`; the file is made if there is none.

        Raises ``AlreadyRunning``, and ``DatabaseUnusable`` if the file can't be used, however long we wait.
        The operating system releases the lock when the process dies, so a new process can continue a killed
        one's work at once.
        """
        if not self.is_sqlite:
            return
        path = Path(str(self.engine.url.database))
        sqlite_file.make(path)
        self._lock(path)
        sqlite_file.check(self.engine, path)
        sqlite_file.make_private(path)

    def _lock(self, path: Path) -> None:
        with ExitStack() as undo:
            try:
                held = undo.enter_context(Path(f"{path}.lock").open("w"))
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunning(path=path) from error
            except OSError as error:
                raise DatabaseUnusable(why=f"{path} can't be locked ({error.strerror})") from error
            undo.pop_all()
        self._held = held

    def _repeatedly(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        result: T = _ATTEMPTS(self._in_one, engine, work)
        return result

    def _in_one(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        place = self._line.place(WAIT_SECONDS) if self._line else nullcontext()
        with place, engine.connect() as connection, connection.begin():
            return work(connection)

    def close(self) -> None:
        """Close every connection and release the lock on the file."""
        self.engine.dispose()
        if self._held:
            self._held.close()
            self._held = None


def _take_migration_lock(guard: Connection) -> None:
    """Hold the lock until the connection's transaction ends.

    It polls in separate transactions: a waiting statement holds a snapshot, and an index that the other
    process is building concurrently would wait for that forever.
    """
    while not guard.execute(_TRY_MIGRATION_LOCK, {"id": _MIGRATION_LOCK}).scalar_one():
        guard.rollback()
        sleep(0.05)
    guard.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _is_at_head(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    # A newer replica may have migrated further. Revisions only add, so older replicas keep working.
    return any(each >= HEAD for each in connection.execute(_REVISIONS).scalars())


def _upgrade(connection: Connection) -> None:
    # Importing Alembic takes time and memory, so only a start that has something to migrate does it.
    from alembic import command  # noqa: PLC0415

    from storage.migrations.scripts import settings  # noqa: PLC0415

    command.upgrade(settings(connection), "head")


@contextmanager
def _migration_refused() -> Iterator[None]:
    """Say what is wrong if the database user may not change tables, or the server accepts no changes now."""
    try:
        yield
    except DBAPIError as error:
        if _sqlstate(error) == postgresql.NOT_PERMITTED:
            raise CannotMigrate from error
        if _sqlstate(error) == postgresql.READ_ONLY:
            raise NotSaved from error
        raise


@contextmanager
def _transient_as_not_saved() -> Iterator[None]:
    """Raise ``NotSaved`` if the database is busy, unreachable or out of space; let defects pass unchanged."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:
        if _is_transient(error):
            raise NotSaved from error
        raise


def _engine(url: str, pool_size: int) -> Engine:
    parsed = urls.parse(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite.engine(parsed, WAIT_SECONDS)
    return postgresql.engine(parsed, WAIT_SECONDS, pool_size)


def _is_worth_repeating(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    # Without a code, no connection was made. If the server allows no more, one that we have may soon be free.
    is_unconnected = _is_refused_by_server(error) and _sqlstate(error) is None
    return error.connection_invalidated or is_unconnected or _sqlstate(error) in _REPEATED


_ATTEMPTS = Retrying(
    retry=retry_if_exception(_is_worth_repeating),
    # PostgreSQL takes a second to notice a deadlock, and Slack waits 3 seconds for an ack.
    stop=stop_after_attempt(3) | stop_after_delay(0.75 * WAIT_SECONDS),
    wait=wait_random_exponential(multiplier=0.02, max=0.2),
    reraise=True,
)


def _is_transient(error: BaseException) -> bool:
    """Whether a later attempt may succeed, perhaps after an administrator has helped: it isn't a bug."""
    if isinstance(error, PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError):
        is_away = error.connection_invalidated or _is_refused_by_server(error)
        return is_away or _is_transient_on_sqlite(error.orig)
    return _is_transient_on_sqlite(error)


def _is_refused_by_server(error: DBAPIError) -> bool:
    """Whether this is one of PostgreSQL's operational errors.

    SQLite's may be bugs; :func:`_is_transient_on_sqlite` decides by their code.
    """
    return isinstance(error, OperationalError) and not isinstance(error.orig, sqlite3.Error)


def _is_transient_on_sqlite(error: object) -> bool:
    # The low byte of an extended code is the primary code: https://www.sqlite.org/rescode.html
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _SQLITE_TRANSIENT


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)

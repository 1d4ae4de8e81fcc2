"""Connections to a SQLite file: durable, with readers next to one writer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

_READS = "muster_reads"
READS: Mapping[str, Any] = {_READS: True}
"""The execution options of work that only reads."""


def engine(url: URL, wait_seconds: float) -> Engine:
    """An engine whose connections wait at most that long for another process that holds the file."""
    made = create_engine(
        url,
        # An error's text ends up in the log, and what users wrote must not.
        hide_parameters=True,
        pool_timeout=wait_seconds,
        # The connection used last has the pages in its cache; if it is reused, the others need no cache
        # of their own.
        pool_use_lifo=True,
        connect_args={"timeout": wait_seconds},
    )
    event.listen(made, "connect", partial(_prepare, wait_seconds))
    event.listen(made, "begin", _begin)
    return made


def _prepare(wait_seconds: float, connection: Any, _record: object) -> None:
    """Make the connection durable, let readers run alongside writers, and enforce foreign keys.

    Transactions begin only where :func:`_begin` says so.
    """
    connection.isolation_level = None
    # When two connections switch a new file to WAL at the same time, SQLite refuses one without waiting.
    patiently = Retrying(
        retry=retry_if_exception_type(OperationalError),
        stop=stop_after_delay(wait_seconds),
        wait=wait_random_exponential(multiplier=0.02, max=0.2),
        reraise=True,
    )
    patiently(connection.execute, "PRAGMA journal_mode=WAL").close()
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Begin a transaction: for writing at once, unless the work only reads.

    In WAL mode a read transaction that starts to write can fail immediately, whatever the time-out
    (https://www.sqlite.org/isolation.html).
    """
    reads = connection.get_execution_options().get(_READS)
    # Called on the driver itself, without SQLAlchemy's overhead: every transaction begins here.
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE").close()

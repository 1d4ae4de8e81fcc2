"""The engine for PostgreSQL, reached directly or through a pooler such as PgBouncer.

A pooler gives each transaction whichever of its server connections is free, so nothing may be kept on one
from one transaction to the next: no settings, no prepared statements, no locks
(https://www.pgbouncer.org/features.html#sql-feature-map-for-pooling-modes). Poolers also refuse settings in
the start-up packet. So each connection finds out what is at its other end before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event

if TYPE_CHECKING:
    from storage.patient import Patient

_READS, _MIGRATES = "muster_reads", "muster_migrates"
READS: Mapping[str, Any] = {_READS: True, "isolation_level": "AUTOCOMMIT"}
"""Options of an engine that only reads. Each statement sees everything committed before it began, inside a
transaction or not, so on a direct connection reading does without one, which saves two round trips."""
SNAPSHOT: Mapping[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Options of an engine whose transactions see everything as it was when they began."""
READ_ONLY, NOT_PERMITTED = "25006", "42501"
"""From https://www.postgresql.org/docs/current/errcodes-appendix.html."""
_CONNECT_SECONDS = 2
"""For each address of the server; Slack waits three seconds for an ack."""
_IS_DIRECT = "is_direct"


def engine(url: URL, wait_seconds: float, pool_size: int) -> Engine:
    """An engine with at most that many connections, none of which waits longer than ``wait_seconds``."""
    made = create_engine(
        url,
        # An error's text ends up in the log, and what users wrote must not.
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=wait_seconds,
        connect_args={
            "connect_timeout": url.query.get("connect_timeout", _CONNECT_SECONDS),
            **_writable(url),
        },
    )
    event.listen(made, "do_connect", partial(_connect, wait_seconds))
    event.listen(made, "connect", partial(_get_to_know, wait_seconds))
    event.listen(made, "begin", partial(_begin, wait_seconds))
    event.listen(made, "handle_error", _leave_if_read_only)
    return made


def _connect(
    seconds: float, _dialect: object, _record: object, args: list[Any], options: dict[str, Any]
) -> Patient:
    # Loads psycopg, which takes time and memory that SQLite doesn't need.
    from storage.patient import Patient  # noqa: PLC0415

    made = Patient.connect(*args, **options)
    made.seconds = seconds
    return made


def _writable(url: URL) -> Mapping[str, str]:
    """With several hosts, connect to the one that can be written to, unless the URL chooses otherwise.

    A single host may be a pooler, whose idea of its server's state can be out of date.
    """
    hosts = url.query.get("host", url.host or "")
    is_one = isinstance(hosts, str) and "," not in hosts
    return {} if is_one or "target_session_attrs" in url.query else {"target_session_attrs": "read-write"}


def _limits(seconds: float, *, migrates: bool = False) -> Mapping[str, int]:
    """The server's time-outs, in milliseconds; 0 is none."""
    wait = int(seconds * 1000)
    return {
        "lock_timeout": wait,
        "statement_timeout": 0 if migrates else wait,
        "idle_in_transaction_session_timeout": 10_000,
    }


def _get_to_know(seconds: float, connection: Patient, record: Any) -> None:
    """Find out whether the server's session is ours alone; if so, keep our time-outs in it.

    A pooler hands out process ids of its own, because it uses several servers for one client
    (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS).
    """
    limits = _limits(seconds).items()
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in limits)
    connection.autocommit = True
    query = f"SELECT {settings} WHERE pg_backend_pid() = %s"
    is_direct = connection.execute(query, [connection.info.backend_pid]).fetchone() is not None
    connection.autocommit = False
    connection.seconds = None
    record.info[_IS_DIRECT] = is_direct
    if not is_direct:
        connection.prepare_threshold = None


def _begin(seconds: float, connection: Connection) -> None:
    """Behind a pooler, begin a transaction with our time-outs, in one round trip; reads need one, too.

    On a direct connection psycopg begins one with the first statement, unless it only reads.
    """
    options = connection.get_execution_options()
    is_without = options.get("isolation_level") == "AUTOCOMMIT" and _READS not in options
    # Alembic does without a transaction where a statement can't run in one.
    if connection.info[_IS_DIRECT] or is_without:
        return
    driver: Any = connection.connection.driver_connection
    driver.autocommit, driver.seconds = True, seconds
    limits = _limits(seconds, migrates=_MIGRATES in options)
    settings = "; ".join(f"SET LOCAL {name} = {value}" for name, value in limits.items())
    is_snapshot = options.get("isolation_level") == SNAPSHOT["isolation_level"]
    mode = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_snapshot else ""
    connection.exec_driver_sql(f"BEGIN{mode}; {settings}")
    driver.seconds = None


def prepare_to_migrate(connection: Connection) -> None:
    """Let statements take as long as they need. Close the connection afterwards instead of returning it."""
    connection.execution_options(**{_MIGRATES: True})
    if connection.info[_IS_DIRECT]:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()


def _leave_if_read_only(context: ExceptionContext) -> None:
    """Drop all connections to a server that no longer accepts changes, as happens in a failover.

    The next ones go to whichever server is the primary then.
    """
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True

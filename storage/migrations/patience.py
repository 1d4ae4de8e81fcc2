"""Statements of a migration that runs on PostgreSQL while an older replica is writing."""

from __future__ import annotations

from alembic import op
from sqlalchemy.exc import OperationalError
from tenacity import Retrying, retry_if_exception, wait_random

_LOCK_NOT_AVAILABLE = "55P03"


def patiently(statement: str) -> None:
    """Run the statement, retrying until it gets its lock; others can write between attempts.

    No statement may wait for a lock for long, because everybody else would queue behind it. So each runs in
    its own transaction, and may run twice: an earlier attempt at the migration may have stopped anywhere.
    """
    connection = op.get_bind()
    # What is sent together is one transaction, and behind a pooler only that has one server for certain:
    # https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT.
    statements = [f"SET LOCAL lock_timeout = '100ms'; {statement}"]
    if "CONCURRENTLY" in statement:
        # It can't run in a transaction. Building an index waits for all older transactions, but nobody queues
        # behind it.
        statements = ["SET lock_timeout = 0", statement]
    retrying = Retrying(retry=retry_if_exception(_is_lock_timeout), wait=wait_random(0.05, 0.3), reraise=True)
    for each in statements:
        retrying(connection.exec_driver_sql, each)


def _is_lock_timeout(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE

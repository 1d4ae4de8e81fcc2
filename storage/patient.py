"""A connection to PostgreSQL that doesn't wait forever for a pooler."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


class Patient(psycopg.Connection[Any]):
    """A connection that can limit how long it waits for an answer.

    The server's own time-outs don't apply while a pooler waits for a free server connection.
    """

    seconds: float | None = None
    """How long to wait; ``None`` for as long as it takes."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Like psycopg's, for at most ``seconds``; then it closes itself, since the answer may still come."""
        try:
            return super().wait(gen, interval, self.seconds if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise

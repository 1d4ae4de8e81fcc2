"""Forgets what is old and no longer needed."""

from __future__ import annotations

from datetime import timedelta

from bot.operations.kit.transaction import Clock, Operations, Tx, transaction
from storage import retention
from storage.database import Database
from storage.retention import Position

__all__ = ["Position", "Retention"]

PURGED_TOGETHER = 100
"""Rows per transaction, which takes a few milliseconds: on SQLite, acks wait for it."""


class Retention(Operations):
    """Purges finished effects and handled requests; see :data:`storage.retention.RULES`."""

    def __init__(self, database: Database, clock: Clock, kept: timedelta) -> None:
        super().__init__(database, clock)
        self._kept = kept

    @transaction
    def purge(self, tx: Tx, at: Position) -> Position | None:
        """Purge a few rows; returns where to continue, or ``None`` at the end."""
        return retention.purge(tx.connection, at, tx.now - self._kept, PURGED_TOGETHER)

"""Deletes rows that are no longer needed, a little at a time."""

from __future__ import annotations

from time import monotonic, sleep

from bot.operations.retention import Position, Retention

PAUSE = 3600.0
"""Seconds between two passes through the tables."""
BATCHES = 3
"""Per call, which allows for five million rows a day; even a busy workspace leaves some ten thousand. On
SQLite an ack may have to wait for a batch, so more of them would show in the slowest acks."""
BREATH = 0.1
"""Seconds between two batches, in which others get the database and the processor."""


class Purge:
    """Does part of a pass per call, in short transactions; to be called every few seconds.

    How far it has got is kept in memory: a new process starts over, and finds less to do.
    """

    def __init__(self, retention: Retention) -> None:
        self._retention = retention
        self._at = Position()
        self._next_at = monotonic()

    def __call__(self) -> None:
        """Do the next part if it's due; if that raises ``NotSaved``, the next call continues there."""
        if monotonic() < self._next_at:
            return
        for _ in range(BATCHES):
            at = self._retention.purge(self._at)
            self._at = at or Position()
            if at is None:
                self._next_at = monotonic() + PAUSE
                return
            sleep(BREATH)

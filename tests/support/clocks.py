"""Clocks that tests set: real time, shifted by as much as a test has moved it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class MovableClock:
    """The real time, shifted forwards or backwards when a test says so."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def __call__(self) -> datetime:
        """The time as the bot wants it."""
        return datetime.now(UTC) + self._moved

    def seconds(self) -> float:
        """The time as the sandbox wants it."""
        return time.time() + self._moved.total_seconds()

    def move(self, by: timedelta) -> None:
        """Shift the clock forwards or, with a negative value, backwards."""
        self._moved += by

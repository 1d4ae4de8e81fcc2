"""Clocks that tests set: real time goes on, moved as far as a test has moved it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class MovableClock:
    """The time, an hour later or earlier when a test says so."""

    def __init__(self) -> None:
        self._moved = timedelta()

    def __call__(self) -> datetime:
        """As the bot asks for it."""
        return datetime.now(UTC) + self._moved

    def seconds(self) -> float:
        """As the sandbox asks for it."""
        return time.time() + self._moved.total_seconds()

    def move(self, by: timedelta) -> None:
        """It is that much later now, or earlier."""
        self._moved += by

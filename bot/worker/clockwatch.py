"""Notices when somebody sets the clock back."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from bot.operations.kit.transaction import Clock

_TOLERATED = timedelta(seconds=5)
"""A clock that is corrected by less than this does no harm."""


class ClockWatch:
    """Compares the clock with the monotonic one, which nobody can set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = self._difference()

    def has_gone_back(self) -> bool:
        """Whether the clock was set back since the last call."""
        before, self._ahead = self._ahead, self._difference()
        return before - self._ahead > _TOLERATED

    def _difference(self) -> timedelta:
        return timedelta(seconds=self._clock().timestamp() - monotonic())

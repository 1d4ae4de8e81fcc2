"""Deletes rows finished long ago, a little at a time."""

from __future__ import annotations

from time import monotonic

from bot.operations.outbox import Outbox

PAUSE = 3600.0
"""Seconds between two passes through the outbox."""
_TOGETHER = 10
"""Batches per call: the first pass after an upgrade may have to delete millions of rows."""


class Purge:
    """Does part of a pass per call, in short transactions; to be called every few seconds."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._after = 0
        self._next_at = monotonic()

    def __call__(self) -> None:
        """Do the next part if it's due; if that raises ``NotSaved``, the next call continues there."""
        if monotonic() < self._next_at:
            return
        for _ in range(_TOGETHER):
            after = self._outbox.purge(self._after)
            self._after = after or 0
            if after is None:
                self._next_at = monotonic() + PAUSE
                return

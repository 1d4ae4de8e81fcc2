"""The lease under which the current thread performs a row: once it is lost, no more calls start."""

from __future__ import annotations

from contextvars import ContextVar
from time import monotonic


class Lease:
    """Until when a row certainly belongs to this worker, in monotonic seconds, which ignore clock changes."""

    def __init__(self, until: float) -> None:
        self.until = until

    def is_over(self) -> bool:
        """Whether another worker may have taken the row, for example while this process was suspended."""
        return monotonic() >= self.until


CURRENT: ContextVar[Lease | None] = ContextVar("lease", default=None)
"""The lease of the row that this thread is performing, or ``None``."""


def is_lost() -> bool:
    """Whether another worker may have taken the current row, so that any call now could be made twice."""
    lease = CURRENT.get()
    return lease is not None and lease.is_over()

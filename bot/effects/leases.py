"""The lease under which the current thread performs a row: once it is lost, no more calls start."""

from __future__ import annotations

from contextvars import ContextVar
from time import monotonic


class Lease:
    """Until when a row is certainly this worker's, in monotonic seconds, which clock changes don't affect."""

    def __init__(self, until: float) -> None:
        self.until = until

    def is_over(self) -> bool:
        """Whether another worker may have taken the row, such as while this process was suspended."""
        return monotonic() >= self.until


CURRENT: ContextVar[Lease | None] = ContextVar("lease", default=None)
"""The lease of the row that this thread performs; ``None`` where it performs none."""


def is_lost() -> bool:
    """Whether the current row may already be another worker's: any call now could then be made twice."""
    lease = CURRENT.get()
    return lease is not None and lease.is_over()

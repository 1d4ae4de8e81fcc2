"""The lease under which the current thread performs a row: without it no more calls begin."""

from __future__ import annotations

from contextvars import ContextVar
from time import monotonic


class Lease:
    """For how long a row is certainly this worker's, in monotonic seconds, which no clock change moves."""

    def __init__(self, until: float) -> None:
        self.until = until

    def is_over(self) -> bool:
        """Whether another worker may have taken the row, such as while this process was suspended."""
        return monotonic() >= self.until


CURRENT: ContextVar[Lease | None] = ContextVar("lease", default=None)
"""The lease of the row that this thread performs; ``None`` where it performs none."""


def is_lost() -> bool:
    """Whether the current row may be another worker's already: what it still calls, the other calls too."""
    lease = CURRENT.get()
    return lease is not None and lease.is_over()

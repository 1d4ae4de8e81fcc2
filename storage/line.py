"""Threads that wait for one of the few connections to PostgreSQL, first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.kit.errors import NotSaved


class Line:
    """Lets a limited number of threads in at once, and the others in the order in which they came.

    SQLAlchemy's pool has no order: a thread that returns a connection and wants one again usually gets it,
    and others have waited for more than a second.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        """More than 0 only if nobody is waiting."""
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many threads are waiting for a place."""
        return len(self._waiting)

    @contextmanager
    def place(self, seconds: float) -> Iterator[None]:
        """Hold a place. Raises ``NotSaved`` if there is none within that time."""
        self._enter(seconds)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, seconds: float) -> None:
        mine = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            self._waiting.append(mine)
        if not mine.wait(seconds) and self._withdraw(mine):
            raise NotSaved

    def _withdraw(self, mine: threading.Event) -> bool:
        with self._lock:
            if mine.is_set():
                return False
            self._waiting.remove(mine)
            return True

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1

"""Each queue's threads, which perform rows, and the lines in which rows wait without occupying a thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.domain.outbox.queues import Queue
from bot.domain.outbox.retry import Place
from bot.domain.outbox.rows import Claimed

SIZES: Mapping[Queue, int] = {
    Queue.PEOPLE: 12,
    Queue.ANSWERS: 4,
    Queue.CALENDAR: 4,
    Queue.BACKGROUND: 3,
    Queue.HISTORY: 1,
}
"""Threads per queue, started as needed."""
MAX_WAITING = 100
"""Rows that may wait in memory for one method and channel; the rest wait in the database."""


class Crew:
    """Threads that perform the rows of one queue, a limited number at once."""

    def __init__(self, queue: Queue, size: int) -> None:
        self._size = size
        self._idle = threading.Semaphore(size)
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=queue.value)

    def take_idle(self, most: int | None = None) -> int:
        """Reserve up to ``most`` idle threads, or all that are idle; returns how many."""
        taken = 0
        while taken < (self._size if most is None else most) and self._idle.acquire(blocking=False):
            taken += 1
        return taken

    def give_back(self, number: int = 1) -> None:
        """Release this many reserved threads."""
        if number:
            self._idle.release(number)

    def submit(self, perform: Callable[[Claimed], None], row: Claimed) -> None:
        """Perform the row on a reserved thread."""
        self._pool.submit(perform, row)

    def stop(self) -> None:
        """Wait for the attempts in progress; no more can be submitted."""
        self._pool.shutdown(wait=True)


class Turns:
    """Rows that wait for their turn to call Slack, in one line per method and channel.

    Slack limits how often a method may be called (https://docs.slack.dev/apis/web-api/rate-limits), so only
    the first row in a line is retried, and only when its turn comes. Each method is thread-safe by itself:
    the dispatcher hands out turns, and performers' threads join.
    """

    def __init__(self, pause: Callable[[Place], float]) -> None:
        """``pause`` returns the seconds until the place's next turn."""
        self._pause = pause
        self._lines: dict[Place, deque[Claimed]] = {}
        self._at_it: dict[int, Place] = {}
        """Rows that are having their turn; the next in line waits for the outcome."""
        self._lock = threading.Lock()

    def join(self, row: Claimed, place: Place) -> int | None:
        """Add the row to its line and return ``None``; if the line is full, only return its length."""
        with self._lock:
            line = self._lines.setdefault(place, deque())
            had_turn = self._at_it.pop(row.id, None) == place
            if len(line) >= MAX_WAITING and not had_turn:
                return len(line)
            # A call from outside the line took this row's turn, so the row stays first.
            line.appendleft(row) if had_turn else line.append(row)
            return None

    def leave(self, row: Claimed) -> None:
        """The row's attempt is over: the next in its line may have a turn."""
        with self._lock:
            self._at_it.pop(row.id, None)

    def come(self) -> list[Claimed]:
        """The rows whose turn has come, taken out of line; each must then rejoin, leave, or be put back."""
        with self._lock:
            busy = set(self._at_it.values())
            ready = [place for place in self._lines if place not in busy and self._pause(place) <= 0]
            rows = [self._lines[place].popleft() for place in ready]
            self._at_it.update({row.id: place for row, place in zip(rows, ready, strict=True)})
            self._lines = {place: line for place, line in self._lines.items() if line}
            return rows

    def put_back(self, row: Claimed) -> None:
        """Put the row back at the front of its line, because no thread was free to perform it."""
        with self._lock:
            place = self._at_it.pop(row.id)
            self._lines.setdefault(place, deque()).appendleft(row)

    def seconds(self) -> float | None:
        """Seconds until the next turn in a line that isn't busy; ``None`` if there is no such line."""
        with self._lock:
            busy = set(self._at_it.values())
            pauses = [self._pause(place) for place in self._lines if place not in busy]
            return max(0.0, min(pauses)) if pauses else None

    def forget(self, row_id: int) -> None:
        """Remove the row from every line."""
        with self._lock:
            self._at_it.pop(row_id, None)
            for place, line in list(self._lines.items()):
                self._lines[place] = deque(row for row in line if row.id != row_id)
            self._lines = {place: line for place, line in self._lines.items() if line}

    def clear(self) -> list[Claimed]:
        """Remove and return every waiting row."""
        with self._lock:
            rows = [row for line in self._lines.values() for row in line]
            self._lines = {}
            return rows

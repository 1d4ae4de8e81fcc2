"""Threads that perform rows, by queue; and rows that wait for their channel's turn on none of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.domain.outbox import Claimed
from bot.domain.queues import Queue
from bot.domain.retry import Place

SIZES: Mapping[Queue, int] = {
    Queue.PEOPLE: 12,
    Queue.ANSWERS: 4,
    Queue.CALENDAR: 4,
    Queue.BACKGROUND: 3,
    Queue.HISTORY: 1,
}
"""Threads; they are started as they are needed."""
MAX_WAITING = 100
"""Rows that wait in memory for one channel; the others wait in the database."""


class Crew:
    """Threads that perform the rows of one queue, so many at once."""

    def __init__(self, queue: Queue, size: int) -> None:
        self._size = size
        self._idle = threading.Semaphore(size)
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=queue.value)

    def take_idle(self, most: int | None = None) -> int:
        """Take up to ``most`` of those who are idle, or all of them; how many that are."""
        taken = 0
        while taken < (self._size if most is None else most) and self._idle.acquire(blocking=False):
            taken += 1
        return taken

    def give_back(self, number: int = 1) -> None:
        """So many who were taken are idle again."""
        if number:
            self._idle.release(number)

    def submit(self, perform: Callable[[Claimed], None], row: Claimed) -> None:
        """Have one who was taken perform the row."""
        self._pool.submit(perform, row)

    def stop(self) -> None:
        """Wait until nobody performs anything; nobody will."""
        self._pool.shutdown(wait=True)


class Turns:
    """Rows whose next call must wait for its turn, in one line for each method and channel.

    Only the first in a line is ever performed again, and only when its turn has come. Not thread-safe but for
    single calls: the dispatcher hands out turns, and performers join.
    """

    def __init__(self, pause: Callable[[Place], float]) -> None:
        """``pause`` is how many seconds it takes until the place's next turn."""
        self._pause = pause
        self._lines: dict[Place, deque[Claimed]] = {}
        self._at_it: dict[int, Place] = {}
        """Rows that have their turn now: the next in line waits for what comes of it."""
        self._lock = threading.Lock()

    def join(self, row: Claimed, place: Place) -> int | None:
        """Let the row wait in line; where too many do, nothing happens and their number is returned."""
        with self._lock:
            line = self._lines.setdefault(place, deque())
            had_turn = self._at_it.pop(row.id, None) == place
            if len(line) >= MAX_WAITING and not had_turn:
                return len(line)
            # Somebody who wasn't in line took the turn: the next one is this row's.
            line.appendleft(row) if had_turn else line.append(row)
            return None

    def leave(self, row: Claimed) -> None:
        """The row has been performed."""
        with self._lock:
            self._at_it.pop(row.id, None)

    def come(self) -> list[Claimed]:
        """The rows whose turn has come; each then joins again, leaves, or is put back."""
        with self._lock:
            busy = set(self._at_it.values())
            ready = [place for place in self._lines if place not in busy and self._pause(place) <= 0]
            rows = [self._lines[place].popleft() for place in ready]
            self._at_it.update({row.id: place for row, place in zip(rows, ready, strict=True)})
            self._lines = {place: line for place, line in self._lines.items() if line}
            return rows

    def put_back(self, row: Claimed) -> None:
        """Nobody was free to perform the row: it is first in its line again."""
        with self._lock:
            place = self._at_it.pop(row.id)
            self._lines.setdefault(place, deque()).appendleft(row)

    def seconds(self) -> float | None:
        """How long it takes until the next turn of any line that isn't busy; ``None`` where nobody waits."""
        with self._lock:
            busy = set(self._at_it.values())
            pauses = [self._pause(place) for place in self._lines if place not in busy]
            return max(0.0, min(pauses)) if pauses else None

    def clear(self) -> list[Claimed]:
        """Everybody who waits, who doesn't from now on."""
        with self._lock:
            rows = [row for line in self._lines.values() for row in line]
            self._lines = {}
            return rows

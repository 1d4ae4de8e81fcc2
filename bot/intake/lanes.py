"""A queue per channel: in order within each channel, in parallel across channels."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lanes(Generic[T]):
    """Hands out waiting items, but none from a channel until the last ones from it are done."""

    def __init__(self, is_alone: Callable[[T], bool]) -> None:
        """``is_alone`` picks items to hand out one at a time; others go out several per channel."""
        self._is_alone = is_alone
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[T]] = {}
        self._ready: deque[str] = deque()
        self._count = 0

    @property
    def count(self) -> int:
        """The number of waiting items."""
        return self._count

    def put(self, channel: str, item: T) -> None:
        """Queue the item behind everything else in its channel."""
        with self._lock:
            lane = self._waiting.get(channel)
            if lane is None:
                lane = self._waiting[channel] = deque()
                self._ready.append(channel)
            lane.append(item)
            self._count += 1

    def take(self, limit: int) -> list[tuple[str, list[T]]]:
        """Up to ``limit`` items whose turn it is, in order, by channel; then call :meth:`done` for each."""
        taken: list[tuple[str, list[T]]] = []
        with self._lock:
            while self._ready and limit > 0:
                channel = self._ready.popleft()
                lane = self._waiting[channel]
                if not lane:
                    del self._waiting[channel]
                    continue
                items = self._next_of(lane, limit)
                limit -= len(items)
                self._count -= len(items)
                taken.append((channel, items))
        return taken

    def done(self, channel: str, again: Iterable[T] = ()) -> None:
        """Finish the items handed out from the channel; those in ``again`` go back to the front."""
        items = list(again)
        with self._lock:
            lane = self._waiting[channel]
            lane.extendleft(reversed(items))
            self._count += len(items)
            if lane:
                self._ready.append(channel)
            else:
                del self._waiting[channel]

    def take_out(self, unwanted: Callable[[T], bool]) -> list[T]:
        """Remove and return the unwanted waiting items; :meth:`done` isn't called for them."""
        taken: list[T] = []
        with self._lock:
            for channel, lane in self._waiting.items():
                kept: deque[T] = deque()
                for item in lane:
                    (taken if unwanted(item) else kept).append(item)
                self._waiting[channel] = kept
            self._count -= len(taken)
        return taken

    def _next_of(self, lane: deque[T], limit: int) -> list[T]:
        items = [lane.popleft()]
        if self._is_alone(items[0]):
            return items
        while lane and len(items) < limit and not self._is_alone(lane[0]):
            items.append(lane.popleft())
        return items

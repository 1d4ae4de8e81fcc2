"""Decides which requests go first when threads are short: events go last, and never take all threads."""

from __future__ import annotations

from collections import deque
from typing import Any, cast

from waitress.task import Task, ThreadedTaskDispatcher

EVENTS = "application/json"
"""Everything but an event is a form: https://docs.slack.dev/interactivity/handling-user-interaction"""
FOR_OTHERS = 4
"""Threads that events never take: people get their answers while messages wait for the database."""


class PeopleFirst(ThreadedTaskDispatcher):
    """waitress's threads, with a queue that puts people's requests first."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.queue: Any = _Queue(max(1, threads - FOR_OTHERS))
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """Queue this connection's next request for a thread."""
        headers = task.requests[0].headers
        is_event = str(headers.get("CONTENT_TYPE", "")).startswith(EVENTS)
        # The stubs don't say that it is a connection.
        super().add_task(cast("Task", _Event(task, self)) if is_event else task)

    def event_ended(self) -> None:
        """Free an event's thread for another request."""
        with self.lock:
            self.queue.running -= 1
            self.queue_cv.notify()

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """Start nothing more, wait for what is running, and cancel the rest."""
        with self.lock:
            self.queue.limit += len(self.queue.events)
        return bool(super().shutdown(cancel_pending, timeout))


class _Event:
    """An event's request, which is counted while it runs."""

    def __init__(self, task: Any, threads: PeopleFirst) -> None:
        self._task, self._threads = task, threads

    def service(self) -> None:
        """Answer the request."""
        try:
            self._task.service()
        finally:
            self._threads.event_ended()

    def cancel(self) -> None:
        """Drop the request without an answer."""
        self._task.cancel()


class _Queue:
    """Waiting requests; its length is how many may be taken now. The dispatcher's lock guards every call."""

    def __init__(self, limit: int) -> None:
        self.limit, self.running = limit, 0
        self.events: deque[Any] = deque()
        self._others: deque[Any] = deque()

    def __len__(self) -> int:
        return len(self._others) + max(0, min(len(self.events), self.limit - self.running))

    def append(self, task: Any) -> None:
        """Add the request behind the others of its kind."""
        (self.events if isinstance(task, _Event) else self._others).append(task)

    def popleft(self) -> Any:
        """Remove and return the next request."""
        if self._others:
            return self._others.popleft()
        self.running += 1
        return self.events.popleft()

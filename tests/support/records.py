"""What bots in this process log, as records.

`structlog.testing.capture_logs` does the same by replacing the processors, so a thread that logs at that
moment gets a `TypeError` (its documentation says that it isn't thread-safe).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.testing import LogCapture
from structlog.typing import EventDict, WrappedLogger

_captures: list[LogCapture] = []


def install() -> None:
    """Put a recorder in front of the processors, once, before anything is logged."""
    structlog.configure(processors=[_capture, *structlog.get_config()["processors"]])


@contextmanager
def recorded() -> Iterator[list[EventDict]]:
    """The records that are logged in the `with` block, instead of being printed."""
    capture = LogCapture()
    _captures.append(capture)
    try:
        yield capture.entries
    finally:
        _captures.remove(capture)


def _capture(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for capture in _captures[-1:]:
        capture(logger, method, event)
    return event

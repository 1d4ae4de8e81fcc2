"""What bots in this process log, as records.

`structlog.testing.capture_logs` does the same by exchanging the processors, and a thread that logs at that
moment gets a `TypeError` (its documentation says that it is not thread-safe).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.testing import LogCapture
from structlog.typing import EventDict, WrappedLogger

_captures: list[LogCapture] = []


def install() -> None:
    """Once, before anything is logged: stand in front of the processors and leave them alone."""
    structlog.configure(processors=[_capture, *structlog.get_config()["processors"]])


@contextmanager
def recorded() -> Iterator[list[EventDict]]:
    """The records that are logged meanwhile, instead of being printed."""
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

"""Structured logs, a line of JSON each, that never hold a secret or what a user wrote."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|https?://[^\s\"']*?/(?:response|commands|actions)/[^\s\"']+|wss?://[^\s\"']+"
)
_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure(level: str) -> None:
    """Send everything, ours and the libraries', to standard error from ``level`` on."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(_SHARED),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The libraries are chatty at INFO and below, and would write out frames and bodies at DEBUG.
    for name in ("slack_sdk", "apscheduler", "alembic", "sqlalchemy", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It calls the ordinary end of a session an error.
    logging.getLogger("websocket").setLevel(logging.CRITICAL)
    # It quotes the bodies of answers; what fails is logged by whoever called.
    logging.getLogger("slack_sdk.web").setLevel(logging.CRITICAL)


def redact(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take tokens, response addresses and tickets out of every value."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRET.sub("[redacted]", value)
    return event

"""Structured logs, one line of JSON each, that never contain a secret or what a user wrote."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

import structlog

# These match rendered JSON, so none may match past the end of a string or into the next escape.
_SECRETS = (
    r"xox[a-z.]+-[\w-]+",
    r"xapp-[\w-]+",
    r"https?://[^\s\"'\\]*?/(?:response|commands|actions|services)/[^\s\"'\\]+",
    r"wss?://[^\s\"'\\]+",
    r"ticket=[^\s\"'\\&]+",
    r"v0=[0-9a-f]{64}",
    # A database's user and password.
    r"(?<=://)[^\s/@\"'\\:]*:[^\s/@\"'\\]+(?=@)",
    # The same, as libpq's options: https://www.postgresql.org/docs/current/libpq-connect.html
    r"(?<=password=)[^\s&\"'\\]+",
)
_CHATTY = (
    "alembic",
    "apscheduler",
    "google",
    "googleapiclient",
    "slack_sdk",
    "sqlalchemy",
    "urllib3",
    "waitress",
)
_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure(level: str, secrets: Iterable[str] = ()) -> None:
    """Write all logs from ``level`` up, the bot's and the libraries', to standard error.

    ``secrets`` are those that no pattern can recognize.
    """
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
                structlog.processors.JSONRenderer(),
                # Last, so that it also sees nested values and the texts of exceptions.
                Redaction(secrets),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The libraries are noisy at INFO and below, and would log frames and bodies at DEBUG.
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs the normal end of a session as an error.
    logging.getLogger("websocket").setLevel(logging.CRITICAL)
    # They quote response bodies; the callers log whatever fails.
    for name in ("slack_sdk.web", "slack_sdk.webhook", "googleapiclient.http"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class Redaction:
    """Removes tokens, signatures, passwords, response URLs and tickets from a finished line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secret = re.compile("|".join([*(re.escape(each) for each in secrets if each), *_SECRETS]))

    def __call__(self, _logger: object, _name: str, line: Any) -> str:
        """The line with each secret replaced; it is still valid JSON."""
        return self._secret.sub("[redacted]", line)

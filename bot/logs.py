"""Structured logs, a line of JSON each, that never hold a secret or what a user wrote."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

import structlog

# In rendered JSON: nothing here reaches over the end of a string or into the next escape.
_SECRETS = (
    r"xox[a-z.]+-[\w-]+",
    r"xapp-[\w-]+",
    r"https?://[^\s\"'\\]*?/(?:response|commands|actions|services)/[^\s\"'\\]+",
    r"wss?://[^\s\"'\\]+",
    r"ticket=[^\s\"'\\&]+",
    r"v0=[0-9a-f]{64}",
    # A database's password.
    r"(?<=://)[^\s/@\"'\\]+:[^\s/@\"'\\]+(?=@)",
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
    """Send everything, ours and the libraries', to standard error from ``level`` on.

    ``secrets`` are such as have no form by which they could be recognized.
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
                # Last, so that it sees what is nested, and the texts of exceptions, too.
                Redaction(secrets),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The libraries are chatty at INFO and below, and would write out frames and bodies at DEBUG.
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It calls the ordinary end of a session an error.
    logging.getLogger("websocket").setLevel(logging.CRITICAL)
    # They quote the bodies of answers; what fails is logged by whoever called.
    for name in ("slack_sdk.web", "googleapiclient.http"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class Redaction:
    """Takes tokens, signatures, response addresses and tickets out of a finished line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secret = re.compile("|".join([*(re.escape(each) for each in secrets if each), *_SECRETS]))

    def __call__(self, _logger: object, _name: str, line: Any) -> str:
        """The line without them; JSON as before."""
        return self._secret.sub("[redacted]", line)

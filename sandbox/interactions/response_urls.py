"""Response URLs: where an app can still answer what somebody did.

Source: https://docs.slack.dev/interactivity/handling-user-interaction, "Message responses".
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.rules import SlackError

LIFETIME = 30 * 60.0
"""Seconds."""

USES = 5

_KEPT = 10_000


@dataclass(slots=True)
class Origin:
    """The act that a response URL answers: who did it, where, and on which message, if any."""

    channel: str
    user: str
    message_ts: str | None = None
    thread_ts: str | None = None


@dataclass(slots=True)
class _Issued:
    origin: Origin
    issued: float
    left: int = USES


class ResponseUrls:
    """Issues response URL ids and counts their uses."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, _Issued] = {}

    def issue(self, origin: Origin) -> str:
        """A new id, the last part of the URL."""
        while len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        url_id = secrets.token_urlsafe(18)
        self._known[url_id] = _Issued(origin, self._clock())
        return url_id

    def use(self, url_id: str) -> Origin:
        """Count one use and return what the URL answers.

        Raises :class:`SlackError` ``invalid_url`` (never issued), ``expired_url`` (over 30 minutes old) or
        ``used_url`` (used five times).
        """
        known = self._known.get(url_id)
        if known is None:
            raise SlackError("invalid_url")
        if self._clock() - known.issued > LIFETIME:
            raise SlackError("expired_url")
        if known.left == 0:
            raise SlackError("used_url")
        known.left -= 1
        return known.origin

"""Whether and when to retry an effect: a pure decision from the failure, the attempt and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

ATTEMPT_LIMIT = 23
"""With the delays below, a row gives up after about an hour and a quarter."""
DEFECT_LIMIT = 3
"""Attempts after which a bug in the bot is reported."""
MAX_DELAY = timedelta(minutes=5)
"""The longest delay between two attempts; it starts with a second and doubles."""
BLOCKED_DELAY = timedelta(minutes=1)
"""The shortest delay if somebody has to change something first."""


Place = tuple[str, str | None]
"""A method and the channel it is called for: Slack limits the rate per method, and posts per channel.

https://docs.slack.dev/apis/web-api/rate-limits
"""


class FailureKind(Enum):
    """What a failure says about whether a retry can help."""

    NOT_YET = "not yet"
    """Not attempted, or refused with a time to come back: a 429, or our own pacing."""
    PASSING = "passing"
    """May go away by itself: 5xx, ``fatal_error``, timeouts, connection resets."""
    BLOCKED = "blocked"
    """Nothing was sent, and somebody has to act first: an unknown certificate, a proxy's password."""
    FINAL = "final"
    """Would fail again the same way: ``is_archived``, ``missing_scope``, ``unknown_method`` …"""
    DEFECT = "defect"
    """A bug in the bot: retried a few times in case it depends on a passing state, then shown."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed."""

    kind: FailureKind
    code: str
    """A short code for logs and ``/incident doctor``; never contains a token or what a user wrote."""
    retry_at: datetime | None = None
    concerns: str = ""
    """The people it is about, for the report to those concerned; logs leave it out."""
    may_be_applied: bool = False
    """Whether the call may have been applied anyway, so that the next attempt has to look first."""
    waits_for: Place | None = None
    """The method and channel whose turn it is waiting for, if only our own pacing delays it."""

    @property
    def told(self) -> str:
        """The text that the row keeps for the report to those concerned."""
        return f"{self.code}: {self.concerns}" if self.concerns else self.code


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Retry at this time (UTC)."""

    time: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop retrying, and report it to the people concerned."""


def decide(failure: Failure, attempt: int, now: datetime) -> RetryAt | GiveUp:
    """Whether to retry after attempt number ``attempt`` (from 1) failed, and when.

    A refusal with a time to come back (``NOT_YET``) is always retried then, however often.
    """
    if failure.kind is FailureKind.NOT_YET:
        return RetryAt(failure.retry_at or now + timedelta(seconds=1))
    if failure.kind is FailureKind.FINAL or attempt >= _limit(failure):
        return GiveUp()
    delay = min(timedelta(seconds=2 ** (attempt - 1)), MAX_DELAY)
    return RetryAt(now + (max(delay, BLOCKED_DELAY) if failure.kind is FailureKind.BLOCKED else delay))


def _limit(failure: Failure) -> int:
    return DEFECT_LIMIT if failure.kind is FailureKind.DEFECT else ATTEMPT_LIMIT

"""When to try an effect again: a pure decision from the failure, the attempt and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

ATTEMPT_LIMIT = 23
"""With the delays below a row gives up after about an hour and a quarter of trying."""
DEFECT_LIMIT = 3
MAX_DELAY = timedelta(minutes=5)


Place = tuple[str, str | None]
"""A method and the channel it is called for: Slack limits the rate of calls by both."""


class FailureKind(Enum):
    """What a failed attempt says about trying again."""

    NOT_YET = "not yet"
    """Not tried at all, or refused with a time to come back: 429 and our own pace."""
    PASSING = "passing"
    """May pass by itself: 5xx, ``fatal_error``, timeouts, resets."""
    FINAL = "final"
    """Will be the same next time: ``is_archived``, ``missing_scope``, ``unknown_method`` …"""
    DEFECT = "defect"
    """A mistake of ours: tried a few times in case the state was odd, then shown."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not succeed."""

    kind: FailureKind
    code: str
    """A short word for logs and for the doctor; never holds a token or a text of a user."""
    retry_at: datetime | None = None
    concerns: str = ""
    """Whom it is about, for the people who are told; logs do without."""
    may_be_applied: bool = False
    """Whether the other side may have done it all the same: then the next attempt looks first."""
    waits_for: Place | None = None
    """Whose turn it is waiting for, if only our own pacing holds it up."""

    @property
    def told(self) -> str:
        """What is kept with the row for the people who are told."""
        return f"{self.code}: {self.concerns}" if self.concerns else self.code


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again at this time (UTC)."""

    time: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Don't try again by yourself; show it to the people concerned."""


def decide(failure: Failure, attempt: int, now: datetime) -> RetryAt | GiveUp:
    """What to do after the ``attempt``-th (from 1) failed.

    A refusal with a time to come back is kept to and never given up on.
    """
    if failure.kind is FailureKind.NOT_YET:
        return RetryAt(failure.retry_at or now + timedelta(seconds=1))
    if failure.kind is FailureKind.FINAL or attempt >= _limit(failure):
        return GiveUp()
    return RetryAt(now + min(timedelta(seconds=2 ** min(attempt - 1, 16)), MAX_DELAY))


def _limit(failure: Failure) -> int:
    return DEFECT_LIMIT if failure.kind is FailureKind.DEFECT else ATTEMPT_LIMIT

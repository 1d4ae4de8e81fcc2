"""What Google's refusals and failures say about retrying.

https://developers.google.com/workspace/calendar/api/guides/errors
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from google.auth.exceptions import GoogleAuthError, TransportError
from googleapiclient.errors import HttpError

from bot.domain.outbox.retry import Failure, FailureKind

_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded", "calendarUsageLimitsExceeded"})
_RATE_PAUSE, _QUOTA_PAUSE = timedelta(seconds=10), timedelta(minutes=15)
"""How long to wait after too many calls, if Google doesn't say, and once a quota is used up."""


def from_google(error: HttpError, now: datetime) -> Failure:
    """What Google's answer says about retrying."""
    status, reason = int(error.resp.status), _reason(error)
    code = f"google_{reason or f'http_{status}'}"
    if status == 429 or reason in _RATE:
        return Failure(FailureKind.NOT_YET, code, retry_at=now + _retry_after(error))
    if reason in _QUOTA:
        return Failure(FailureKind.NOT_YET, code, retry_at=now + _QUOTA_PAUSE)
    if status >= 500 or reason == "conditionNotMet":
        return Failure(FailureKind.PASSING, code, may_be_applied=True)
    return Failure(FailureKind.FINAL, code)


def from_auth(error: GoogleAuthError) -> Failure:
    """What a refused or failed login says about retrying."""
    if getattr(error, "retryable", False) or isinstance(error, TransportError):
        return Failure(FailureKind.PASSING, "google_token_unreachable")
    told = str(error.args[0]) if error.args else ""
    code = "google_token_revoked" if "invalid_grant" in told else "google_token_refused"
    return Failure(FailureKind.FINAL, code)


def _reason(error: HttpError) -> str | None:
    """Google's one-word reason, if any; its messages aren't used, since they may quote what people wrote."""
    try:
        errors = json.loads(error.content)["error"]["errors"]
        reason = str(errors[0]["reason"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return reason if reason.isalnum() and len(reason) <= 60 else None


def _retry_after(error: HttpError) -> timedelta:
    value = str(error.resp.get("retry-after", ""))
    return timedelta(seconds=max(1, int(value))) if value.isdecimal() else _RATE_PAUSE

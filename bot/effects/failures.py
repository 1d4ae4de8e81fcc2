"""Failures of calls to the outside, sorted by whether and when to retry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from urllib.error import URLError

import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError

from bot.domain.kit.errors import NotSaved
from bot.domain.outbox.refusals import Cause, Meaning, cause_of, codes_of, meaning_of
from bot.domain.outbox.retry import Failure, FailureKind
from bot.network import in_words, obstacle

log = structlog.get_logger(__name__)

REFUSALS = codes_of(Cause.TOKEN)
"""Codes with which Slack refuses the token itself: every other call would fail, too."""


class CallFailed(Exception):
    """A call to the outside has failed."""

    def __init__(self, failure: Failure, method: str = "") -> None:
        """``method`` is the method of Slack's that was called, if one was."""
        super().__init__(failure.code)
        self.failure, self._method = failure, method

    @property
    def code(self) -> str:
        """Slack's error code, or a short code of our own."""
        return self.failure.code

    @property
    def meaning(self) -> Meaning | None:
        """What a final refusal means for what the bot was doing; ``None`` if a retry may help."""
        is_final = self.failure.kind is FailureKind.FINAL
        return meaning_of(self._method, self.code) if is_final else None


class Moot(Exception):
    """What the effect was about is gone, so there is nothing left to do; the row counts as done."""


def not_yet(code: str, at: datetime) -> CallFailed:
    """A failure for something that wasn't tried, because it is too early: retry it at ``at``."""
    return CallFailed(Failure(FailureKind.NOT_YET, code, retry_at=at))


def final(code: str, concerns: str = "") -> CallFailed:
    """A failure that no retry would fix; ``concerns`` says whom it is about."""
    return CallFailed(Failure(FailureKind.FINAL, code, concerns=concerns))


@contextmanager
def accepting(*meanings: Meaning) -> Iterator[None]:
    """Continue after a refusal that means one of these; raises any other failure."""
    try:
        yield
    except CallFailed as error:
        if error.meaning not in meanings:
            raise
        log.info("continuing without", code=error.code)


@contextmanager
def suppress_final() -> Iterator[None]:
    """Continue after a final failure; a failure that a retry may fix is still raised."""
    try:
        yield
    except CallFailed as error:
        if error.failure.kind is not FailureKind.FINAL:
            raise
        log.info("continuing without", code=error.code)


def from_slack(error: SlackApiError, now: datetime) -> Failure:
    """The failure in an answer that isn't ``ok`` (https://docs.slack.dev/apis/web-api/#evaluating-responses)."""
    response = error.response
    status = getattr(response, "status_code", 200)
    code = _code(response)
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return Failure(FailureKind.NOT_YET, "ratelimited", retry_at=now + _retry_after(response))
    if code is None and status == 407:
        return Failure(FailureKind.BLOCKED, "proxy_407")
    if code is None and 400 <= status < 500:
        # Slack would answer 200 with an error code; this is another server, which lacks the method.
        return Failure(FailureKind.FINAL, f"http_{status}")
    if status >= 500 or cause_of(code or "") is Cause.PASSING or code is None:
        return Failure(FailureKind.PASSING, code or f"http_{status}", may_be_applied=True)
    return Failure(FailureKind.FINAL, code)


def from_call(error: Exception, now: datetime) -> Failure:
    """The failure of a call to Slack that has raised this."""
    return from_slack(error, now) if isinstance(error, SlackApiError) else from_exception(error)


def code_of(error: Exception) -> str:
    """The code of that failure, for the log."""
    return from_call(error, datetime.min.replace(tzinfo=UTC)).code


def is_refused(failure: Failure) -> bool:
    """Whether Slack itself has refused the call, and will again."""
    return failure.kind is FailureKind.FINAL and not failure.code.startswith(_NOT_SLACKS)


def is_busy(failure: Failure) -> bool:
    """Whether Slack itself has answered that it can't do it now."""
    return cause_of(failure.code) is Cause.PASSING


def obstacle_in_words(failure: Failure) -> str:
    """Why Slack can't be reached."""
    if failure.code.startswith(_NOT_SLACKS):
        return f"the answer can't be understood: {failure.code}"
    return in_words(failure.code) or failure.code


_NOT_SLACKS = "http_"
"""How the code begins if the answer isn't Slack's: it is a proxy's, or that of a hotel's login page."""


def from_exception(error: Exception, peer: str = "slack") -> Failure:
    """Any other exception as a failure: a call that lost its connection may have worked; the rest is our bug.

    ``peer`` is who was called.
    """
    if isinstance(error, CallFailed):
        return error.failure
    found = obstacle(error)
    if found:
        is_passing = found.startswith("proxy_5")
        code = f"{peer}_{found}" if found == "certificate" else found
        return Failure(FailureKind.PASSING if is_passing else FailureKind.BLOCKED, code)
    if isinstance(error, NotSaved | DBAPIError):
        return Failure(FailureKind.PASSING, "database_busy", may_be_applied=True)
    refused = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
    if refused:
        return Failure(FailureKind.PASSING, "connection_refused")
    if isinstance(error, URLError | OSError | HTTPException | TimeoutError):
        return Failure(FailureKind.PASSING, type(error).__name__, may_be_applied=True)
    return Failure(FailureKind.DEFECT, type(error).__name__, may_be_applied=True)


def _code(response: object) -> str | None:
    """The error code in the answer; ``None`` if the answer isn't Slack's JSON.

    In that case the SDK's ``error`` is a sentence that quotes the whole body.
    """
    data = getattr(response, "data", response)
    found = str(data.get("error") or "") if isinstance(data, dict) else ""
    return found if re.fullmatch(r"[a-z0-9_:]{1,80}", found) else None


def _retry_after(response: object) -> timedelta:
    headers = {name.lower(): value for name, value in getattr(response, "headers", {}).items()}
    value = str(headers.get("retry-after", "1"))
    return timedelta(seconds=max(1, int(value)) if value.isdecimal() else 1)

"""Whether a request is Slack's own, and new."""

from __future__ import annotations

import re
import threading

from cachetools import TLRUCache
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.operations.kit.transaction import Clock

VALID_SECONDS = 300
"""https://docs.slack.dev/authentication/verifying-requests-from-slack/: older than five minutes is no longer
Slack's; the SDK's verifier holds to the same."""
REMEMBERED = 20_000
"""Signatures; what Slack sends an app in five minutes stays far below."""
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class _Seconds(SignatureClock):
    """Our clock, as the SDK's verifier reads it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock().timestamp()


class Signatures:
    """Checks signatures, and remembers those of acknowledged requests for as long as they are valid."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._seconds = _Seconds(clock)
        self._verifier = SignatureVerifier(secret, self._seconds)
        self._acknowledged: TLRUCache[str, int] = TLRUCache(
            REMEMBERED, ttu=_valid_until, timer=self._seconds.now
        )
        self._lock = threading.Lock()

    def problem(self, body: bytes, timestamp: str, signature: str) -> str | None:
        """Why the request is refused, in a word, or ``None``; never raises, whatever the headers hold."""
        # The SDK's verifier raises for what isn't a number or isn't ASCII.
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return "malformed"
        try:
            is_valid = self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return "malformed"
        if not is_valid:
            return "invalid"
        with self._lock:
            return "replayed" if signature in self._acknowledged else None

    def acknowledged(self, timestamp: str, signature: str) -> None:
        """The request has its answer: whoever sends the same again isn't Slack."""
        with self._lock:
            self._acknowledged[signature] = int(timestamp)


def _valid_until(_signature: str, timestamp: int, _now: float) -> float:
    """When it is forgotten: Slack's timestamp may be ahead of our clock, and the last second counts."""
    return timestamp + VALID_SECONDS + 1

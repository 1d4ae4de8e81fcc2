"""Whether a request comes from Slack, and isn't a replay."""

from __future__ import annotations

import re
import threading

from cachetools import TLRUCache
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.operations.kit.transaction import Clock

VALID_SECONDS = 300
"""https://docs.slack.dev/authentication/verifying-requests-from-slack/: requests older than five minutes are
refused; the SDK's verifier has the same limit."""
REMEMBERED = 20_000
"""Signatures; Slack sends an app far fewer requests in five minutes."""
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
    """Checks signatures, and remembers those of acknowledged requests as long as they are valid."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._seconds = _Seconds(clock)
        self._verifier = SignatureVerifier(secret, self._seconds)
        self._acknowledged: TLRUCache[str, int] = TLRUCache(
            REMEMBERED, ttu=_valid_until, timer=self._seconds.now
        )
        self._lock = threading.Lock()

    def problem(self, body: bytes, timestamp: str, signature: str) -> str | None:
        """One word for why the request is refused, or ``None``; never raises, whatever is in the headers."""
        # The SDK's verifier raises if the timestamp isn't a number or the signature isn't ASCII.
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
        """Remember a request that has its answer: if it comes again, it is a replay."""
        with self._lock:
            self._acknowledged[signature] = int(timestamp)


def _valid_until(_signature: str, timestamp: int, _now: float) -> float:
    """When to forget a signature: Slack's timestamp may be ahead of our clock, and the last second counts."""
    return timestamp + VALID_SECONDS + 1

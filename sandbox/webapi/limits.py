"""Slack's limit on posting: about one message per second per channel, with short bursts allowed.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import time

BURST = 5
PER_SECOND = 1.0


class PostLimit:
    """Allows bursts of five messages per channel, and one message per second in the long run."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, channel: str) -> bool:
        """Count one more message to the channel if it may be posted now; returns whether it may."""
        now = time.monotonic()
        left, since = self._left.get(channel, (float(BURST), now))
        left = min(BURST, left + (now - since) * PER_SECOND)
        allowed = left >= 1
        self._left[channel] = (left - 1 if allowed else left, now)
        return allowed

"""Notes when each kind of request was last received, so that the doctor can say what doesn't arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic

from bot.domain.kit.json import Json
from bot.domain.surface.checkup import BEATING
from bot.operations.kit.transaction import Clock

INTERVAL = 60.0
"""Seconds between two notes in the database, at least."""
_CHANNEL_TYPES: Mapping[str, str] = {"channel": "channels", "group": "groups"}
"""``channel_type`` of a message -> what the subscription is called.

https://docs.slack.dev/reference/events/message
"""


class Sightings:
    """Keeps the latest time of each kind in memory, and stores it about once a minute."""

    def __init__(self, clock: Clock, store: Callable[[Mapping[str, datetime]], None]) -> None:
        self._clock, self._store = clock, store
        self._seen: dict[str, datetime] = {}
        self._next_at = monotonic()

    def saw(self, body: Json) -> None:
        """Note that a request has arrived."""
        self._seen[_kind(body)] = self._clock()

    def alive(self) -> None:
        """Note that Slack can reach this bot."""
        self._seen[BEATING] = self._clock()

    def note(self) -> None:
        """Store what is new if it's time to; if that raises ``NotSaved``, the next call stores it."""
        if not self._seen or monotonic() < self._next_at:
            return
        seen = dict(self._seen)
        self._store(seen)
        self._next_at = monotonic() + INTERVAL
        for name, at in seen.items():
            if self._seen[name] == at:
                del self._seen[name]


def _kind(body: Json) -> str:
    """The name of the subscription that brought an event; or the type of an interaction or a command."""
    event = body.get("event")
    if not isinstance(event, dict):
        return "command" if "command" in body else str(body.get("type") or "unknown")[:40]
    kind, channel = str(event.get("type"))[:40], _CHANNEL_TYPES.get(str(event.get("channel_type")))
    return f"{kind}.{channel}" if kind == "message" and channel else kind

"""Trigger ids: the short-lived right to open a form for the person who just did something.

Source: https://docs.slack.dev/interactivity/handling-user-interaction, "Using trigger_id"; errors as in
views.open.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.rules import SlackError

LIFETIME = 3.0
"""Seconds."""

_KEPT = 1000


@dataclass(slots=True)
class _Trigger:
    user: str
    issued: float
    used: bool = False


class Triggers:
    """Issues trigger ids, each of which can be exchanged once, within three seconds of ``clock``."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, _Trigger] = {}

    def issue(self, user: str) -> str:
        """A new id in Slack's format for something that ``user`` (an id) did just now."""
        while len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        now = self._clock()
        trigger_id = f"{int(now * 1000)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._known[trigger_id] = _Trigger(user, now)
        return trigger_id

    def use(self, trigger_id: object) -> str:
        """Exchange an id for its person's id.

        Raises :class:`SlackError` ``invalid_trigger_id`` (never issued), ``exchanged_trigger_id`` (already
        used) or ``expired_trigger_id`` (older than three seconds).
        """
        trigger = self._known.get(trigger_id) if isinstance(trigger_id, str) else None
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.issued > LIFETIME:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

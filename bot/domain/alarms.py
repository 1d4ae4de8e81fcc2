"""Whatever falls due by itself, without anybody's request."""

from __future__ import annotations

from enum import Enum, auto


class AlarmKind(Enum):
    """A kind of thing that falls due.

    Each has its time in a column that :mod:`storage.alarms` names, and a handler in :mod:`bot.bootstrap`.
    """

    ITEM_REMINDER = auto()
    DIGEST = auto()
    POSTMORTEM_REMINDER = auto()
    NUDGE = auto()
    UPDATE_NUDGE = auto()
    CALENDAR_POLL = auto()
    MISSING_COMMANDER = auto()


AT_ONCE = 25
"""How many of a kind are handled in a transaction."""

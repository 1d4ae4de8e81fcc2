"""What a calendar shows, in no calendar's own form; and all that making it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import Person


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """The event of an incident."""

    incident: Incident
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class DueDateEvent:
    """The event of an action item's due date; without a date, or when it is done, there is none."""

    item: ActionItem
    incident: Incident
    owner: Person | None
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody whom an event invites."""

    email: str
    name: str
    is_optional: bool | None = None
    """``None`` for an event that doesn't ask."""
    has_accepted: bool = False
    """Whether they have already said yes, in Slack."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event as it should be; each calendar turns it into its own form."""

    id: str
    """Ours, see :func:`bot.domain.calendar.planned.event_id`."""
    title: str
    text: str
    """Plain, not HTML; empty for a private incident."""
    starts: datetime
    ends: datetime
    """Whole seconds; UTC."""
    is_busy: bool
    """Whether it takes people's time."""
    changed_at: datetime
    revision: int = 0
    """Rises with every change of a meeting."""
    is_whole_day: bool = False
    """Whether only the days count, from the first until before the last."""
    guests: tuple[Guest, ...] | None = None
    """``None`` for an event that never has any."""
    title_alone: str | None = None
    """The title if guests can't be invited, where that differs."""
    has_call: bool = False
    """Whether people meet in a video call, which the calendar sets up."""
    is_private: bool | None = None
    """Whether only its guests may read it; ``None`` leaves it as people have set it in the calendar."""
    is_open: bool | None = None
    """Whether guests may invite others; ``None`` as above."""

    @property
    def alone(self) -> CalendarEvent:
        """The same without its guests, for an account that may not invite them."""
        return replace(self, title=self.title_alone or self.title, guests=())

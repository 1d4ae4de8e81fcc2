"""The events that a calendar shows, independent of any provider, and the values they are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import Person


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """An incident's event."""

    incident: Incident
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class DueDateEvent:
    """The event of an action item's due date; there is none without a date, or once the item is done."""

    item: ActionItem
    incident: Incident
    owner: Person | None
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class Guest:
    """A person invited to an event."""

    email: str
    name: str
    is_optional: bool | None = None
    """Whether they may stay away; ``None`` for an event that makes no such distinction."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event as it should be; each calendar turns it into its own format."""

    id: str
    """Our own id, see :func:`bot.domain.calendar.planned.event_id`."""
    title: str
    text: str
    """Plain, not HTML; empty for a private incident."""
    starts: datetime
    ends: datetime
    """Whole seconds; UTC."""
    is_busy: bool
    """Whether people count as busy during it."""
    changed_at: datetime
    revision: int = 0
    """Increases with every change of a meeting."""
    is_whole_day: bool = False
    """Whether only its days count: from ``starts`` up to, but not including, ``ends``."""
    guests: tuple[Guest, ...] | None = None
    """``None`` for an event that never has guests."""
    title_alone: str | None = None
    """The title to use if guests can't be invited, when it differs."""
    has_call: bool = False
    """Whether it has a video call, which the calendar sets up."""
    is_private: bool | None = None
    """Whether only its guests may read it; ``None`` keeps what people have set in the calendar."""
    is_open: bool | None = None
    """Whether guests may invite others; ``None`` keeps what people have set in the calendar."""

    @property
    def alone(self) -> CalendarEvent:
        """The same event without guests, for an account that may not invite any."""
        return replace(self, title=self.title_alone or self.title, guests=())

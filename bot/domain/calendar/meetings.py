"""Postmortem meetings: who is invited, how long and when, which slots are offered, and what is booked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.calendar.slots import Interval, Search, Slot
from bot.domain.incidents.model import Incident
from bot.domain.kit.bookings import Booking
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.postmortems.documents import Document

LENGTHS = (30, 45, 60)
"""The lengths a meeting can have, in minutes."""
PROPOSED = 3
"""How many slots are offered at a time."""
WORKING_DAYS = 5
"""How many working days a window has by default."""
MAX_WINDOW = timedelta(days=60)
MAX_PEOPLE = 200
"""Google Calendar allows more guests only as a group: https://support.google.com/calendar/answer/37161"""
NOTICE = timedelta(minutes=15)
"""No slot is offered that starts sooner than this."""


class MeetingStatus(StrEnum):
    """How far along a meeting is."""

    LOOKING = "looking"
    """Looking for slots."""
    OFFERED = "offered"
    """Slots are offered; nobody has chosen one yet."""
    BOOKING = "booking"
    """A slot was chosen, and is being booked."""
    BOOKED = "booked"
    CANCELLED = "cancelled"


LIVE = frozenset(MeetingStatus) - {MeetingStatus.CANCELLED}


class Reply(StrEnum):
    """A person's reply to an invitation. The values are Google's, the first calendar that we supported.

    https://developers.google.com/workspace/calendar/api/v3/reference/events
    """

    NEEDS_ACTION = "needsAction"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"


class News(StrEnum):
    """A change to a meeting that was made in the calendar instead of in Slack."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as stored. Times are UTC; days are in the time zone of the person who asked for it."""

    id: int
    incident_id: int
    status: MeetingStatus
    required: tuple[str, ...]
    optional: tuple[str, ...]
    minutes: int
    window: tuple[date, date]
    """The first and the last day."""
    asked_by: str
    created_at: datetime
    updated_at: datetime
    skip: int = 0
    """How many slots were skipped before the offered ones."""
    offered: tuple[Slot, ...] = ()
    wanted: Slot | None = None
    """The chosen slot, until it is in the calendar."""
    is_picked: bool = False
    """Whether that slot was picked by hand, even if somebody is busy then."""
    was_taken: bool = False
    """Whether the last chosen slot was taken in the meantime."""
    booking: Booking | None = None
    """The booking in the calendar; it stays there while people look for another slot."""
    booked: Slot | None = None
    """The booked slot, which says who can't make it."""
    sequence: int = 0
    """Increases with every change of a booking, as calendar files require (RFC 5545, ``SEQUENCE``)."""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """Person -> their reply."""
    event_id: str | None = None
    """The id of its event, whether or not it is in a calendar yet."""

    @property
    def is_live(self) -> bool:
        """Whether it hasn't been cancelled."""
        return self.status in LIVE

    def is_over(self, now: datetime) -> bool:
        """Whether it has taken place."""
        return self.status is MeetingStatus.BOOKED and self.booking is not None and self.booking.end <= now

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody invited, required people first."""
        return (*self.required, *self.optional)


@dataclass(frozen=True, slots=True)
class Invitee:
    """A person who is invited to a meeting, as the calendar and the texts need them."""

    id: str
    name: str
    email: str | None
    zone: str
    """IANA name."""
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class EventNews:
    """An event as it is in the calendar now, as far as meetings and time blocks need it."""

    event_id: str
    is_cancelled: bool
    updated: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    """The bounds of an all-day event are the midnights, in UTC, around its days."""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """E-mail address (lower case) -> reply."""
    link: str | None = None
    meet: str | None = None

    def is_at(self, start: datetime, end: datetime) -> bool:
        """Whether it isn't cancelled and takes place exactly then."""
        return not self.is_cancelled and (self.start, self.end) == (start, end)


FreeBusy = Mapping[str, tuple[Interval, ...] | None]
"""E-mail address -> when that person is busy; ``None`` if their calendar can't be read."""


@dataclass(frozen=True, slots=True)
class MeetingDefaults:
    """The initial values of the form that arranges a meeting."""

    incident: Incident
    required: tuple[str, ...]
    optional: tuple[str, ...]
    minutes: int
    window: tuple[date, date]
    meeting_id: int | None
    """The meeting to reschedule, or ``None`` for a new one."""
    is_connected: bool
    """Whether a calendar is connected to find times in."""


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """A meeting with everything that is needed to find a slot, book it and show it."""

    meeting: Meeting
    incident: Incident
    invitees: tuple[Invitee, ...]
    calendars: Mapping[str, WorkingCalendar]
    """Person -> their working hours."""
    search: Search
    event_id: str
    channel_link: str | None
    draft: Document | None
    """The postmortem's current draft, if there is one."""
    is_connected: bool
    """Whether a calendar is connected to book it in."""


def clean_people(required: tuple[str, ...], optional: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Required and optional people, each person once; required wins."""
    first = tuple(dict.fromkeys(required))
    return first, tuple(each for each in dict.fromkeys(optional) if each not in first)


def meeting_ref(meeting_id: int) -> str:
    """The meeting's name in keys."""
    return f"meeting-{meeting_id}"

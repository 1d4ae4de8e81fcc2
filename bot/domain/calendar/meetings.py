"""Postmortem meetings: who, how long, between when, what was proposed, and how it stands in the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.calendar.slots import Interval, Search, Slot
from bot.domain.incidents.model import Incident
from bot.domain.kit.bookings import Booking
from bot.domain.kit.working_days import Calendar
from bot.domain.postmortems.documents import Document

LENGTHS = (30, 45, 60)
"""Minutes that a meeting may take."""
PROPOSED = 3
"""How many slots are offered at once."""
WORKING_DAYS = 5
"""How many working days a window has unless somebody says otherwise."""
MAX_WINDOW = timedelta(days=60)
MAX_PEOPLE = 200
"""https://support.google.com/calendar/answer/37161: more guests than that take a group."""
NOTICE = timedelta(minutes=15)
"""Nothing is proposed sooner than that."""


class MeetingStatus(StrEnum):
    """How far a meeting has come."""

    LOOKING = "looking"
    """Times are looked for."""
    OFFERED = "offered"
    """Times stand there to be chosen."""
    BOOKING = "booking"
    """A time was chosen, and is on its way to the calendar."""
    BOOKED = "booked"
    CANCELLED = "cancelled"


LIVE = frozenset(MeetingStatus) - {MeetingStatus.CANCELLED}


class Reply(StrEnum):
    """What somebody answers an invitation with; the words are those of the first calendar that we had.

    https://developers.google.com/workspace/calendar/api/v3/reference/events
    """

    NEEDS_ACTION = "needsAction"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"


class News(StrEnum):
    """What happened to a meeting in the calendar, and not here."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as stored. Times are UTC, days are those of whoever asked for it."""

    id: int
    incident_id: int
    status: MeetingStatus
    required: tuple[str, ...]
    optional: tuple[str, ...]
    minutes: int
    window: tuple[date, date]
    """First and last day."""
    asked_by: str
    created_at: datetime
    updated_at: datetime
    skip: int = 0
    """How many slots were shown before those that are offered."""
    offered: tuple[Slot, ...] = ()
    wanted: Slot | None = None
    """What was chosen and is not in the calendar yet."""
    is_picked: bool = False
    """Whether that was picked by hand, whoever may be busy then."""
    was_taken: bool = False
    """Whether the last choice was taken meanwhile."""
    booking: Booking | None = None
    """What stands in the calendar; also while another time is looked for."""
    booked: Slot | None = None
    """The slot of the booking: who can't make it."""
    sequence: int = 0
    """Rises with every change of a booking, as files for calendars need it."""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """Person -> what they answered."""

    @property
    def is_live(self) -> bool:
        """Whether it hasn't been cancelled."""
        return self.status in LIVE

    def is_over(self, now: datetime) -> bool:
        """Whether it has taken place."""
        return self.status is MeetingStatus.BOOKED and self.booking is not None and self.booking.end <= now

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody, required ones first."""
        return (*self.required, *self.optional)


@dataclass(frozen=True, slots=True)
class Invitee:
    """Somebody of a meeting, as the calendar and texts need them."""

    id: str
    name: str
    email: str | None
    zone: str
    """IANA name."""
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class EventNews:
    """An event of the calendar as it is now, as far as meetings and time blocks need it."""

    event_id: str
    is_cancelled: bool
    updated: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    """Neither for an event of whole days."""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """E-mail address (lower case) -> answer."""
    link: str | None = None
    meet: str | None = None

    def is_at(self, start: datetime, end: datetime) -> bool:
        """Whether it takes place then."""
        return not self.is_cancelled and (self.start, self.end) == (start, end)


FreeBusy = Mapping[str, tuple[Interval, ...] | None]
"""E-mail address -> when its owner is busy; ``None`` where that can't be read."""


@dataclass(frozen=True, slots=True)
class MeetingDefaults:
    """What the form of a meeting starts with."""

    incident: Incident
    required: tuple[str, ...]
    optional: tuple[str, ...]
    minutes: int
    window: tuple[date, date]
    meeting_id: int | None
    """The meeting that there is, of which another time is looked for."""
    is_connected: bool
    """Whether there is a calendar to look into."""


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """A meeting with all that finding, booking and showing it needs."""

    meeting: Meeting
    incident: Incident
    invitees: tuple[Invitee, ...]
    calendars: Mapping[str, Calendar]
    """Person -> their working hours."""
    search: Search
    event_id: str
    channel_link: str | None
    draft: Document | None
    """The postmortem as far as it is written."""
    is_connected: bool
    """Whether there is a calendar to put it into."""


def clean_people(required: tuple[str, ...], optional: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Each person once, required before optional."""
    first = tuple(dict.fromkeys(required))
    return first, tuple(each for each in dict.fromkeys(optional) if each not in first)


def meeting_ref(meeting_id: int) -> str:
    """The name of a meeting in keys."""
    return f"meeting-{meeting_id}"

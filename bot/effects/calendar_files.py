"""Used when no calendar is connected: meetings are sent as files, and nobody's busy times are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.config import Settings
from bot.domain.calendar.events import CalendarEvent
from bot.domain.calendar.meetings import FreeBusy
from bot.domain.kit.bookings import Booking
from bot.effects.calendars import Booked, Calendar, Ours, Page
from bot.effects.failures import final
from bot.operations.kit.transaction import Clock
from bot.views.kit.labels import NOT_CONNECTED


class CalendarFiles:
    """Books meetings without inviting anybody, so that each is sent as a file.

    Events in a calendar that has been disconnected can't be reached: calls about them fail.
    """

    id = None
    makes_calls = False

    def call(self, _event: CalendarEvent, /) -> str:
        """Fail: files have no calls, so a calendar was connected when this was planned."""
        raise final(NOT_CONNECTED)

    def show(self, _event: CalendarEvent, /) -> None:
        """Do nothing: there is no calendar in which the team would see it."""

    def hide(self, _event_id: str, /) -> None:
        """Do nothing, since nothing is shown."""

    def block(self, _address: str | None, _event: CalendarEvent, /) -> None:
        """Fail: nobody can block time without a calendar, so one was connected when they did."""
        raise final(NOT_CONNECTED)

    def unblock(self, _address: str | None, _event_id: str, /) -> None:
        """Fail, like :meth:`block`."""
        raise final(NOT_CONNECTED)

    def find(self, _event_id: str, booking: Booking | None, /) -> None:
        """``None``: we don't know who has added the file to which calendar."""
        _refuse_elsewhere(booking)

    def book(self, event: CalendarEvent, booking: Booking | None, /) -> Booked:
        """A booking that invites nobody."""
        _refuse_elsewhere(booking)
        return Booked(Booking(event.starts, event.ends, is_inviting=False))

    def reinvite(self, _event: CalendarEvent, _booking: Booking, /) -> None:
        """``None``: nobody is invited."""

    def cancel(self, _event_id: str, booking: Booking | None, /) -> None:
        """Do nothing: a file that cancels the meeting is sent separately."""
        _refuse_elsewhere(booking)

    def busy(self, addresses: Iterable[str], _start: datetime, _end: datetime, /) -> FreeBusy:
        """Unknown for everybody."""
        return dict.fromkeys(addresses)

    def changes(self, _token: str | None, _since: datetime, _ours: Ours, /) -> Iterator[Page]:
        """Nothing: there is no calendar to poll."""
        return iter(())

    def access(self) -> str:
        """Nothing, since there is no calendar."""
        return ""

    def stop(self) -> None:
        """Do nothing: no calls are ever made."""

    def close(self) -> None:
        """Do nothing: no connection is open."""


def connect(_settings: Settings, _clock: Clock) -> Calendar:
    """The calendar that sends files, which needs no settings."""
    return CalendarFiles()


def _refuse_elsewhere(booking: Booking | None) -> None:
    if booking and booking.calendar_id:
        raise final(NOT_CONNECTED)

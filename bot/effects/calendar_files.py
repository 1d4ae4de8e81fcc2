"""No calendar at all: a meeting is a file for people to add to their own, and everybody is unknown."""

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
    """Books meetings without inviting anybody, so that each of them gets a file.

    What was put into a calendar before that was disconnected can't be reached: that fails.
    """

    id = None

    def show(self, _event: CalendarEvent, /) -> None:
        """Nothing: there is no place where the team would see it."""

    def hide(self, _event_id: str, /) -> None:
        """Nothing, as nothing is shown."""

    def block(self, _address: str | None, _event: CalendarEvent, /) -> None:
        """Fails: nobody blocks time without a calendar, so it was connected when they did."""
        raise final(NOT_CONNECTED)

    def unblock(self, _address: str | None, _event_id: str, /) -> None:
        """Fails, as for :meth:`block`."""
        raise final(NOT_CONNECTED)

    def find(self, _event_id: str, booking: Booking | None, /) -> None:
        """``None``: nobody knows who has added the file to which calendar."""
        _refuse_elsewhere(booking)

    def book(self, event: CalendarEvent, booking: Booking | None, /) -> Booked:
        """A booking that invites nobody."""
        _refuse_elsewhere(booking)
        return Booked(Booking(event.starts, event.ends, is_inviting=False))

    def reinvite(self, _event: CalendarEvent, _booking: Booking, /) -> None:
        """``None``: nobody is invited."""

    def cancel(self, _event_id: str, booking: Booking | None, /) -> None:
        """Nothing: a file that says so is sent to those who have the first."""
        _refuse_elsewhere(booking)

    def busy(self, addresses: Iterable[str], _start: datetime, _end: datetime, /) -> FreeBusy:
        """Unknown, for everybody."""
        return dict.fromkeys(addresses)

    def changes(self, _token: str | None, _since: datetime, _ours: Ours, /) -> Iterator[Page]:
        """None: there is nothing to poll."""
        return iter(())

    def stop(self) -> None:
        """Nothing is ever called."""

    def close(self) -> None:
        """Nothing is open."""


def connect(_settings: Settings, _clock: Clock) -> Calendar:
    """The files, which need no settings."""
    return CalendarFiles()


def _refuse_elsewhere(booking: Booking | None) -> None:
    if booking and booking.calendar_id:
        raise final(NOT_CONNECTED)

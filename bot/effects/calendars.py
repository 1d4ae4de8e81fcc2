"""What the bot asks of a calendar, whichever one is connected; ``bot.config`` says which."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Protocol

from bot.config import Settings
from bot.domain.calendar.events import CalendarEvent
from bot.domain.calendar.meetings import EventNews, FreeBusy, Reply
from bot.domain.kit.bookings import Booking
from bot.operations.kit.transaction import Clock

Ours = Callable[[list[str]], Collection[str]]
"""Picks the ids that belong to our events."""
Page = tuple[list[EventNews], str | None]
"""Our events that have changed, and the token to continue from, which only the last page has."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting as it is in the calendar now."""

    booking: Booking
    replies: Mapping[str, Reply] = field(default_factory=dict)
    """E-mail address (lower case) -> answer."""


class Calendar(Protocol):
    """A calendar that the team shares.

    Every method may be called again for what it has already done, and may raise
    :class:`bot.effects.failures.CallFailed`.
    """

    @property
    def id(self) -> str | None:
        """The calendar's own name, under which we save how far we've read; ``None`` if it can't be read."""

    @property
    def makes_calls(self) -> bool:
        """Whether our account may set up video calls, as far as its credentials tell."""

    def call(self, event: CalendarEvent, /) -> str:
        """Show the event with a video call, and return the link to that.

        A call that is there is kept. Raises a passing failure while the calendar is still setting it up.
        """

    def show(self, event: CalendarEvent, /) -> None:
        """Show the event to the team exactly like this; people whose calendar shows it anyway get no mail."""

    def hide(self, event_id: str, /) -> None:
        """Stop showing the event."""

    def block(self, address: str | None, event: CalendarEvent, /) -> None:
        """Block the time of the person with that address; they get an invitation."""

    def unblock(self, address: str | None, event_id: str, /) -> None:
        """Free that time again."""

    def find(self, event_id: str, booking: Booking | None, /) -> EventNews | None:
        """The meeting as it is in the calendar, or ``None``; ``booking`` is what we know about it."""

    def book(self, event: CalendarEvent, booking: Booking | None, /) -> Booked:
        """Book the meeting, or move the one that ``booking`` describes; guests are notified.

        If the returned booking isn't ``is_inviting``, callers send the meeting as a file as well.
        """

    def reinvite(self, event: CalendarEvent, booking: Booking, /) -> Booked | None:
        """Invite and uninvite people as the event says, without moving it; ``None`` if nothing changed."""

    def cancel(self, event_id: str, booking: Booking | None, /) -> None:
        """Cancel the meeting; guests are notified."""

    def busy(self, addresses: Iterable[str], start: datetime, end: datetime, /) -> FreeBusy:
        """When the people with these addresses are busy; ``None`` for each one who is unknown."""

    def changes(self, token: str | None, since: datetime, ours: Ours, /) -> Iterator[Page]:
        """What has changed since ``token``; without a token, everything that ends after ``since``."""

    def access(self) -> str:
        """What our account may do with the calendar, in Google's words; empty if the server doesn't say."""

    def stop(self) -> None:
        """Start no more calls."""

    def close(self) -> None:
        """Close every connection; no other method may be called afterwards."""


def connect(settings: Settings, clock: Clock) -> Calendar:
    """The calendar that the settings choose; raises :class:`bot.config.SettingsError`.

    Its libraries are loaded only here: without that calendar they would cost memory and time for nothing.
    """
    made: Calendar = import_module(settings.calendar).connect(settings, clock)
    return made

"""Google Calendar as the bot's calendar.

Imported only if it is connected: otherwise Google's libraries would cost memory and time for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import structlog

from bot.config import Settings, SettingsError
from bot.domain.calendar.events import CalendarEvent
from bot.domain.calendar.meetings import EventNews, FreeBusy
from bot.domain.kit.bookings import Booking
from bot.domain.kit.json import Json
from bot.domain.outbox.retry import Failure, FailureKind
from bot.effects.calendars import Booked, Calendar, Ours, Page
from bot.effects.failures import CallFailed, not_yet
from bot.effects.google import credentials
from bot.effects.google.client import GoogleClient
from bot.effects.google.events import body_of, has_failed_call, news_of
from bot.effects.google.mails import OF_BLOCKS, OF_MEETINGS, OF_SHOWN, Mails
from bot.operations.calendar.sync import SYNC_EVERY
from bot.operations.kit.transaction import Clock

log = structlog.get_logger(__name__)

_NO_GUESTS = "google_forbiddenForServiceAccounts"
"""A service account that acts on nobody's behalf may not invite anybody."""
_NO_CALL = frozenset({"google_invalid", "google_badRequest", "google_http_400"})
"""Errors for accounts that may not create video calls ("Invalid conference type value.")."""
_NOT_THEIRS = frozenset({"google_notFound", "google_requiredAccessLevel", "google_forbidden"})
"""Errors for a person's own calendar if they haven't shared it with our account."""


class GoogleCalendar:
    """A Google calendar; see :class:`bot.effects.calendars.Calendar`."""

    def __init__(self, client: GoogleClient, clock: Clock, *, makes_calls: bool = True) -> None:
        """Pass ``makes_calls=False`` for a service account that acts on nobody's behalf: it can't."""
        self.client, self._clock, self._makes_calls = client, clock, makes_calls

    @property
    def id(self) -> str:
        """Google's name for the calendar: an address, or ``primary``."""
        return self.client.calendar_id

    @property
    def makes_calls(self) -> bool:
        """Whether our account may set up Google Meet calls."""
        return self._makes_calls

    def call(self, event: CalendarEvent, /) -> str:
        """Add a Google Meet call to the event, or find the one that it has, and return its link.

        Google may take a while: https://developers.google.com/workspace/calendar/api/guides/create-events
        """
        found = self.client.put(event.id, body_of(replace(event, has_call=True)), OF_SHOWN)
        link = news_of(found).meet
        if link is None:
            # After a failure, the next attempt requests another one.
            code = "google_call_failed" if has_failed_call(found) else "google_call_pending"
            raise CallFailed(Failure(FailureKind.PASSING, code))
        return link

    def show(self, event: CalendarEvent, /) -> None:
        """Make the event look like this, with its guests if our account may invite them."""
        self._put(event, OF_SHOWN)

    def hide(self, event_id: str, /) -> None:
        """Delete the event."""
        self.client.delete(event_id, OF_SHOWN)

    def block(self, address: str | None, event: CalendarEvent, /) -> None:
        """Invite the person to an event in the team's calendar.

        If our account can't invite anybody, put the event in the person's own calendar if they have shared it
        with us, or else in the team's calendar under their name.
        """
        try:
            self.client.put(event.id, body_of(event), OF_BLOCKS)
        except CallFailed as error:
            if error.code != _NO_GUESTS:
                raise
            self._block_alone(event.id, body_of(event.alone), address)

    def unblock(self, address: str | None, event_id: str, /) -> None:
        """Delete the event wherever :meth:`block` may have put it."""
        self.client.delete(event_id, OF_BLOCKS)
        try:
            self.client.delete(event_id, OF_BLOCKS, address)
        except CallFailed as error:
            if error.code not in _NOT_THEIRS:
                raise

    def find(self, event_id: str, booking: Booking | None, /) -> EventNews | None:
        """The meeting's event, even if cancelled, or ``None``."""
        found = self.client.get(event_id, _calendar_of(booking))
        return news_of(found) if found else None

    def book(self, event: CalendarEvent, booking: Booking | None, /) -> Booked:
        """Book or move the meeting, in the calendar of its earlier booking or else in the current one."""
        invited = booking.invited if booking else ()
        found, is_inviting = self._put(event, OF_MEETINGS, _calendar_of(booking), invited)
        news = news_of(found)
        made = Booking(
            event.starts,
            event.ends,
            news.link,
            news.meet,
            news.updated,
            is_inviting,
            tuple(each.email for each in event.guests or ()),
            _calendar_of(booking) or self.id,
        )
        return Booked(made, news.replies)

    def reinvite(self, event: CalendarEvent, booking: Booking, /) -> Booked:
        """Like :meth:`book`; raises "not yet" if it was moved or cancelled in Google: we must read that."""
        stands = self.find(event.id, booking)
        if stands and not stands.is_at(event.starts, event.ends):
            raise not_yet("google_moved", self._clock() + SYNC_EVERY)
        return self.book(event, booking)

    def cancel(self, event_id: str, booking: Booking | None, /) -> None:
        """Delete the meeting's event; Google notifies its guests."""
        self.client.delete(event_id, OF_MEETINGS, _calendar_of(booking))

    def busy(self, addresses: Iterable[str], start: datetime, end: datetime, /) -> FreeBusy:
        """When they are busy; ``None`` for each one whose calendar our account may not read."""
        return self.client.busy(addresses, start, end)

    def changes(self, token: str | None, since: datetime, ours: Ours, /) -> Iterator[Page]:
        """What Google reports as changed, one page at a time."""
        for events, following in self.client.changes(token, since):
            known = ours([str(each["id"]) for each in events])
            yield [news_of(each) for each in events if each["id"] in known], following

    def access(self) -> str:
        """The account's role: ``freeBusyReader``, ``reader``, ``writer`` or ``owner``."""
        return self.client.access()

    def stop(self) -> None:
        """Start no more calls."""
        self.client.stop()

    def close(self) -> None:
        """Close every thread's connection."""
        self.client.close()

    def _put(
        self,
        event: CalendarEvent,
        mails: Mails,
        calendar_id: str | None = None,
        invited: Collection[str] | None = None,
    ) -> tuple[Json, bool]:
        """Write the event, except what our account may not do; returns it and whether guests were invited."""
        is_inviting = True
        while True:
            try:
                found = self.client.put(event.id, body_of(event), mails, calendar_id, invited)
                return found, is_inviting
            except CallFailed as error:
                if error.code == _NO_GUESTS and event.guests:
                    event, is_inviting = event.alone, False
                elif error.code in _NO_CALL and event.has_call:
                    event = replace(event, has_call=False)
                else:
                    raise

    def _block_alone(self, event_id: str, body: Json, address: str | None) -> None:
        try:
            self.client.put(event_id, body, OF_BLOCKS, address)
        except CallFailed as error:
            if error.code not in _NOT_THEIRS or address is None:
                raise
            self.client.put(event_id, body, OF_BLOCKS)


def connect(settings: Settings, clock: Clock) -> Calendar:
    """The calendar that the settings name; raises ``SettingsError`` if the credentials can't be used."""
    path = settings.google_token_file
    try:
        if path:
            make = credentials.user(path)
            if problem := credentials.shortcoming_of(path):
                remedy = "run --google-login again"
                log.warning("calendar token not as needed", problem=problem, remedy=remedy)
        else:
            make = credentials.service_account(settings.google_service_account_file, settings.google_subject)
    except credentials.CredentialsUnusable as error:
        raise SettingsError(str(error)) from None
    client = GoogleClient(
        make,
        settings.google_calendar_id,
        settings.google_calendar_api_url,
        clock,
        lambda renewed: credentials.keep(path, renewed) if path else None,
        settings.network,
    )
    return GoogleCalendar(client, clock, makes_calls=bool(path or settings.google_subject))


def _calendar_of(booking: Booking | None) -> str | None:
    """The id of the calendar that the booking is in; ``None`` means the current one."""
    return booking.calendar_id if booking else None

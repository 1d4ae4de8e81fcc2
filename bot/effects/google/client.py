"""Calls Google Calendar: one service per thread, bounded in time, never retrying by itself.

Imported only if Google is connected: otherwise its libraries would cost memory and time for nothing.
https://developers.google.com/workspace/calendar/api/v3/reference
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import google.auth.exceptions
import httplib2
import structlog
from google.auth.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError, UnknownApiNameOrVersion

from bot.domain.calendar.meetings import FreeBusy
from bot.domain.calendar.slots import Interval
from bot.domain.kit.json import Json
from bot.domain.outbox.retry import Failure, FailureKind
from bot.effects.failures import CallFailed, final, from_exception, not_yet
from bot.effects.google.credentials import CredentialsUnusable
from bot.effects.google.events import invites, is_like, merged
from bot.effects.google.failures import from_auth, from_google
from bot.effects.google.mails import Mails, SendUpdates
from bot.effects.google.transport import Http
from bot.effects.leases import is_lost
from bot.network import Network
from bot.operations.kit.transaction import Clock

log = structlog.get_logger(__name__)

CALL_TIMEOUT = 6
"""Seconds for one call; left alone, httplib2 would wait for a minute."""
MAX_CALENDARS = 50
"""Per query: https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query"""
_PAGE = 250
"""Events per page, which is Google's default:
https://developers.google.com/workspace/calendar/api/v3/reference/events/list
"""
_NOT_GRANTED = "google_insufficientPermissions"
"""The token lacks the scope for this method."""


class GoogleClient:
    """One calendar's events, and when people are busy, in Google's own JSON."""

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        calendar_id: str,
        api_url: str,
        clock: Clock,
        refreshed: Callable[[Credentials], None],
        network: Network,
    ) -> None:
        """``credentials`` makes a set for each thread; ``refreshed`` saves one that got a new token."""
        self.calendar_id = calendar_id
        self._credentials, self._api_url, self._clock = credentials, api_url, clock
        self._refreshed, self._keeping = refreshed, threading.Lock()
        self._internet, self._is_stopping = network, False
        self._local = threading.local()
        self._services: list[Any] = []

    def stop(self) -> None:
        """Start no more calls: each fails with "not yet", so that another process can make it later."""
        self._is_stopping = True

    def close(self) -> None:
        """Close every thread's connection; no other method may be called afterwards."""
        for service in self._services:
            service.close()

    def get(self, event_id: str, calendar_id: str | None = None) -> Json | None:
        """The event, even if cancelled; ``None`` if there is none."""
        try:
            return self._call(
                lambda api: api.events().get(calendarId=calendar_id or self.calendar_id, eventId=event_id)
            )
        except CallFailed as error:
            if error.code not in {"google_notFound", "google_deleted"}:
                raise
            # If it's the calendar that doesn't exist, the insert that follows says so.
            return None

    def put(
        self,
        event_id: str,
        event: Json,
        mails: Mails,
        calendar_id: str | None = None,
        invited: Collection[str] | None = None,
    ) -> Json:
        """Insert the event, or change it to look like this; returns the event as it is after that.

        An event that somebody has deleted is restored. One that already looks like this isn't sent, so nobody
        gets mail twice. ``invited`` is as for :func:`bot.effects.google.events.merged`.
        """
        calendar = calendar_id or self.calendar_id
        found = self.get(event_id, calendar)
        if found is None:
            try:
                return self._write("insert", calendar, {**event, "id": event_id}, mails.invitation)
            except CallFailed as error:
                if error.code != "google_duplicate":
                    raise
                # Our own earlier attempt inserted it, but Google didn't return it a moment ago.
                found = self.get(event_id, calendar)
                if found is None:
                    raise CallFailed(Failure(FailureKind.PASSING, error.code)) from error
        wanted = merged(event, found, invited)
        if is_like(found, wanted):
            return found
        send = mails.invitation if invites(found, wanted) else mails.change
        return self._write("update", calendar, wanted, send)

    def _write(self, method: str, calendar: str, event: Json, send: SendUpdates) -> Json:
        """Insert the event, or replace it if it is unchanged since it was read; else a retry reads it again.

        https://developers.google.com/workspace/calendar/api/guides/version-resources
        """
        told: Json = {"calendarId": calendar, "sendUpdates": send, "body": event}
        if "conferenceData" in event:
            told["conferenceDataVersion"] = 1
        if method == "update":
            told["eventId"] = event["id"]

        def request(api: Any) -> Any:
            made = getattr(api.events(), method)(**told)
            if method == "update" and event.get("etag"):
                made.headers["If-Match"] = event["etag"]
            return made

        return self._call(request)

    def delete(self, event_id: str, mails: Mails, calendar_id: str | None = None) -> None:
        """Delete the event; fine if it is gone or never existed."""
        target = {"calendarId": calendar_id or self.calendar_id, "eventId": event_id}
        try:
            self._call(lambda api: api.events().delete(**target, sendUpdates=mails.change))
        except CallFailed as error:
            if error.code not in {"google_deleted", "google_notFound"}:
                raise

    def busy(self, addresses: Iterable[str], start: datetime, end: datetime) -> FreeBusy:
        """When the owners of these calendars are busy; ``None`` for each calendar that can't be read."""
        wanted, found = list(dict.fromkeys(addresses)), dict[str, tuple[Interval, ...] | None]()
        for first in range(0, len(wanted), MAX_CALENDARS):
            found |= self._busy_group(wanted[first : first + MAX_CALENDARS], start, end)
        return found

    def _busy_group(self, addresses: list[str], start: datetime, end: datetime) -> FreeBusy:
        asked = [{"id": each} for each in addresses]
        body = {"timeMin": start.isoformat(), "timeMax": end.isoformat(), "items": asked}
        try:
            answer = self._call(lambda api: api.freebusy().query(body=body))
        except CallFailed as error:
            if error.code != _NOT_GRANTED:
                raise
            return dict.fromkeys(addresses)
        try:
            calendars = answer.get("calendars") or {}
            return {each: _intervals(calendars.get(each)) for each in addresses}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CallFailed(_NOT_JSON) from error

    def changes(self, token: str | None, since: datetime) -> Iterator[tuple[list[Json], str | None]]:
        """What has changed since ``token``; without a token, everything that ends after ``since``.

        Yields pages of events, deleted ones too, and with the last page the next token. Raises
        :class:`CallFailed` with ``google_fullSyncRequired`` for a token that is too old.
        https://developers.google.com/workspace/calendar/api/guides/sync
        """
        # With a token, the time must be left out, and all other parameters must match the first request.
        asked: Json = {"syncToken": token} if token else {"timeMin": since.isoformat()}
        while True:
            answer = self._page(asked)
            yield list(answer.get("items") or ()), answer.get("nextSyncToken")
            if not answer.get("nextPageToken"):
                return
            asked["pageToken"] = answer["nextPageToken"]

    def access(self) -> str:
        """The account's role in the calendar, or an empty text if the server leaves it out.

        https://developers.google.com/workspace/calendar/api/v3/reference/events/list
        """
        answer = self._call(lambda api: api.events().list(calendarId=self.calendar_id, maxResults=1))
        return str(answer.get("accessRole") or "")

    def _page(self, asked: Json) -> Json:
        fixed = {"calendarId": self.calendar_id, "showDeleted": True, "maxResults": _PAGE}
        return self._call(lambda api: api.events().list(**fixed, **asked))

    def _call(self, request: Callable[[Any], Any]) -> Json:
        """Make one call; raises :class:`CallFailed`."""
        if self._is_stopping or is_lost():
            raise not_yet("stopping" if self._is_stopping else "lease_over", self._clock())
        try:
            return _json(self._execute(request))
        except HttpError as error:
            raise CallFailed(from_google(error, self._clock())) from error
        except google.auth.exceptions.GoogleAuthError as error:
            # The next attempt reads the credentials again: somebody may have logged in by then.
            self._forget_service()
            raise CallFailed(from_auth(error)) from error
        except httplib2.HttpLib2Error as error:
            code = type(error).__name__
            raise CallFailed(Failure(FailureKind.PASSING, code, may_be_applied=True)) from error
        except UnicodeDecodeError as error:
            raise CallFailed(_NOT_JSON) from error
        except CredentialsUnusable as error:
            raise final("google_credentials") from error
        except CallFailed:
            raise
        except Exception as error:
            raise CallFailed(from_exception(error, "google")) from error

    def _execute(self, request: Callable[[Any], Any]) -> Any:
        service, credentials = self._service()
        before = credentials.token
        try:
            return request(service).execute(num_retries=0)
        finally:
            # Even if Google refused: the token was refreshed before that.
            if credentials.token != before:
                self._keep(credentials)

    def _keep(self, credentials: Credentials) -> None:
        """Save the refreshed token. Losing it is harmless: it can be fetched again."""
        try:
            with self._keeping:
                self._refreshed(credentials)
        except OSError as error:
            log.warning("calendar token not saved", error=type(error).__name__)

    def _forget_service(self) -> None:
        if hasattr(self._local, "service"):
            service = self._local.service[0]
            del self._local.service
            self._services.remove(service)
            service.close()

    def _service(self) -> tuple[Any, Credentials]:
        """This thread's own service and credentials: httplib2 isn't thread-safe."""
        if not hasattr(self._local, "service"):
            credentials = self._credentials()
            http = AuthorizedHttp(credentials, http=Http(self._internet, CALL_TIMEOUT))
            try:
                service = build(
                    "calendar",
                    "v3",
                    http=http,
                    static_discovery=True,
                    cache_discovery=False,
                    client_options={"api_endpoint": self._api_url},
                )
            except UnknownApiNameOrVersion as error:
                raise final("google_library") from error
            self._local.service = service, credentials
            self._services.append(service)
        found: tuple[Any, Credentials] = self._local.service
        return found


_NOT_JSON = Failure(FailureKind.PASSING, "google_not_json", may_be_applied=True)
"""Something other than Google has answered; a retry may reach Google."""


def _json(answer: Any) -> Json:
    """The answer, ``{}`` if it is empty; raises if it isn't a JSON object, which Google's client allows."""
    if not answer:
        return {}
    if not isinstance(answer, dict):
        raise CallFailed(_NOT_JSON)
    return answer


def _intervals(told: Mapping[str, Any] | None) -> tuple[Interval, ...] | None:
    if told is None or told.get("errors"):
        return None
    return tuple((_time(each["start"]), _time(each["end"])) for each in told.get("busy") or ())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""Calling Google Calendar: one service per thread, bounded in time, and never repeated by itself.

Imported only where a calendar is connected: Google's libraries are memory and time for nothing elsewhere.
https://developers.google.com/workspace/calendar/api/v3/reference
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import google.auth.exceptions
import httplib2
from google.auth.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError, UnknownApiNameOrVersion

from bot.domain.meetings import FreeBusy
from bot.domain.retry import Failure, FailureKind
from bot.domain.slots import Interval
from bot.effects.failures import CallFailed, final, from_exception, not_yet
from bot.operations.transaction import Clock

Json = dict[str, Any]

CALL_TIMEOUT = 8
"""Seconds for one call; httplib2 alone would wait for a minute."""
MOST_CALENDARS = 50
"""https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query"""
_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded", "calendarUsageLimitsExceeded"})
_RATE_PAUSE, _QUOTA_PAUSE = timedelta(seconds=10), timedelta(minutes=15)
_PAGE = 2500


class GoogleCalendar:
    """One calendar, and whether people are busy."""

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        calendar_id: str,
        api_url: str,
        clock: Clock,
        refreshed: Callable[[Credentials], None],
    ) -> None:
        """``credentials`` makes a set for each thread; ``refreshed`` keeps one that got a new token."""
        self.calendar_id = calendar_id
        self._credentials, self._api_url, self._clock = credentials, api_url, clock
        self._refreshed, self._keeping = refreshed, threading.Lock()
        self._is_stopping = False
        self._local = threading.local()
        self._services: list[Any] = []

    def stop(self) -> None:
        """Begin no more calls: whoever wants one is told to come back later, when another process may."""
        self._is_stopping = True

    def close(self) -> None:
        """Close every thread's connection; nobody may call any more."""
        for service in self._services:
            service.close()

    def get(self, event_id: str, calendar_id: str | None = None) -> Json | None:
        """The event, cancelled ones too; ``None`` where there never was one."""
        try:
            return self._call(
                lambda api: api.events().get(calendarId=calendar_id or self.calendar_id, eventId=event_id)
            )
        except CallFailed as error:
            if error.code not in {"google_notFound", "google_deleted"}:
                raise
            # Where the calendar itself is the one that isn't found, the insert that follows says so.
            return None

    def put(self, event_id: str, event: Json, *, tells: bool, calendar_id: str | None = None) -> Json:
        """Make the event be like this, whatever there is of it by now; whom it invites is told, or not.

        One that somebody has deleted is there again. The event as Google has it then.
        """
        target = {"calendarId": calendar_id or self.calendar_id, "sendUpdates": _send(tells=tells)}
        more = {"conferenceDataVersion": 1} if "conferenceData" in event else {}
        found = self.get(event_id, calendar_id)
        if found is None:
            try:
                body = {**event, "id": event_id}
                return self._call(lambda api: api.events().insert(**target, **more, body=body))
            except CallFailed as error:
                if error.code != "google_duplicate":
                    raise
                # Our own earlier attempt, which Google had not shown yet.
                found = self.get(event_id, calendar_id) or {}
        if found.get("conferenceData"):
            # It has its place to meet; asking again would make another one.
            event, more = (
                {name: v for name, v in event.items() if name != "conferenceData"},
                {"conferenceDataVersion": 1},
            )
        if found.get("status") == "cancelled":
            body = {**event, "status": "confirmed"}
            return self._call(lambda api: api.events().update(**target, **more, eventId=event_id, body=body))
        return self._call(lambda api: api.events().patch(**target, **more, eventId=event_id, body=event))

    def delete(self, event_id: str, *, tells: bool, calendar_id: str | None = None) -> None:
        """Take the event out; one that is gone, or never was there, is fine."""
        target = {"calendarId": calendar_id or self.calendar_id, "sendUpdates": _send(tells=tells)}
        try:
            self._call(lambda api: api.events().delete(**target, eventId=event_id))
        except CallFailed as error:
            if error.code not in {"google_deleted", "google_notFound"}:
                raise

    def busy(self, addresses: Iterable[str], start: datetime, end: datetime) -> FreeBusy:
        """When the owners of these calendars are busy, asked in groups; ``None`` for what can't be read."""
        wanted, found = list(dict.fromkeys(addresses)), dict[str, tuple[Interval, ...] | None]()
        for first in range(0, len(wanted), MOST_CALENDARS):
            found |= self._busy_group(wanted[first : first + MOST_CALENDARS], start, end)
        return found

    def _busy_group(self, addresses: list[str], start: datetime, end: datetime) -> FreeBusy:
        asked = [{"id": each} for each in addresses]
        body = {"timeMin": start.isoformat(), "timeMax": end.isoformat(), "items": asked}
        answer = self._call(lambda api: api.freebusy().query(body=body))
        calendars = answer.get("calendars") or {}
        return {each: _intervals(calendars.get(each)) for each in addresses}

    def changes(self, token: str | None) -> Iterator[tuple[list[Json], str | None]]:
        """What has changed since ``token``, or everything: pages of events, the last with the next token.

        Raises :class:`CallFailed` with ``google_fullSyncRequired`` for a token that is too old.
        https://developers.google.com/workspace/calendar/api/guides/sync
        """
        asked: Json = {"syncToken": token} if token else {}
        while True:
            answer = self._list(asked)
            yield list(answer.get("items") or ()), answer.get("nextSyncToken")
            if not answer.get("nextPageToken"):
                return
            asked["pageToken"] = answer["nextPageToken"]

    def _list(self, asked: Json) -> Json:
        # Deleted ones too: where a token was too old nothing else would tell of them.
        fixed = {
            "calendarId": self.calendar_id,
            "singleEvents": True,
            "showDeleted": True,
            "maxResults": _PAGE,
        }
        return self._call(lambda api: api.events().list(**fixed, **asked))

    def _call(self, request: Callable[[Any], Any]) -> Json:
        """Make one call; raises :class:`CallFailed`."""
        if self._is_stopping:
            raise not_yet("stopping", self._clock())
        try:
            service, credentials = self._service()
            before = credentials.token
            answer = request(service).execute(num_retries=0)
            if credentials.token != before:
                with self._keeping:
                    self._refreshed(credentials)
            return dict(answer or {})
        except HttpError as error:
            raise CallFailed(from_google(error, self._clock())) from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise CallFailed(_from_auth(error)) from error
        except httplib2.HttpLib2Error as error:
            code = type(error).__name__
            raise CallFailed(Failure(FailureKind.PASSING, code, may_be_applied=True)) from error
        except CallFailed:
            raise
        except Exception as error:
            raise CallFailed(from_exception(error)) from error

    def _service(self) -> tuple[Any, Credentials]:
        """This thread's own: httplib2 is not safe for several."""
        if not hasattr(self._local, "service"):
            credentials = self._credentials()
            http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=CALL_TIMEOUT))
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


def from_google(error: HttpError, now: datetime) -> Failure:
    """What Google's answer says about trying again.

    https://developers.google.com/workspace/calendar/api/guides/errors
    """
    status, reason = int(error.resp.status), _reason(error)
    code = f"google_{reason or f'http_{status}'}"
    if status == 429 or reason in _RATE:
        return Failure(FailureKind.NOT_YET, code, retry_at=now + _retry_after(error))
    if reason in _QUOTA:
        return Failure(FailureKind.NOT_YET, code, retry_at=now + _QUOTA_PAUSE)
    if status >= 500:
        return Failure(FailureKind.PASSING, code, may_be_applied=True)
    if status == 200:
        # No JSON: whoever answered isn't Google, for now.
        return Failure(FailureKind.PASSING, "google_not_json", may_be_applied=True)
    return Failure(FailureKind.FINAL, code)


def _from_auth(error: google.auth.exceptions.GoogleAuthError) -> Failure:
    if getattr(error, "retryable", False) or isinstance(error, google.auth.exceptions.TransportError):
        return Failure(FailureKind.PASSING, "google_token_unreachable")
    told = str(error.args[0]) if error.args else ""
    code = "google_token_revoked" if "invalid_grant" in told else "google_token_refused"
    return Failure(FailureKind.FINAL, code)


def _reason(error: HttpError) -> str | None:
    """Google's word for it; its sentences may hold what people wrote."""
    try:
        errors = json.loads(error.content)["error"]["errors"]
        reason = str(errors[0]["reason"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return reason if reason.isalnum() and len(reason) <= 60 else None


def _retry_after(error: HttpError) -> timedelta:
    value = str(error.resp.get("retry-after", ""))
    return timedelta(seconds=max(1, int(value))) if value.isdigit() else _RATE_PAUSE


def _intervals(told: Mapping[str, Any] | None) -> tuple[Interval, ...] | None:
    if told is None or told.get("errors"):
        return None
    return tuple((_time(each["start"]), _time(each["end"])) for each in told.get("busy") or ())


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _send(*, tells: bool) -> str:
    return "all" if tells else "none"

"""``events.list``, ``freebusy.query`` and ``calendars.get``."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.google import TEAM_CALENDAR
from sandbox.google.errors import GoogleError, invalid
from sandbox.google.events import Call, settle_conference
from sandbox.google.store import moment, shown
from sandbox.workspace.model import Json

_NOT_WITH_SYNC = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_PAGE = 250
# Google's limit for calendarExpansionMax:
# https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query
_MAX_CALENDARS = 50
_MAX_SPAN = timedelta(days=93)


def list_events(call: Call) -> Json:
    """A page of events; the last page has a token with which the next call gets only changes."""
    calendar, args = call.calendar(writing=False), call.args
    for each in list(call.calendars.on(calendar)):
        settle_conference(call.calendars, each)
    since = _since(call)
    if args.get("orderBy") == "startTime" and args.get("singleEvents") != "true":
        raise invalid("The requested ordering is not available for the particular query.")
    chosen = [each for each in call.calendars.on(calendar) if _fits(call, each, since)]
    by_start = args.get("orderBy") == "startTime"
    chosen.sort(key=lambda each: moment(each["start"], ZoneInfo("UTC")) if by_start else each["_version"])
    first, most = int(args.get("pageToken") or 0), int(args.get("maxResults") or _PAGE)
    answer: Json = {
        "kind": "calendar#events",
        "summary": calendar,
        "accessRole": call.access.role(call.principal, calendar),
        "items": [shown(each, calendar) for each in chosen[first : first + most]],
    }
    if first + most < len(chosen):
        return answer | {"nextPageToken": str(first + most)}
    return answer | {"nextSyncToken": f"sync-{call.calendars.kept['version']}"}


def _since(call: Call) -> int | None:
    token = call.args.get("syncToken")
    if token is None:
        return None
    mixed = [name for name in _NOT_WITH_SYNC if name in call.args]
    if mixed:
        raise invalid(f"Sync token cannot be used with {', '.join(mixed)}.")
    number = token.removeprefix("sync-")
    if not number.isdecimal() or int(number) < call.calendars.kept["oldest_sync"]:
        told = "Sync token is no longer valid, a full sync is required."
        raise GoogleError(410, "fullSyncRequired", told, "calendar")
    return int(number)


def _fits(call: Call, event: Json, since: int | None) -> bool:
    args = call.args
    if since is not None:
        return bool(event["_version"] > since)
    if event["status"] == "cancelled" and args.get("showDeleted") != "true":
        return False
    utc = ZoneInfo("UTC")
    if "timeMin" in args and moment(event["end"], utc) <= datetime.fromisoformat(args["timeMin"]):
        return False
    return "timeMax" not in args or moment(event["start"], utc) < datetime.fromisoformat(args["timeMax"])


def free_busy(call: Call) -> Json:
    """When the owners of some calendars are busy; a calendar that can't be read has ``errors`` instead."""
    body = call.body
    if not body.get("timeMin") or not body.get("timeMax"):
        raise invalid("Missing time range.", "required")
    start, end = datetime.fromisoformat(body["timeMin"]), datetime.fromisoformat(body["timeMax"])
    if start.tzinfo is None or end.tzinfo is None:
        raise invalid("Missing time zone definition.", "required")
    if end <= start:
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    if end - start > _MAX_SPAN:
        raise invalid("The requested time range is too long.", "timeRangeTooLong")
    items = [each["id"] for each in body.get("items") or ()]
    if len(items) > _MAX_CALENDARS:
        raise invalid("Too many calendars requested.", "tooManyCalendarsRequested")
    found = {each: _busy(call, each, start, end) for each in items}
    return {
        "kind": "calendar#freeBusy",
        "timeMin": body["timeMin"],
        "timeMax": body["timeMax"],
        "calendars": found,
    }


def _busy(call: Call, calendar: str, start: datetime, end: datetime) -> Json:
    kind, _, reason = (call.fault or "").partition(":")
    is_struck = kind == "calendar_error" and call.args.get("_calendar") in {None, calendar}
    if (
        is_struck
        or not call.calendars.exists(calendar)
        or call.access.role(call.principal, calendar) == "none"
    ):
        return {"errors": [{"domain": "global", "reason": reason or "notFound"}], "busy": []}
    taken = call.calendars.busy(calendar, start, end)
    return {"busy": [{"start": _zulu(since), "end": _zulu(until)} for since, until in taken]}


def _zulu(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def get_calendar(call: Call) -> Json:
    """The calendar's own properties."""
    calendar = call.calendar(writing=False)
    owner = call.calendars.owner(calendar)
    name = "Incidents" if calendar == TEAM_CALENDAR else owner.real_name if owner else calendar
    meet = {"allowedConferenceSolutionTypes": [] if call.principal.is_bare_service else ["hangoutsMeet"]}
    zone = owner.tz if owner else "UTC"
    return {
        "kind": "calendar#calendar",
        "id": calendar,
        "summary": name,
        "timeZone": zone,
        "conferenceProperties": meet,
    }

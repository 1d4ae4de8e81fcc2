"""``freebusy.query``: https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.google.call import Call
from sandbox.google.errors import invalid
from sandbox.google.store import Calendars, attendee, is_gone
from sandbox.google.times import moment, parsed, written, zone_named
from sandbox.model import Json

_MOST_CALENDARS = 50
_LONGEST = timedelta(days=92)
Span = tuple[datetime, datetime]


def query(call: Call) -> Json:
    """When the owners of some calendars are busy; what can't be read is an error of that calendar."""
    start, end = _range(call.body)
    items = [each.get("id", "") for each in call.body.get("items", ())]
    most = min(call.body.get("calendarExpansionMax", _MOST_CALENDARS), _MOST_CALENDARS)
    if len(items) > most:
        raise invalid("Too many calendars requested.", "tooManyCalendarsRequested")
    zone = zone_named(call.body.get("timeZone", "UTC"))

    def told(name: str) -> Json:
        reason = _trouble(call, name)
        if reason:
            return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
        spans = busy(call.calendars, call.calendar_id(name), start, end)
        return {"busy": [{"start": written(since, zone), "end": written(until, zone)} for since, until in spans]}

    return {
        "kind": "calendar#freeBusy",
        "timeMin": written(start),
        "timeMax": written(end),
        "calendars": {each: told(each) for each in items},
    }


def busy(calendars: Calendars, calendar: str, start: datetime, end: datetime) -> list[Span]:
    """When the calendar's owner is busy between the two, merged and in order."""
    zone = calendars.zone(calendar)
    every = (each for each in calendars.on(calendar) if _is_busy(each, calendar))
    spans = ((moment(each["start"], zone), moment(each["end"], zone)) for each in every)
    taken = sorted((max(since, start), min(until, end)) for since, until in spans if since < end and until > start)
    merged: list[Span] = []
    for since, until in taken:
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def _range(body: Json) -> Span:
    for name in ("timeMin", "timeMax"):
        if name not in body:
            raise invalid(f"Missing {name} parameter.", "required")
    start, end = parsed(body["timeMin"]), parsed(body["timeMax"])
    if start is None or end is None or end <= start:
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    if end - start > _LONGEST:
        raise invalid("The requested time range is too long.", "timeRangeTooLong")
    return start, end


def _trouble(call: Call, name: str) -> str | None:
    calendar = call.calendar_id(name)
    if call.role(calendar) == "none":
        return "notFound"
    return call.faults.for_calendar(calendar)


def _is_busy(event: Json, calendar: str) -> bool:
    mine = attendee(event, calendar)
    has_declined = mine is not None and mine["responseStatus"] == "declined"
    is_free = event.get("transparency") == "transparent" or event["status"] != "confirmed"
    return not (is_free or has_declined or is_gone(event, calendar))

"""``events.*`` but ``list``: https://developers.google.com/workspace/calendar/api/v3/reference/events."""

from __future__ import annotations

import re
import secrets

from sandbox.google.call import Call
from sandbox.google.conference import conference, settle
from sandbox.google.drafts import draft, merged, without_nulls
from sandbox.google.errors import GoogleError, invalid, not_found
from sandbox.google.mails import need_send_updates, tell
from sandbox.google.responses import decline_copy, respond_on_copy
from sandbox.google.shown import shown
from sandbox.google.store import guests, is_gone
from sandbox.google.times import stamp
from sandbox.model import Json

_ID = re.compile(r"[a-v0-9]{5,1024}")


def get(call: Call) -> Json:
    """One event, cancelled ones too."""
    calendar = call.calendar(writing=False)
    settle(call.calendars, call.event(calendar), call.store.clock(), asked_for=True)
    return shown(call.calendars, call.event(calendar), calendar, call.store.team_url)


def insert(call: Call) -> Json:
    """A new event, under the client's id if it says one."""
    calendar = call.calendar(writing=True)
    event_id = call.body.get("id") or secrets.token_hex(13)
    if not _ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")
    made = draft(call, calendar, call.body)
    if made["status"] == "cancelled":
        raise invalid("Invalid value for status: cancelled")
    if call.calendars.find(calendar, event_id) is not None:
        raise GoogleError(409, "duplicate", "The requested identifier already exists.")
    made |= {
        "id": event_id,
        "created": stamp(call.store.clock()),
        "creator": {"email": call.principal.email},
        "organizer": _organizer(call, calendar),
        "sequence": call.body.get("sequence", 0),
    }
    wanted = call.body.get("conferenceData") if call.args.get("conferenceDataVersion") == 1 else None
    return _written(call, calendar, None, made, conference(call, wanted, None))


def patch(call: Call) -> Json:
    """Replace the fields that are given; null takes one out."""
    calendar = call.calendar(writing=True)
    before = call.event(calendar)
    if is_gone(before, calendar):
        raise not_found()
    if before["organizer"]["email"] != calendar:
        return respond_on_copy(call, calendar, before)
    wanted = draft(call, calendar, merged(before, call.body))
    meeting = before.get("conferenceData")
    if call.args.get("conferenceDataVersion") == 1 and "conferenceData" in call.body:
        told = call.body["conferenceData"]
        meeting = conference(call, None if told is None else without_nulls(told), meeting)
    return _written(call, calendar, before, wanted, meeting)


def update(call: Call) -> Json:
    """Replace everything; the way to have a cancelled event again."""
    calendar = call.calendar(writing=True)
    before = call.event(calendar)
    if is_gone(before, calendar) and call.body.get("status") not in ("confirmed", "tentative"):
        raise not_found()
    if before["organizer"]["email"] != calendar:
        raise GoogleError(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
        )
    wanted = draft(call, calendar, call.body)
    meeting = before.get("conferenceData")
    if call.args.get("conferenceDataVersion") == 1:
        meeting = conference(call, call.body.get("conferenceData"), meeting)
    return _written(call, calendar, before, wanted, meeting)


def delete(call: Call) -> None:
    """Cancel it; what is left of it tells those who read what has changed."""
    calendar = call.calendar(writing=True)
    found = call.event(calendar)
    if is_gone(found, calendar):
        raise GoogleError(410, "deleted", "Resource has been deleted")
    need_send_updates(call, found)
    if found["organizer"]["email"] != calendar:
        decline_copy(call, calendar, found)
        return
    cancelled = {**found, "status": "cancelled"}
    tell(call, found, call.calendars.save(cancelled))


def _organizer(call: Call, calendar: str) -> Json:
    title = call.calendars.title(calendar)
    return {"email": calendar} if title == calendar else {"email": calendar, "displayName": title}


def _written(
    call: Call, calendar: str, before: Json | None, wanted: Json, meeting: Json | None
) -> Json:
    """Store the event as wanted, tell whom it concerns, and show it."""
    need_send_updates(call, before or {}, wanted)
    after = {**wanted}
    if before is not None:
        fixed = ("id", "created", "creator", "organizer", "_removed")
        after |= {name: before[name] for name in fixed if name in before}
        after["sequence"] = _sequence(call, before, wanted)
        gone = {*before.get("_removed", ()), *guests(before)} - {*guests(wanted)}
        after["_removed"] = sorted(gone)
    if meeting is not None:
        after["conferenceData"] = meeting
        after["_conference_at"] = call.store.clock()
    tell(call, before, call.calendars.save(after))
    return shown(call.calendars, after, calendar, call.store.team_url)


def _sequence(call: Call, before: Json, wanted: Json) -> int:
    given, current = call.body.get("sequence"), int(before["sequence"])
    if given is not None and given < current:
        raise invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence number of "
            "the resource. Re-fetch the resource and use its sequence number on the following request."
        )
    moved = (before["start"], before["end"]) != (wanted["start"], wanted["end"])
    return max(given or 0, current) + moved

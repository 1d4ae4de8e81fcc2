"""``calendars.get`` and ``calendarList.list``."""

from __future__ import annotations

from sandbox.google import TEAM_CALENDAR
from sandbox.google.call import Call
from sandbox.google.errors import invalid, not_found, unserved
from sandbox.model import Json

_RANK = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")


def get_calendar(call: Call) -> Json:
    """What a calendar is, for whoever may see at least when it is busy."""
    calendar = call.calendar_id(call.args["calendarId"])
    if call.role(calendar) == "none":
        raise not_found()
    return {"kind": "calendar#calendar", **_described(call, calendar)}


def list_calendars(call: Call) -> Json:
    """The caller's own calendars: one that others share is on no list until somebody puts it there."""
    if "syncToken" in call.args:
        raise unserved("sync token for lists of calendars")
    if "pageToken" in call.args:
        raise invalid("Invalid page token value.")
    lowest = _RANK.index(call.args.get("minAccessRole", "none"))
    own = [each for each in (call.principal.email, TEAM_CALENDAR) if call.role(each) == "owner"]
    entries = [_entry(call, each) for each in own if _RANK.index("owner") >= lowest]
    return {"kind": "calendar#calendarList", "etag": '"1"', "items": entries}


def _entry(call: Call, calendar: str) -> Json:
    entry = {"kind": "calendar#calendarListEntry", "accessRole": call.role(calendar), "selected": True}
    is_primary = {"primary": True} if calendar == call.principal.email else {}
    return {**entry, **_described(call, calendar), **is_primary}


def _described(call: Call, calendar: str) -> Json:
    kinds = [] if call.principal.is_bare_service else ["hangoutsMeet"]
    return {
        "etag": f'"{calendar}"',
        "id": calendar,
        "summary": call.calendars.title(calendar),
        "timeZone": call.calendars.zone(calendar).key,
        "conferenceProperties": {"allowedConferenceSolutionTypes": kinds},
    }

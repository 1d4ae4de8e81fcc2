"""Events in Google's JSON: written from ours, read into ours, and merged into one that already exists.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256
from html import escape
from typing import Any

from bot.domain.calendar.events import CalendarEvent, Guest
from bot.domain.calendar.meetings import EventNews, Reply
from bot.domain.kit.json import Json

_DEFAULTS: Mapping[str, Any] = {
    "attendees": [],
    "description": "",
    "guestsCanInviteOthers": True,
    "status": "confirmed",
    "summary": "",
    "transparency": "opaque",
    "visibility": "default",
}
"""The values that Google leaves out of its answers."""
_VISIBILITY = {True: "private", False: "default", None: None}
_REPLIES = {reply.value: reply for reply in Reply}


def body_of(event: CalendarEvent) -> Json:
    """The event in Google's JSON."""
    body = {
        "summary": event.title,
        # Google shows descriptions as HTML.
        "description": escape(event.text, quote=False),
        "visibility": _VISIBILITY[event.is_private],
        "start": _moment(event.starts, event),
        "end": _moment(event.ends, event),
        "transparency": "opaque" if event.is_busy else "transparent",
        "attendees": None if event.guests is None else _attendees(event.guests),
        "conferenceData": _call_of(event) if event.has_call else None,
        "guestsCanInviteOthers": event.is_open,
    }
    return {name: value for name, value in body.items() if value is not None}


def news_of(event: Mapping[str, Any]) -> EventNews:
    """A Google event in our terms."""
    entries = (event.get("conferenceData") or {}).get("entryPoints") or ()
    video = next((each.get("uri") for each in entries if each.get("entryPointType") == "video"), None)
    return EventNews(
        event_id=str(event["id"]),
        is_cancelled=event.get("status") == "cancelled",
        updated=_time(event.get("updated")),
        start=_bound(event.get("start") or {}),
        end=_bound(event.get("end") or {}),
        replies={
            str(each.get("email") or "").lower(): _REPLIES[each["responseStatus"]]
            for each in event.get("attendees") or ()
            if each.get("responseStatus") in _REPLIES
        },
        link=event.get("htmlLink"),
        meet=event.get("hangoutLink") or video,
    )


def merged(event: Json, found: Json, invited: Collection[str] | None) -> Json:
    """``found`` with everything that ``event`` says, since Google replaces an event as a whole.

    https://developers.google.com/workspace/calendar/api/v3/reference/events/update

    Guests who are already there keep their answers. Other guests stay if their address isn't among
    ``invited``, those that we have invited before; with ``None``, no other guests stay. An existing video
    call stays, too: a new one would be a second place to meet.
    """
    told = dict(event)
    if "conferenceData" in told:
        told["conferenceData"] = _standing_call(found) or _another_call(told["conferenceData"], found)
    guests = _guests(event.get("attendees") or (), found.get("attendees") or (), invited)
    return {**found, "status": "confirmed", **told, "attendees": guests}


def is_like(found: Json, event: Json) -> bool:
    """Whether ``found`` says everything that ``event`` does, however Google writes it."""
    names = [name for name in event if name not in {"conferenceData", "id"}]
    has_place = "conferenceData" not in event or bool(_standing_call(found))
    return has_place and all(_plain(name, found) == _plain(name, event) for name in (*names, "status"))


def has_failed_call(event: Json) -> bool:
    """Whether Google couldn't set up the video call that was requested."""
    request = (event.get("conferenceData") or {}).get("createRequest") or {}
    return (request.get("status") or {}).get("statusCode") == "failure"


def invites(found: Json, event: Json) -> bool:
    """Whether writing ``event`` over ``found`` invites somebody who wasn't invited until now."""
    known = set() if found.get("status") == "cancelled" else set(map(_address, found.get("attendees") or ()))
    return not known.issuperset(map(_address, event.get("attendees") or ()))


def _plain(name: str, event: Json) -> object:
    value = event.get(name, _DEFAULTS.get(name))
    if name == "attendees":
        return sorted((_address(each), bool(each.get("optional"))) for each in value or ())
    if name in {"start", "end"} and value and value.get("dateTime"):
        return datetime.fromisoformat(value["dateTime"])
    return value


def _guests(wanted: Iterable[Json], there: Iterable[Json], invited: Collection[str] | None) -> list[Json]:
    known = {_address(each): each for each in there}
    ours = {_address(each): each for each in wanted}
    found = []
    for address, each in known.items():
        if address in ours:
            found.append({**ours[address], **each, "optional": bool(ours[address].get("optional"))})
        elif invited is not None and address not in invited:
            found.append(each)
    return [*found, *(each for address, each in ours.items() if address not in known)]


def _address(guest: Mapping[str, Any]) -> str:
    return str(guest.get("email") or "").lower()


def _moment(when: datetime, event: CalendarEvent) -> Json:
    return {"date": when.date().isoformat()} if event.is_whole_day else {"dateTime": when.isoformat()}


def _attendees(guests: Iterable[Guest]) -> list[Json]:
    found: dict[str, Json] = {}
    for each in guests:
        attendee = {"email": each.email, "displayName": each.name, "optional": each.is_optional}
        # If two share an address, the first one counts: required guests are listed before optional ones.
        found.setdefault(each.email, {name: value for name, value in attendee.items() if value is not None})
    return list(found.values())


def _call_of(event: CalendarEvent) -> Json:
    """A request for a video call, with an id that is the same at every attempt to make this revision.

    Google ignores an id that it knows. So a repeated attempt leads to the same place to meet, while an event
    that is created again, because nothing of the first one was left, gets a new one.
    https://developers.google.com/workspace/calendar/api/v3/reference/events
    """
    name = f"{event.id}-{event.revision}" if event.revision else event.id
    return {"createRequest": {"requestId": name, "conferenceSolutionKey": {"type": "hangoutsMeet"}}}


def _standing_call(event: Json) -> Json | None:
    """The event's video call, which may still be pending; ``None`` if there is none, or it has failed."""
    return None if has_failed_call(event) else event.get("conferenceData")


def _another_call(request: Json, found: Json) -> Json:
    """The request with an id that depends on the version of the event that lacks the call.

    If writing this fails, the next attempt finds the same version, and asks for the same call again.
    """
    version = "/".join(str(found.get(each)) for each in ("etag", "sequence", "updated"))
    name = f"{request['createRequest']['requestId']}-{sha256(version.encode()).hexdigest()[:16]}"
    return {"createRequest": {**request["createRequest"], "requestId": name}}


def _bound(told: Mapping[str, Any]) -> datetime | None:
    """When an event begins or ends; an all-day event gives a date instead of a time."""
    if told.get("date"):
        return datetime.combine(date.fromisoformat(told["date"]), time(), UTC)
    return _time(told.get("dateTime"))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

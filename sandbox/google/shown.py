"""An event as a calendar shows it."""

from __future__ import annotations

from urllib.parse import quote
from zoneinfo import ZoneInfo

from sandbox.google.store import Calendars, entry_uri, is_gone
from sandbox.google.times import moment, written
from sandbox.model import Json

_OF_CANCELLED = ("kind", "etag", "id", "status", "updated")


def shown(calendars: Calendars, event: Json, calendar: str, base_url: str) -> Json:
    """The event as whoever looks at this calendar gets it; of a cancelled one hardly more than its id.

    ``base_url`` is the sandbox's address, with its trailing slash.
    """
    if is_gone(event, calendar):
        told = {**event, "kind": "calendar#event", "status": "cancelled"}
        return {name: told[name] for name in _OF_CANCELLED}
    return whole(calendars, event, calendar, base_url)


def whole(calendars: Calendars, event: Json, calendar: str, base_url: str) -> Json:
    """All that is known of the event, also where it is cancelled."""
    address = f"{base_url}calendar/{quote(calendar, safe='@')}#{event['id']}"
    zone = calendars.zone(calendar)
    found = {
        "kind": "calendar#event",
        "htmlLink": address,
        "iCalUID": f"{event['id']}@google.com",
        "reminders": {"useDefault": True},
        "eventType": "default",
        **{name: value for name, value in event.items() if not name.startswith("_")},
        "status": "cancelled" if is_gone(event, calendar) else event["status"],
        "creator": _as_self(event["creator"], calendar),
        "organizer": _as_self(event["organizer"], calendar),
        "start": _local(event["start"], zone),
        "end": _local(event["end"], zone),
    }
    if "attendees" in event:
        organizer = event["organizer"]["email"]
        found["attendees"] = [_guest(each, calendar, organizer) for each in event["attendees"]]
    link = entry_uri(event.get("conferenceData", {}))
    return {**found, "hangoutLink": link} if link else found


def _as_self(told: Json, calendar: str) -> Json:
    return {**told, "self": True} if told["email"] == calendar else told


def _guest(told: Json, calendar: str, organizer: str) -> Json:
    return _as_self({**told, "organizer": True} if told["email"] == organizer else told, calendar)


def _local(told: Json, zone: ZoneInfo) -> Json:
    return told if "date" in told else {**told, "dateTime": written(moment(told, zone), zone)}

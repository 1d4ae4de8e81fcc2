"""Events that are already in people's calendars, so that finding a free time isn't trivial."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.google.store import Calendars
from sandbox.workspace.model import Person
from sandbox.workspace.store import Store

DAYS = 28
_WORKDAYS = 5
_EVERY_DAY = (("Stand-up", time(9, 30), 15), ("Lunch", time(12, 30), 45))
_WEEKLY = (
    ("One on one", 0, time(14), 30),
    ("Planning", 1, time(10), 60),
    ("Customer call", 2, time(15, 30), 60),
    ("Design review", 3, time(11), 60),
    ("Demo", 4, time(16), 45),
)


def fill(store: Store, calendars: Calendars) -> None:
    """Fill everybody's calendar with a believable month, once."""
    if calendars.kept.get("is_filled"):
        return
    calendars.kept["is_filled"] = True
    for number, person in enumerate(store.workspace.people.values()):
        if person.email and not (person.deleted or person.is_bot or person.is_restricted):
            _fill(store, calendars, person, number)


def _fill(store: Store, calendars: Calendars, person: Person, number: int) -> None:
    today = datetime.fromtimestamp(store.clock(), UTC).astimezone(ZoneInfo(person.tz)).date()
    for offset in range(DAYS):
        day = today + timedelta(days=offset)
        if day.weekday() >= _WORKDAYS:
            continue
        # Each person's weekly meetings fall on different days.
        weekly = [each[:1] + each[2:] for each in _WEEKLY if (each[1] + number) % _WORKDAYS == day.weekday()]
        for title, at, minutes in (*_EVERY_DAY, *weekly):
            start = datetime.combine(day, at, ZoneInfo(person.tz)).astimezone(UTC)
            put(store, calendars, person.email, title, start, start + timedelta(minutes=minutes))


def put(
    store: Store,
    calendars: Calendars,
    calendar: str,
    title: str,
    start: datetime,
    end: datetime,
    **more: object,
) -> str:
    """Add an event to somebody's own calendar; returns its id."""
    event_id = f"{store.new_id('e').lower()}"
    event = {
        "kind": "calendar#event",
        "id": event_id,
        "status": "confirmed",
        "htmlLink": f"{store.team_url}calendar/{calendar}?event={event_id}",
        "created": start.isoformat(),
        "creator": {"email": calendar},
        "organizer": {"email": calendar},
        "iCalUID": f"{event_id}@google.com",
        "sequence": 0,
        "summary": title,
        "start": {"dateTime": start.isoformat()},
        "end": {"dateTime": end.isoformat()},
        "eventType": "default",
        **more,
    }
    calendars.save(event)
    return event_id

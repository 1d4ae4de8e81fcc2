"""What people have in their calendars already, so that there is something to find a time between."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sandbox.google.store import Calendars
from sandbox.google.times import stamp, written
from sandbox.store import Store

DAYS = 21
_WEEKEND = 5
_WEEKLY = ("Planning", "Customer call", "Design review", "Demo", "One on one")


def fill(store: Store, calendars: Calendars) -> None:
    """Give everybody who works here three believable weeks from today on, unless that has been done.

    The same workspace at the same time has the same events. Guests and who has left have none.
    """
    if calendars.kept["is_filled"]:
        return
    calendars.kept["is_filled"] = True
    for number, person in enumerate(list(store.workspace.people.values())):
        if person.email and not (person.deleted or person.is_bot or person.is_restricted):
            _fill(store, calendars, person.email.lower(), number)


def _fill(store: Store, calendars: Calendars, calendar: str, number: int) -> None:
    zone = calendars.zone(calendar)
    today = datetime.fromtimestamp(store.clock(), UTC).astimezone(zone).date()
    for day in (today + timedelta(days=ahead) for ahead in range(DAYS)):
        for title, at, minutes in _day(number, day):
            start = datetime.combine(day, at, zone).astimezone(UTC)
            # Hexadecimal digits are among the letters that Google has in ids.
            event_id = hashlib.sha256(f"{calendar} {start} {title}".encode()).hexdigest()[:26]
            event = {
                "id": event_id,
                "status": "confirmed",
                "summary": title,
                "created": stamp(store.clock()),
                "creator": {"email": calendar},
                "organizer": {"email": calendar},
                "sequence": 0,
                "start": {"dateTime": written(start), "timeZone": zone.key},
                "end": {"dateTime": written(start + timedelta(minutes=minutes)), "timeZone": zone.key},
            }
            calendars.save(event)


def _day(number: int, day: date) -> Iterator[tuple[str, time, int]]:
    """What the person of that number does: title, local start, minutes. Not everybody's week is the same."""
    weekday = day.weekday()
    if weekday >= _WEEKEND:
        return
    yield "Stand-up", time(9, 30), 30
    if (weekday + number) % 2:
        yield "Lunch", time(12, 30), 45
    if weekday == number % 5:
        yield _WEEKLY[number % 5], time(15), 60

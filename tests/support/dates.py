"""Days that lie ahead whenever the tests run, for those that go by the real clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

AHEAD = (datetime.now(UTC) + timedelta(days=90)).date()
LATER = AHEAD + timedelta(days=4)


def day_after(day: date) -> date:
    """The next one: where an event of that whole day ends."""
    return day + timedelta(days=1)


def told(day: date) -> str:
    """As the bot writes it: ``Mon 1 Mar 2027``."""
    return f"{day:%a} {day.day} {day:%b %Y}"

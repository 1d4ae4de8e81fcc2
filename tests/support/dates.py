"""Days that lie ahead whenever the tests run, for tests that use the real clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

AHEAD = (datetime.now(UTC) + timedelta(days=90)).date()
LATER = AHEAD + timedelta(days=4)


def day_after(day: date) -> date:
    """The next day: the end of an all-day event."""
    return day + timedelta(days=1)


def told(day: date) -> str:
    """The day as the bot writes it: ``Mon 1 Mar 2027``."""
    return f"{day:%a} {day.day} {day:%b %Y}"

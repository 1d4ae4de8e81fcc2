"""When somebody is reminded of a postmortem, counted in working days from the resolution."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.domain.kit.working_days import WorkingCalendar

UNTIL_BEGUN, UNTIL_COMPLETED = 2, 5
"""In working days after the resolution."""


def reminder_at(resolved_at: datetime, number: int, calendar: WorkingCalendar) -> datetime:
    """When reminder ``number`` (from 1) is due, in UTC: after two and five working days, then weekly."""
    day = calendar.today(resolved_at)
    if number == 1:
        return calendar.opening(_working_days_after(day, UNTIL_BEGUN, calendar))
    fifth = _working_days_after(day, UNTIL_COMPLETED, calendar)
    return calendar.opening(calendar.first_from(fifth + timedelta(weeks=number - 2)))


def is_needed(number: int, *, has_begun: bool) -> bool:
    """Whether reminder ``number`` is sent: the first one only if the postmortem hasn't been started."""
    return number > 1 or not has_begun


def _working_days_after(day: date, count: int, calendar: WorkingCalendar) -> date:
    for _ in range(count):
        day = calendar.first_from(day + timedelta(days=1))
    return day

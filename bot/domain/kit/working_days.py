"""When somebody is reminded of an action item: a rule of its due date, its owner's zone and the settings.

Rungs before the due date, and on it, that fall on a day off come on the last working day before; those after
it on the first working day after. Of several on one day only the last counts. Everything is at the set hour
in the zone of whoever is reminded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.settings import ReminderSettings

WINDOW_HOURS = 9
"""What is late is still sent for so long after the set hour, then on the next working morning."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days and the hour, in one zone."""

    settings: ReminderSettings
    zone: ZoneInfo
    is_holiday: Callable[[date], bool]

    def works_on(self, day: date) -> bool:
        """Whether reminders may be sent that day."""
        return (
            day.weekday() in self.settings.working_days
            and day not in self.settings.days_off
            and not self.is_holiday(day)
        )

    def first_from(self, day: date) -> date:
        """The first working day on or after."""
        return self._nearest(day, timedelta(days=1))

    def last_until(self, day: date) -> date:
        """The last working day on or before."""
        return self._nearest(day, timedelta(days=-1))

    def opening(self, day: date) -> datetime:
        """The set hour of that day, UTC."""
        return datetime.combine(day, time(self.settings.hour), self.zone).astimezone(UTC)

    def is_open(self, now: datetime) -> bool:
        """Whether somebody may be disturbed now: a working day, from the set hour on, not in the evening."""
        day = self.today(now)
        # In hours by the wall: neither at night nor twice where the clocks change.
        local = now.astimezone(self.zone).replace(tzinfo=None)
        since = local - datetime.combine(day, time(self.settings.hour))
        return self.works_on(day) and timedelta() <= since < timedelta(hours=WINDOW_HOURS)

    def next_opening(self, now: datetime) -> datetime:
        """The first working morning after ``now``, UTC."""
        day = self.first_from(self.today(now))
        if self.opening(day) <= now:
            day = self.first_from(day + timedelta(days=1))
        return self.opening(day)

    def today(self, now: datetime) -> date:
        """The date there."""
        return now.astimezone(self.zone).date()

    def _nearest(self, day: date, step: timedelta) -> date:
        # A year without a working day is a mistake in the settings, and no reason to hang.
        for _ in range(366):
            if self.works_on(day):
                return day
            day += step
        return day


def zone_of(name: str | None, default: str) -> ZoneInfo:
    """Somebody's zone, or the default where Slack tells none that we know."""
    for each in (name, default):
        try:
            return ZoneInfo(each or "")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")

"""The working days and hours of one time zone, and when reminders may be sent there.

Reminder rungs on or before the due date that fall on a day off move to the last working day before it; those
after the due date move to the first working day after. If several land on one day, only the last counts. All
are sent at the hour from the settings, in the time zone of the person who is reminded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.settings import ReminderSettings

WINDOW_HOURS = 9
"""For how many hours from the start of work reminders are sent; later ones wait for a working morning."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days and the hour at which they start, in one time zone."""

    settings: ReminderSettings
    zone: ZoneInfo
    is_holiday: Callable[[date], bool]

    def works_on(self, day: date) -> bool:
        """Whether it is a working day: only then are reminders sent and meetings proposed."""
        return (
            day.weekday() in self.settings.working_days
            and day not in self.settings.days_off
            and not self.is_holiday(day)
        )

    def first_from(self, day: date) -> date:
        """The first working day on or after ``day``."""
        return self._nearest(day, timedelta(days=1))

    def last_until(self, day: date) -> date:
        """The last working day on or before ``day``."""
        return self._nearest(day, timedelta(days=-1))

    def opening(self, day: date) -> datetime:
        """The hour at which that day's work starts, in UTC."""
        return datetime.combine(day, time(self.settings.hour), self.zone).astimezone(UTC)

    def is_open(self, now: datetime) -> bool:
        """Whether reminders may be sent now: on a working day, for ``WINDOW_HOURS`` from its start."""
        day = self.today(now)
        # Wall-clock hours, so that a clock change causes neither a reminder at night nor a second one.
        local = now.astimezone(self.zone).replace(tzinfo=None)
        since = local - datetime.combine(day, time(self.settings.hour))
        return self.works_on(day) and timedelta() <= since < timedelta(hours=WINDOW_HOURS)

    def next_opening(self, now: datetime) -> datetime:
        """The start of the first working day after ``now``, in UTC."""
        day = self.first_from(self.today(now))
        if self.opening(day) <= now:
            day = self.first_from(day + timedelta(days=1))
        return self.opening(day)

    def today(self, now: datetime) -> date:
        """The date in this time zone."""
        return now.astimezone(self.zone).date()

    def _nearest(self, day: date, step: timedelta) -> date:
        # Settings without a single working day are a mistake, but no reason to loop forever.
        for _ in range(366):
            if self.works_on(day):
                return day
            day += step
        return day


def zone_of(name: str | None, default: str) -> ZoneInfo:
    """The time zone of this name, else the default one, else UTC, skipping names that we don't know."""
    for each in filter(None, (name, default)):
        try:
            return ZoneInfo(each)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")

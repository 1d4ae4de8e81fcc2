"""When somebody is reminded of an action item: a rule of its due date, its owner's zone and the settings.

Rungs before the due date, and on it, that fall on a day off come on the last working day before; those after
it on the first working day after. Of several on one day only the last counts. Everything is at the set hour
in the zone of whoever is reminded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.action_items import ActionItem

ESCALATES_FROM = 7
"""Days overdue from which the incident's commander or declarer is told, too."""
WINDOW_HOURS = 9
"""What is late is still sent for so long after the set hour, then on the next working morning."""
LATE_AFTER = timedelta(hours=1)
_WEEKLY = 7
_ALL_WEEK = 7
SNOOZE, FIND_OWNER = "snooze", "owner"


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """What a workspace has set."""

    ladder: tuple[int, ...] = (-3, -1, 0, 1, 3, 7)
    """Days relative to the due date, ascending; after the last of them it goes on weekly."""
    hour: int = 9
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Monday is 0."""
    country: str | None = None
    """ISO code of the country whose public holidays are days off."""
    days_off: tuple[date, ...] = field(default=())
    """Further days off."""
    postmortems_for: tuple[str, ...] = ("critical", "high")
    """The severities of which a postmortem is expected."""
    until: int = 18
    """The hour at which the working day ends that begins at ``hour``; meetings are proposed in between."""


def fingerprint(settings: ReminderSettings) -> str:
    """Tells whether settings are still those that a form has shown."""
    return sha256(repr(settings).encode()).hexdigest()[:16]


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


@dataclass(frozen=True, slots=True)
class Rung:
    """One reminder to be: which, of which date, and when (UTC)."""

    name: str
    """Days relative to the due date, or ``snooze``, or ``owner``."""
    on: date
    """The due date, the day that it was put off to, or the day since when there is no owner."""
    at: datetime

    @property
    def days_overdue(self) -> int:
        """How many days after the due date this rung stands; nothing for the others."""
        return int(self.name) if self.name.lstrip("-").isdecimal() else 0


def zone_of(name: str | None, default: str) -> ZoneInfo:
    """Somebody's zone, or the default where Slack tells none that we know."""
    for each in (name, default):
        try:
            return ZoneInfo(each or "")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def rungs(item: ActionItem, calendar: Calendar, *, has_owner: bool) -> Iterator[Rung]:
    """All reminders of an item in the order of their times, without end where it has a due date."""
    extra: list[Rung] = []
    if not has_owner:
        since = calendar.today(item.assigned_at)
        extra.append(Rung(FIND_OWNER, since, calendar.next_opening(item.assigned_at)))
    snoozed = item.snoozed_until
    if snoozed:
        extra.append(Rung(SNOOZE, snoozed, calendar.opening(calendar.first_from(snoozed))))
    ladder = _ladder(item.due_date, calendar) if item.due_date else iter(())
    quiet_until = max((rung.at for rung in extra if rung.name == SNOOZE), default=None)
    yield from _in_order(extra, (each for each in ladder if quiet_until is None or each.at > quiet_until))


def next_rung(item: ActionItem, calendar: Calendar, after: datetime, *, has_owner: bool) -> Rung | None:
    """The first reminder after that time, or ``None``."""
    if not item.is_to_do:
        return None
    return next((each for each in rungs(item, calendar, has_owner=has_owner) if each.at > after), None)


def missed_rung(item: ActionItem, calendar: Calendar, now: datetime, *, has_owner: bool) -> Rung | None:
    """The latest reminder that should have been sent by now and after ``planned_after``, or ``None``."""
    latest = None
    if item.is_to_do:
        for each in rungs(item, calendar, has_owner=has_owner):
            if each.at > now:
                break
            if each.at > item.planned_after:
                latest = each
    return latest


def _ladder(due: date, calendar: Calendar) -> Iterator[Rung]:
    """The rungs of a due date; of several on one day the last."""
    waiting: Rung | None = None
    for offset in _offsets(calendar.settings.ladder):
        day = due + timedelta(days=offset)
        shifted = calendar.last_until(day) if offset <= 0 else calendar.first_from(day)
        rung = Rung(str(offset), due, calendar.opening(shifted))
        if waiting and waiting.at < rung.at:
            yield waiting
        waiting = rung


def _offsets(ladder: tuple[int, ...]) -> Iterator[int]:
    yield from ladder
    last = max(0, *ladder) if ladder else 0
    while last < _MOST_DAYS:
        last += _WEEKLY
        yield last


_MOST_DAYS = 3660
"""After ten years nobody is reminded any more, and nothing runs without an end."""


def _in_order(extra: list[Rung], ladder: Iterator[Rung]) -> Iterator[Rung]:
    waiting = sorted(extra, key=lambda rung: rung.at)
    for each in ladder:
        while waiting and waiting[0].at < each.at:
            yield waiting.pop(0)
        # What falls on the same morning is said in one message.
        waiting = [other for other in waiting if other.at != each.at]
        yield each
    yield from waiting

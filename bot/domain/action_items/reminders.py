"""When somebody is reminded of an action item, from its due date, its owner's time zone and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.action_items.model import ActionItem
from bot.domain.kit.working_days import WorkingCalendar

ESCALATES_FROM = 7
"""Days overdue from which the incident's commander or declarer is reminded too."""
LATE_AFTER = timedelta(hours=1)
"""From this delay on, a reminder says that it is late."""
_WEEKLY = 7
SNOOZE, FIND_OWNER = "snooze", "owner"


@dataclass(frozen=True, slots=True)
class Rung:
    """A reminder that an item calls for: which one, for which date, and when (UTC)."""

    name: str
    """Days relative to the due date, or ``snooze``, or ``owner``."""
    on: date
    """The due date, the date that it is snoozed to, or the date since which there has been no owner."""
    at: datetime

    @property
    def days_overdue(self) -> int:
        """How many days after the due date it comes, negative before; 0 for the other reminders."""
        return int(self.name) if self.name.lstrip("-").isdecimal() else 0


def rungs(item: ActionItem, calendar: WorkingCalendar, *, has_owner: bool) -> Iterator[Rung]:
    """All reminders of an item in chronological order; with a due date they continue for ten years."""
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


def next_rung(
    item: ActionItem, calendar: WorkingCalendar, after: datetime, *, has_owner: bool
) -> Rung | None:
    """The first reminder after ``after``, or ``None``."""
    if not item.is_to_do:
        return None
    return next((each for each in rungs(item, calendar, has_owner=has_owner) if each.at > after), None)


def missed_rung(
    item: ActionItem, calendar: WorkingCalendar, now: datetime, *, has_owner: bool
) -> Rung | None:
    """The latest reminder that fell due after the item's ``planned_after`` and by ``now``, or ``None``."""
    latest = None
    if item.is_to_do:
        for each in rungs(item, calendar, has_owner=has_owner):
            if each.at > now:
                break
            if each.at > item.planned_after:
                latest = each
    return latest


def _ladder(due: date, calendar: WorkingCalendar) -> Iterator[Rung]:
    """The rungs of a due date; if several land on one day, the last of them."""
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
    yield from range(last + _WEEKLY, _MAX_DAYS + _WEEKLY, _WEEKLY)


_MAX_DAYS = 3660
"""No more reminders after about ten years, so that no loop runs forever."""


def _in_order(extra: list[Rung], ladder: Iterator[Rung]) -> Iterator[Rung]:
    waiting = sorted(extra, key=lambda rung: rung.at)
    for each in ladder:
        while waiting and waiting[0].at < each.at:
            yield waiting.pop(0)
        # Reminders for the same morning are combined into one message.
        waiting = [other for other in waiting if other.at != each.at]
        yield each
    yield from waiting

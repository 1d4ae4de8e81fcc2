"""When people can meet: a rule of their busy times, working hours, zones and days off.

Starts lie on quarter hours. Of all starts those come first that miss the fewest people who have to be there,
then the fewest of the others, then the earliest. Whose calendar can't be read is unknown, never free: they
are named, and count neither way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, islice

from bot.domain.reminders import Calendar

Interval = tuple[datetime, datetime]
"""From, and until (exclusive); aware, UTC."""
Minutes = tuple[int, int]
"""The same in whole minutes since 1970."""
GRID = 15
"""Minutes between two starts; the offset of every zone in use is a multiple of it."""
_FARTHEST = 12 * 60
"""Minutes by which every time is outside for somebody who doesn't work on any of the days."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who is to meet others."""

    id: str
    calendar: Calendar
    """Their zone, working hours and days off."""
    is_required: bool = True
    busy: tuple[Interval, ...] | None = ()
    """In any order, overlapping or not; ``None`` where it can't be read."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to meet (UTC), and who can't make it; ids in the order in which people were given."""

    start: datetime
    end: datetime
    busy: tuple[str, ...] = ()
    """Who has something else then."""
    outside: tuple[str, ...] = ()
    """For whom, not being busy, it lies outside their working hours."""
    unknown: tuple[str, ...] = ()
    """Whose calendar can't be read, within their hours."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Who can't make it."""
        return self.busy + self.outside


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; nothing starts before ``earliest`` or ends after ``latest`` (UTC)."""

    minutes: int
    earliest: datetime
    latest: datetime


def find_slots(attendees: Sequence[Attendee], search: Search, count: int = 3, skip: int = 0) -> list[Slot]:
    """The best times, best first, none of them overlapping another; the first ``skip`` are left out."""
    people, length = _each_once(attendees), search.minutes
    starts = _starts(search)
    if not people or not starts or length <= 0:
        return []
    ranks = _ranks(people, starts, length)
    chosen = islice(_apart(sorted(zip(ranks, starts, strict=True)), length), skip, skip + count)
    return [slot_at(people, _time(start), length) for start in chosen]


def slot_at(attendees: Sequence[Attendee], start: datetime, minutes: int) -> Slot:
    """What a time means for everybody."""
    busy, outside, unknown = list[str](), list[str](), list[str]()
    begin, end = _minute(start), _minute(start) + minutes
    for each in _each_once(attendees):
        if any(begin < until and since < end for since, until in _busy(each)):
            busy.append(each.id)
        elif not any(since <= begin and end <= until for since, until in _hours(each.calendar, begin, end)):
            outside.append(each.id)
        elif each.busy is None:
            unknown.append(each.id)
    return Slot(start, start + timedelta(minutes=minutes), tuple(busy), tuple(outside), tuple(unknown))


def without(busy: Iterable[Interval], own: Interval) -> tuple[Interval, ...]:
    """The busy times with one taken out: a meeting that is moved doesn't stand in its own way."""
    left: list[Interval] = []
    for since, until in busy:
        left += [(since, min(until, own[0])), (max(since, own[1]), until)]
    return tuple((since, until) for since, until in left if since < until)


def _each_once(attendees: Sequence[Attendee]) -> list[Attendee]:
    """Required people first. Whoever is given twice is busy as both say, and required if either says so."""
    found: dict[str, Attendee] = {}
    for each in attendees:
        known = found.get(each.id)
        found[each.id] = _united(known, each) if known else each
    return sorted(found.values(), key=lambda person: not person.is_required)


def _united(one: Attendee, other: Attendee) -> Attendee:
    is_unknown = one.busy is None and other.busy is None
    return replace(
        one,
        is_required=one.is_required or other.is_required,
        busy=None if is_unknown else (*(one.busy or ()), *(other.busy or ())),
    )


def _starts(search: Search) -> range:
    """Every quarter hour at which it could begin, in minutes."""
    first = -(-search.earliest.timestamp() // (GRID * 60)) * GRID
    last = search.latest.timestamp() / 60 - search.minutes
    return range(int(first), int(last) + 1 if last >= first else int(first), GRID)


def _ranks(people: Sequence[Attendee], starts: range, length: int) -> list[tuple[int, int, int, int]]:
    """For each start: required people missing, of them busy, others missing, minutes beyond hours."""
    # Difference arrays: a time that suits somebody not costs two additions, however long it is.
    required, busy, others = ([0] * (len(starts) + 1) for _ in range(3))
    hours = {each.calendar: _hours(each.calendar, starts[0], starts[-1] + length) for each in people}
    for each in people:
        taken = list(_ranges(_busy(each), starts, length))
        closed = list(_closed(hours[each.calendar], starts, length))
        _count(required if each.is_required else others, _merged(taken + closed))
        if each.is_required:
            _count(busy, _merged(taken))
    counts = zip(*(accumulate(each[:-1]) for each in (required, busy, others)), strict=True)
    needed = Counter(each.calendar for each in people if each.is_required)
    weighed = [(hours[calendar], number) for calendar, number in needed.items()]
    return [
        (
            missing,
            of_them_busy,
            more,
            0 if missing == of_them_busy else _beyond(weighed, start, start + length),
        )
        for start, (missing, of_them_busy, more) in zip(starts, counts, strict=True)
    ]


def _count(counts: list[int], ranges: Iterable[tuple[int, int]]) -> None:
    for first, after in ranges:
        counts[first] += 1
        counts[after] -= 1


def _ranges(busy: Iterable[Minutes], starts: range, length: int) -> Iterator[tuple[int, int]]:
    """Which starts, by number, run into each busy time: from, and until (exclusive)."""
    origin = starts[0]
    for since, until in busy:
        # A start runs into it that lies after `since - length` and before `until`.
        first = max((since - length - origin) // GRID + 1, 0)
        after = min(-((origin - until) // GRID), len(starts))
        if first < after:
            yield first, after


def _closed(hours: Sequence[Minutes], starts: range, length: int) -> Iterator[tuple[int, int]]:
    """Which starts, by number, don't lie within one day's hours."""
    origin, reached = starts[0], 0
    for since, until in hours:
        first = max(-((origin - since) // GRID), 0)
        after = min((until - length - origin) // GRID + 1, len(starts))
        if first < after:
            if reached < first:
                yield reached, first
            reached = after
    if reached < len(starts):
        yield reached, len(starts)


def _merged(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    reached = 0
    for first, after in sorted(ranges):
        if after > reached:
            yield max(first, reached), after
            reached = after


def _beyond(weighed: Iterable[tuple[list[Minutes], int]], begin: int, end: int) -> int:
    """How far a time lies outside the hours of people: a late hour rather than the middle of the night.

    For each, the minutes by which it begins too early or ends too late for the day that is nearest.
    """
    total = 0
    for days, number in weighed:
        # The nearest day is the last that has begun, or the one after it.
        after = bisect_right(days, (begin, end))
        near = days[max(after - 1, 0) : after + 1]
        total += number * min((max(each[0] - begin, end - each[1], 0) for each in near), default=_FARTHEST)
    return total


def _apart(ranked: Iterable[tuple[object, int]], length: int) -> Iterator[int]:
    """Starts in this order, without those that overlap an earlier one."""
    taken: list[int] = []
    for _, start in ranked:
        if all(abs(start - other) >= length for other in taken):
            taken.append(start)
            yield start


def _busy(person: Attendee) -> list[Minutes]:
    """Busy times in whole minutes: what has begun within one counts from its beginning."""
    return [
        (_minute(since), -(-int(until.timestamp()) // 60))
        for since, until in person.busy or ()
        if since < until
    ]


def _hours(calendar: Calendar, begin: int, end: int) -> list[Minutes]:
    """Somebody's working hours around that time, a pair for each day, ascending."""
    first = _time(begin).astimezone(calendar.zone).date() - _DAY
    last = _time(end).astimezone(calendar.zone).date() + _DAY
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    opened = [_day(calendar, day) for day in days if calendar.works_on(day)]
    return [each for each in opened if each[0] < each[1]]


def _day(calendar: Calendar, day: date) -> Minutes:
    opens, closes = calendar.settings.hour, calendar.settings.until
    # By the wall, so that a day on which the clocks change is as long as people say it is.
    midnight = datetime.combine(day, time(), calendar.zone)
    since = midnight.replace(hour=opens)
    until = (
        midnight.replace(hour=closes) if closes < 24 else datetime.combine(day + _DAY, time(), calendar.zone)
    )
    return _minute(since), _minute(until)


def _minute(when: datetime) -> int:
    return int(when.timestamp()) // 60


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)

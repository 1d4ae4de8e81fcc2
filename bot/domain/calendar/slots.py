"""When people can meet: a rule of their busy times, working hours, zones and days off.

Starts lie on quarter hours. Of all starts those come first that miss the fewest people who have to be there,
then the fewest of the others, then those least far beyond working hours, then the earliest. Whose calendar
can't be read is unknown, never free: they are named, and count neither way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from operator import add

from bot.domain.kit.working_days import Calendar

Interval = tuple[datetime, datetime]
"""From, and until (exclusive); aware, UTC."""
Minutes = tuple[int, int]
"""The same in whole minutes since 1970."""
Mask = bytearray
"""A byte for each start: 1 where something is so."""
GRID = 15
"""Minutes between two starts; the offset of every zone in use is a multiple of it."""
_FARTHEST = 12 * 60
"""Minutes beyond somebody's hours from which on it makes no difference how far."""
_DAY, _STEP = timedelta(days=1), timedelta(minutes=GRID)


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
    but: datetime | None = None
    """A start that isn't wanted: that of the meeting that is moved."""


def find_slots(attendees: Sequence[Attendee], search: Search, count: int = 3, skip: int = 0) -> list[Slot]:
    """The best times, best first, none of them overlapping another; the first ``skip`` are left out."""
    people, length = _each_once(attendees), search.minutes
    starts = _starts(search)
    if not people or not starts or length <= 0:
        return []
    unwanted = _minute(search.but) if search.but else None
    ranked = (start for start in _ranked(people, starts, length) if start != unwanted)
    chosen = islice(_apart(ranked, length), skip, skip + count)
    return [slot_at(people, _time(start), length) for start in chosen]


def slot_at(attendees: Sequence[Attendee], start: datetime, minutes: int) -> Slot:
    """What a time means for everybody."""
    people, end = _each_once(attendees), start + timedelta(minutes=minutes)
    works = {calendar: _fits(calendar, start, end) for calendar in _calendars(people)}
    busy, outside, unknown = list[str](), list[str](), list[str]()
    for each in people:
        if any(since < end and start < until and since < until for since, until in each.busy or ()):
            busy.append(each.id)
        elif not works[each.calendar]:
            outside.append(each.id)
        elif each.busy is None:
            unknown.append(each.id)
    return Slot(start, end, tuple(busy), tuple(outside), tuple(unknown))


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
    # Nothing known to be busy beside something that can't be read is not known to be free.
    known = (*(one.busy or ()), *(other.busy or ()))
    is_unknown = not known and None in (one.busy, other.busy)
    return replace(one, is_required=one.is_required or other.is_required, busy=None if is_unknown else known)


def _calendars(people: Iterable[Attendee]) -> Iterable[Calendar]:
    """Those that differ: most people share theirs with others, and it takes a while to read."""
    return dict.fromkeys(each.calendar for each in people)


def _starts(search: Search) -> range:
    """Every quarter hour at which it could begin, in minutes."""
    first = -int(-search.earliest.timestamp() // (GRID * 60)) * GRID
    last = int(search.latest.timestamp() // 60) - search.minutes
    return range(first, last + 1, GRID)


def _ranked(people: Sequence[Attendee], starts: range, length: int) -> Iterator[int]:
    """The starts, best first."""
    hours = {each: _hours(each, starts[0], starts[-1] + length) for each in _calendars(people)}
    taken = {each.id: _taken(each, starts, length) for each in people}
    required = [(each.calendar, taken[each.id]) for each in people if each.is_required]
    others = [(each.calendar, taken[each.id]) for each in people if not each.is_required]
    closed = {each: _closed(days, starts, length) for each, days in hours.items()}
    alike = defaultdict[tuple[int, int, int], list[int]](list)
    missing, busy = _missing(required, closed, starts), _sums((mask for _, mask in required), starts)
    for number, counts in enumerate(zip(missing, busy, _missing(others, closed, starts), strict=True)):
        alike[counts].append(number)
    beyond: list[int] = []
    for counts, numbers in sorted(alike.items()):
        # How far beyond hours takes the longest to tell, and matters only where somebody is.
        if counts[0] > counts[1]:
            beyond = beyond or _beyond(hours, required, starts, length)
            numbers.sort(key=beyond.__getitem__)
        yield from (starts[number] for number in numbers)


def _missing(
    taken: Iterable[tuple[Calendar, Mask]], closed: Mapping[Calendar, Mask], starts: range
) -> list[int]:
    """For each start, how many are busy or beyond their hours."""
    return _sums((_either(mask, closed[calendar]) for calendar, mask in taken), starts)


def _either(one: Mask, other: Mask) -> Mask:
    # As one long number: a hundred times faster than start by start.
    both = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return Mask(both.to_bytes(len(one), "little"))


def _sums(masks: Iterable[Mask], starts: range) -> list[int]:
    """For each start, of how many it is so."""
    left, total = iter(masks), [0] * len(starts)
    # Numbers of so many can be added as long ones, too: no byte runs over.
    while group := list(islice(left, 255)):
        added = sum(int.from_bytes(mask, "little") for mask in group)
        total = list(map(add, total, added.to_bytes(len(starts), "little")))
    return total


def _taken(person: Attendee, starts: range, length: int) -> Mask:
    """At which starts it would run into something else of theirs."""
    found, begin = Mask(len(starts)), _time(starts[0])
    end = begin + timedelta(minutes=length)
    for since, until in person.busy or ():
        if since < until:
            # Those that end after its beginning and begin before its end.
            _fill(found, (since - end) // _STEP + 1, -((begin - until) // _STEP), 1)
    return found


def _closed(days: Iterable[Minutes], starts: range, length: int) -> Mask:
    """At which starts it would not lie within the hours of one day."""
    found = Mask(b"\1") * len(starts)
    for since, until in days:
        _fill(found, _number(since, starts), _number(until - length + 1, starts), 0)
    return found


def _fill(mask: Mask, first: int, after: int, value: int) -> None:
    first, after = max(first, 0), min(after, len(mask))
    if first < after:
        mask[first:after] = bytes((value,)) * (after - first)


def _number(minute: int, starts: range) -> int:
    """Which start is the first from that minute on; before the first and after the last it counts on."""
    return -((starts[0] - minute) // GRID)


def _beyond(
    hours: Mapping[Calendar, Sequence[Minutes]],
    taken: Iterable[tuple[Calendar, Mask]],
    starts: range,
    length: int,
) -> list[int]:
    """For each start the minutes beyond people's hours, summed over those who aren't busy.

    A late hour is better than the middle of the night.
    """
    masks = defaultdict[Calendar, list[Mask]](list)
    for calendar, mask in taken:
        masks[calendar].append(mask)
    total = [0] * len(starts)
    for calendar, those in masks.items():
        far = _distances(hours[calendar], starts, length)
        free = (len(those) - busy for busy in _sums(those, starts))
        total = [known + each * number for known, each, number in zip(total, far, free, strict=True)]
    return total


def _distances(days: Iterable[Minutes], starts: range, length: int) -> list[int]:
    """For each start the minutes by which it begins too early or ends too late for the nearest day."""
    found = [_FARTHEST] * len(starts)
    for since, until in days:
        first = max(_number(since - _FARTHEST, starts), 0)
        after = max(_number(until - length + _FARTHEST, starts), 0)
        far = [max(since - start, start + length - until, 0) for start in starts[first:after]]
        found[first:after] = map(min, found[first:after], far)
    return found


def _apart(ranked: Iterable[int], length: int) -> Iterator[int]:
    """Starts in this order, without those that overlap an earlier one."""
    taken: list[int] = []
    for start in ranked:
        if all(abs(start - other) >= length for other in taken):
            taken.append(start)
            yield start


def _fits(calendar: Calendar, start: datetime, end: datetime) -> bool:
    """Whether a time lies within the hours of one day."""
    begin, stop = _minute(start), -int(-end.timestamp() // 60)
    return any(since <= begin and stop <= until for since, until in _hours(calendar, begin, stop))


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

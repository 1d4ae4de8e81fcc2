"""Find times when people can meet, from their busy times, working hours, time zones and days off.

Meetings start on quarter hours. The best start costs the people who must attend the least, then misses the
fewest of the others, then is the earliest. A start costs somebody nothing within their working hours, more
the farther it lies outside them, and the most if they are busy: an hour too late for two people is better
than the middle of the night for one. A calendar that can't be read is unknown, never free: its owner is
named, and counts neither way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from operator import add

from bot.domain.kit.working_days import WorkingCalendar

Interval = tuple[datetime, datetime]
"""Start and end (exclusive); aware, in UTC."""
Minutes = tuple[int, int]
"""Start and end in whole minutes since 1970."""
Mask = bytearray
"""One byte per start: 1 where the condition holds."""
GRID = 15
"""Minutes between two starts. The offsets of all time zones in use are multiples of it."""
_FARTHEST = 12 * 60
"""From this many minutes outside somebody's hours, it no longer matters how far outside a start is."""
_OUTSIDE = 120**2
"""What it costs to be outside somebody's hours at all; the square of the minutes comes on top. So it is
better to bother two people a little than one by more than two or three hours."""
_BUSY = _OUTSIDE + _FARTHEST**2
_DAY, _STEP = timedelta(days=1), timedelta(minutes=GRID)


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person who is to attend."""

    id: str
    calendar: WorkingCalendar
    """Their time zone, working hours and days off."""
    is_required: bool = True
    busy: tuple[Interval, ...] | None = ()
    """In any order, may overlap; ``None`` if their calendar can't be read."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to meet (UTC) and who can't make it; ids are in the order in which people were given."""

    start: datetime
    end: datetime
    busy: tuple[str, ...] = ()
    """People who are busy then."""
    outside: tuple[str, ...] = ()
    """People who aren't busy, but for whom it is outside working hours."""
    unknown: tuple[str, ...] = ()
    """People whose calendar can't be read, and for whom it is within working hours."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Everybody who can't make it."""
        return self.busy + self.outside


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; nothing may start before ``earliest`` or end after ``latest`` (UTC)."""

    minutes: int
    earliest: datetime
    latest: datetime
    but: datetime | None = None
    """A start to leave out: that of the meeting that is being moved."""


def find_slots(attendees: Sequence[Attendee], search: Search, count: int = 3, skip: int = 0) -> list[Slot]:
    """The best ``count`` slots after the first ``skip``, best first, none overlapping another."""
    people, length = _each_once(attendees), search.minutes
    starts = _starts(search)
    if not people or not starts or length <= 0:
        return []
    unwanted = _minute(search.but) if search.but else None
    ranked = (start for start in _ranked(people, starts, length) if start != unwanted)
    chosen = islice(_apart(ranked, length), skip, skip + count)
    return [slot_at(people, _time(start), length) for start in chosen]


def slot_at(attendees: Sequence[Attendee], start: datetime, minutes: int) -> Slot:
    """This time as a slot, which says whom it doesn't suit."""
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
    """The busy times without ``own``, so that a meeting that is being moved doesn't block itself."""
    left: list[Interval] = []
    for since, until in busy:
        left += [(since, min(until, own[0])), (max(since, own[1]), until)]
    return tuple((since, until) for since, until in left if since < until)


def _each_once(attendees: Sequence[Attendee]) -> list[Attendee]:
    """Each person once, required people first.

    Somebody given twice is busy at all times of both, and required if either says so.
    """
    found: dict[str, Attendee] = {}
    for each in attendees:
        known = found.get(each.id)
        found[each.id] = _united(known, each) if known else each
    return sorted(found.values(), key=lambda person: not person.is_required)


def _united(one: Attendee, other: Attendee) -> Attendee:
    # No busy times next to a calendar that can't be read doesn't mean free.
    known = (*(one.busy or ()), *(other.busy or ()))
    is_unknown = not known and None in (one.busy, other.busy)
    return replace(one, is_required=one.is_required or other.is_required, busy=None if is_unknown else known)


def _calendars(people: Iterable[Attendee]) -> Iterable[WorkingCalendar]:
    """Each calendar once: most people share theirs with others, and reading one is slow."""
    return dict.fromkeys(each.calendar for each in people)


def _starts(search: Search) -> range:
    """Every quarter hour at which a meeting could start, in minutes since 1970."""
    first = -int(-search.earliest.timestamp() // (GRID * 60)) * GRID
    last = _minute(search.latest) - search.minutes
    return range(first, last + 1, GRID)


def _ranked(people: Sequence[Attendee], starts: range, length: int) -> Iterator[int]:
    """The starts, best first."""
    hours = {each: _hours(each, starts[0], starts[-1]) for each in _calendars(people)}
    taken = {each.id: _taken(each, starts, length) for each in people}
    required = [(each.calendar, taken[each.id]) for each in people if each.is_required]
    others = [(each.calendar, taken[each.id]) for each in people if not each.is_required]
    closed = {each: _closed(days, starts, length) for each, days in hours.items()}
    missing, busy = _missing(required, closed, starts), _sums((mask for _, mask in required), starts)
    counts = list(zip(missing, busy, _missing(others, closed, starts), strict=True))
    free, rest = list[int](), list[int]()
    for number, absent in enumerate(missing):
        (rest if absent else free).append(number)
    yield from (starts[number] for number in sorted(free, key=counts.__getitem__))
    # The costs are the slowest part, and are needed only where somebody who must attend can't.
    costs = _costs(hours, required, starts, length) if rest else []
    yield from (starts[number] for number in sorted(rest, key=lambda each: (costs[each], counts[each])))


def _missing(
    taken: Iterable[tuple[WorkingCalendar, Mask]], closed: Mapping[WorkingCalendar, Mask], starts: range
) -> list[int]:
    """For each start, how many people are busy or outside their working hours."""
    return _sums((_either(mask, closed[calendar]) for calendar, mask in taken), starts)


def _either(one: Mask, other: Mask) -> Mask:
    # Combined as one big integer: a hundred times faster than one by one.
    both = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return Mask(both.to_bytes(len(one), "little"))


def _sums(masks: Iterable[Mask], starts: range) -> list[int]:
    """For each start, the number of masks in which it is set."""
    left, total = iter(masks), [0] * len(starts)
    # Up to 255 masks can be added as big integers too, because no byte overflows.
    while group := list(islice(left, 255)):
        added = sum(int.from_bytes(mask, "little") for mask in group)
        total = list(map(add, total, added.to_bytes(len(starts), "little")))
    return total


def _taken(person: Attendee, starts: range, length: int) -> Mask:
    """The starts at which a meeting would overlap one of the person's busy times."""
    found, begin = Mask(len(starts)), _time(starts[0])
    end = begin + timedelta(minutes=length)
    for since, until in person.busy or ():
        if since < until:
            # All starts at which the meeting would end after the busy time begins and begin before it ends.
            _fill(found, (since - end) // _STEP + 1, -((begin - until) // _STEP), 1)
    return found


def _closed(days: Iterable[Minutes], starts: range, length: int) -> Mask:
    """The starts at which a meeting wouldn't fit within the hours of a single day."""
    found = Mask(b"\1") * len(starts)
    for since, until in days:
        _fill(found, _number(since, starts), _number(until - length + 1, starts), 0)
    return found


def _fill(mask: Mask, first: int, after: int, value: int) -> None:
    first, after = max(first, 0), min(after, len(mask))
    if first < after:
        mask[first:after] = bytes((value,)) * (after - first)


def _number(minute: int, starts: range) -> int:
    """Index of the first start from that minute on; may be negative or beyond the last."""
    return -((starts[0] - minute) // GRID)


def _costs(
    hours: Mapping[WorkingCalendar, Sequence[Minutes]],
    taken: Iterable[tuple[WorkingCalendar, Mask]],
    starts: range,
    length: int,
) -> list[int]:
    """For each start, what it costs these people together."""
    masks = defaultdict[WorkingCalendar, list[Mask]](list)
    for calendar, mask in taken:
        masks[calendar].append(mask)
    total = [0] * len(starts)
    for calendar, those in masks.items():
        far = _distances(hours[calendar], starts, length)
        outside = [_OUTSIDE + minutes * minutes if minutes else 0 for minutes in far]
        total = [
            known + _BUSY * busy + each * (len(those) - busy)
            for known, each, busy in zip(total, outside, _sums(those, starts), strict=True)
        ]
    return total


def _distances(days: Iterable[Minutes], starts: range, length: int) -> list[int]:
    """For each start, by how many minutes a meeting begins too early or ends too late on the nearest day."""
    found = [_FARTHEST] * len(starts)
    for since, until in days:
        first = max(_number(since - _FARTHEST, starts), 0)
        after = max(_number(until - length + _FARTHEST, starts), 0)
        far = [max(since - start, start + length - until, 0) for start in starts[first:after]]
        found[first:after] = map(min, found[first:after], far)
    return found


def _apart(ranked: Iterable[int], length: int) -> Iterator[int]:
    """The starts in this order, without those that overlap an earlier one."""
    taken: list[int] = []
    for start in ranked:
        if all(abs(start - other) >= length for other in taken):
            taken.append(start)
            yield start


def _fits(calendar: WorkingCalendar, start: datetime, end: datetime) -> bool:
    """Whether a time is within the working hours of a single day."""
    begin, stop = _minute(start), -int(-end.timestamp() // 60)
    return any(since <= begin and stop <= until for since, until in _hours(calendar, begin, stop))


def _hours(calendar: WorkingCalendar, begin: int, end: int) -> list[Minutes]:
    """The working hours around that time, a pair per day, ascending."""
    first = _time(begin).astimezone(calendar.zone).date() - _DAY
    last = _time(end).astimezone(calendar.zone).date() + _DAY
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    opened = [_day(calendar, day) for day in days if calendar.works_on(day)]
    return [each for each in opened if each[0] < each[1]]


def _day(calendar: WorkingCalendar, day: date) -> Minutes:
    opens, closes = calendar.settings.hour, calendar.settings.until
    # In wall-clock time, so that on a day when the clocks change, working hours still start and end when
    # people expect it.
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

"""When people can meet, against a reference that looks at every quarter hour of everybody."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.reminders import Calendar, ReminderSettings
from bot.domain.slots import Attendee, Interval, Search, Slot, find_slots, slot_at, without

HOLIDAY = date(2026, 10, 28)
QUARTER = timedelta(minutes=15)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "UTC",
)
CHANGES = (
    datetime(2026, 10, 24, tzinfo=UTC),  # Berlin goes back on the 25th
    datetime(2027, 3, 27, tzinfo=UTC),  # and on again on the 28th
    datetime(2027, 3, 13, tzinfo=UTC),  # New York on the 14th
    datetime(2027, 4, 2, tzinfo=UTC),  # Lord Howe, half an hour back
)


def is_holiday(day: date) -> bool:
    return day == HOLIDAY


def hours(zone: str = "UTC", **values: object) -> Calendar:
    return Calendar(ReminderSettings(**values), ZoneInfo(zone), is_holiday)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(first: str, last: str) -> Interval:
    return at(first), at(last)


def search(first: str, last: str, minutes: int = 30) -> Search:
    return Search(minutes, at(first), at(last))


# The reference: as naive as possible, and slow.


def works(person: Attendee, slot: Interval) -> bool:
    return any(start <= slot[0] and slot[1] <= end for start, end in working_days(person, slot))


def working_days(person: Attendee, slot: Interval) -> list[Interval]:
    known, found = person.calendar, []
    local = slot[0].astimezone(known.zone).date()
    for offset in range(-16, 17):
        day = local + timedelta(days=offset)
        start = datetime.combine(day, time(known.settings.hour), known.zone).astimezone(UTC)
        last, clock = (
            (day + timedelta(days=1), 0) if known.settings.until == 24 else (day, known.settings.until)
        )
        end = datetime.combine(last, time(clock), known.zone).astimezone(UTC)
        if known.works_on(day) and start < end:
            found.append((start, end))
    return found


def is_busy(person: Attendee, slot: Interval) -> bool:
    return any(
        start < end and slot[0] < up(end) and down(start) < slot[1] for start, end in person.busy or ()
    )


def up(when: datetime) -> datetime:
    rest = timedelta(seconds=when.second, microseconds=when.microsecond)
    return when + timedelta(minutes=1) - rest if rest else when


def down(when: datetime) -> datetime:
    return when.replace(second=0, microsecond=0)


def beyond(person: Attendee, slot: Interval, window: Interval) -> int:
    """Minutes outside of the nearest day's hours, of the days around the window."""
    near = [
        each
        for each in working_days(person, slot)
        if window[0].astimezone(person.calendar.zone).date() - timedelta(days=1)
        <= each[0].astimezone(person.calendar.zone).date()
        <= window[1].astimezone(person.calendar.zone).date() + timedelta(days=1)
    ]
    early_or_late = (max(start - slot[0], slot[1] - end, timedelta()) for start, end in near)
    return int(min(early_or_late, default=timedelta(hours=12)).total_seconds() // 60)


def reference(people: list[Attendee], asked: Search, count: int, skip: int) -> list[datetime]:
    length, candidates = timedelta(minutes=asked.minutes), []
    start = at("2026-01-01")
    while start < asked.earliest:
        start += timedelta(days=1)
    start -= timedelta(days=1)
    while start < asked.earliest:
        start += QUARTER
    first, moments = start, []
    while start + length <= asked.latest:
        moments.append(start)
        start += QUARTER
    for moment in moments:
        slot = (moment, moment + length)
        required = [p for p in people if p.is_required and (is_busy(p, slot) or not works(p, slot))]
        busy = [p for p in required if is_busy(p, slot)]
        others = [p for p in people if not p.is_required and (is_busy(p, slot) or not works(p, slot))]
        window = (first, moments[-1] + length)
        far = 0
        if len(required) > len(busy):
            far = sum(beyond(p, slot, window) for p in people if p.is_required)
        candidates.append((len(required), len(busy), len(others), far, moment))
    taken: list[datetime] = []
    for *_, moment in sorted(candidates):
        if all(abs(moment - other) >= length for other in taken):
            taken.append(moment)
    return taken[skip : skip + count]


@st.composite
def attendees(draw: st.DrawFn, begin: datetime) -> list[Attendee]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        spans = draw(st.lists(st.tuples(st.integers(-60, 60 * 70), st.integers(-30, 300)), max_size=8))
        busy = tuple((begin + timedelta(minutes=a), begin + timedelta(minutes=a + b)) for a, b in spans)
        known = draw(st.booleans())
        values = {
            "hour": draw(st.sampled_from([0, 8, 9])),
            "until": draw(st.sampled_from([8, 12, 17, 18, 24])),
            "working_days": draw(st.sampled_from([(0, 1, 2, 3, 4), (5, 6), tuple(range(7))])),
        }
        zone = draw(st.sampled_from(ZONES))
        is_required = draw(st.booleans())
        found.append(Attendee(f"U{number}", hours(zone, **values), is_required, busy if known else None))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Attendee], Search]:
    begin = draw(st.sampled_from(CHANGES))
    earliest = begin + timedelta(minutes=draw(st.integers(0, 300)))
    latest = earliest + timedelta(minutes=draw(st.integers(30, 50 * 60)))
    return draw(attendees(begin)), Search(draw(st.sampled_from([15, 30, 45, 60])), earliest, latest)


@given(cases(), st.integers(1, 4), st.integers(0, 4))
@settings(max_examples=60)
def test_it_finds_what_looking_at_every_quarter_hour_finds(
    case: tuple[list[Attendee], Search], count: int, skip: int
) -> None:
    people, asked = case
    assert [each.start for each in find_slots(people, asked, count, skip)] == reference(
        people, asked, count, skip
    )


@given(cases())
@settings(max_examples=60)
def test_a_slot_says_truly_who_can_not_make_it(case: tuple[list[Attendee], Search]) -> None:
    people, asked = case
    found = find_slots(people, asked, 6)
    for slot in found:
        span = (slot.start, slot.end)
        assert slot.end - slot.start == timedelta(minutes=asked.minutes)
        assert asked.earliest <= slot.start and slot.end <= asked.latest
        for person in people:
            assert (person.id in slot.busy) is is_busy(person, span)
            assert (person.id in slot.outside) is (not is_busy(person, span) and not works(person, span))
            assert (person.id in slot.unknown) is (person.busy is None and works(person, span))
    assert all(a is b or a.end <= b.start or b.end <= a.start for a in found for b in found)


@given(cases())
@settings(max_examples=30)
def test_the_order_of_busy_times_makes_no_difference(case: tuple[list[Attendee], Search]) -> None:
    people, asked = case
    shuffled = [
        Attendee(p.id, p.calendar, p.is_required, None if p.busy is None else tuple(reversed(p.busy)))
        for p in people
    ]
    assert find_slots(people, asked) == find_slots(shuffled, asked) == find_slots(people, asked)


def test_the_earliest_time_at_which_everybody_is_free_comes_first() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00", "2026-10-26 10:05"),))
    ben = Attendee("BEN", hours(), busy=(between("2026-10-26 11:00", "2026-10-26 17:45"),))
    found = find_slots([ana, ben], search("2026-10-26", "2026-10-28"))
    assert [f"{each.start:%d %H:%M}" for each in found] == ["26 10:15", "27 09:00", "27 09:30"]
    assert not any(each.missing for each in found)


def test_others_come_after_those_who_have_to_be_there() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00", "2026-10-26 12:00"),))
    emi = Attendee("EMI", hours(), is_required=False, busy=(between("2026-10-26 12:00", "2026-10-26 18:00"),))
    found = find_slots([emi, ana], search("2026-10-26", "2026-10-27"), 1)
    assert found == [Slot(at("2026-10-26 12:00"), at("2026-10-26 12:30"), busy=("EMI",))]


def test_where_nobody_is_free_at_once_it_says_who_is_missing() -> None:
    tokyo, new_york = Attendee("EMI", hours("Asia/Tokyo")), Attendee("ANA", hours("America/New_York"))
    (found,) = find_slots([tokyo, new_york], search("2026-10-26", "2026-10-28"), 1)
    # Six in the evening in Tokyo is five in the morning in New York; nine there is ten at night in Tokyo.
    assert found.missing and len(found.missing) == 1
    assert 0 < len(found.outside) < 2


def test_nobody_is_woken_at_three_where_the_evening_would_do() -> None:
    tokyo, berlin = Attendee("EMI", hours("Asia/Tokyo")), Attendee("DARA", hours("Europe/Berlin"))
    (found,) = find_slots([tokyo, berlin], search("2026-10-26", "2026-10-28"), 1)
    local = {each: found.start.astimezone(ZoneInfo(each)).hour for each in ("Asia/Tokyo", "Europe/Berlin")}
    assert 7 <= local["Europe/Berlin"] <= 18 and 8 <= local["Asia/Tokyo"] <= 18


def test_a_calendar_that_can_not_be_read_is_unknown_and_not_free() -> None:
    (found,) = find_slots([Attendee("BEN", hours(), busy=None)], search("2026-10-26", "2026-10-27"), 1)
    assert (found.unknown, found.missing) == (("BEN",), ())


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        ("2027-03-27", "08:00"),
        ("2027-03-28", "07:00"),
        ("2027-03-29", "07:00"),
        ("2026-10-24", "07:00"),
        ("2026-10-25", "08:00"),
        ("2026-10-26", "08:00"),
    ],
)
def test_nine_in_berlin_is_nine_on_either_side_of_a_change_of_clocks(day: str, opens: str) -> None:
    dara = Attendee("DARA", hours("Europe/Berlin", working_days=tuple(range(7))))
    (found,) = find_slots([dara], search(day, f"{day} 23:00"), 1)
    assert f"{found.start:%H:%M}" == opens


def test_days_off_are_no_days_to_meet() -> None:
    (found,) = find_slots([Attendee("ANA", hours())], search("2026-10-28", "2026-10-30"), 1)
    assert found.start == at("2026-10-29 09:00")


def test_a_window_of_one_slot_holds_one_slot() -> None:
    ana = [Attendee("ANA", hours())]
    assert len(find_slots(ana, search("2026-10-26 09:00", "2026-10-26 09:30"))) == 1
    assert not find_slots(ana, search("2026-10-26 09:00", "2026-10-26 09:29"))
    assert not find_slots(ana, search("2026-10-26 09:30", "2026-10-26 09:00"))
    assert not find_slots(ana, search("2026-10-26", "2026-10-27", minutes=0))
    assert not find_slots([], search("2026-10-26", "2026-10-27"))


def test_whoever_is_given_twice_counts_once() -> None:
    once = Attendee(
        "ANA", hours(), is_required=False, busy=(between("2026-10-26 09:00", "2026-10-26 10:00"),)
    )
    again = Attendee("ANA", hours(), busy=None)
    (found,) = find_slots([once, again], search("2026-10-26 09:00", "2026-10-26 09:30"), 1)
    assert found.busy == ("ANA",)


def test_whoever_never_works_is_always_outside() -> None:
    (found,) = find_slots([Attendee("ANA", hours(until=9))], search("2026-10-26", "2026-10-27"), 1)
    assert found.outside == ("ANA",)


def test_a_meeting_that_is_moved_does_not_stand_in_its_own_way() -> None:
    busy = (between("2026-10-26 09:00", "2026-10-26 12:00"),)
    own = between("2026-10-26 10:00", "2026-10-26 10:30")
    assert without(busy, own) == (
        between("2026-10-26 09:00", "2026-10-26 10:00"),
        between("2026-10-26 10:30", "2026-10-26 12:00"),
    )
    assert without((own,), own) == ()
    assert without(busy, between("2026-10-27 09:00", "2026-10-27 10:00")) == busy


def test_a_given_time_is_looked_at_as_those_that_are_found() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00:30", "2026-10-26 09:10"),))
    assert slot_at([ana], at("2026-10-26 09:00"), 30).busy == ("ANA",)
    assert slot_at([ana], at("2026-10-26 09:10"), 30).missing == ()
    assert slot_at([ana], at("2026-10-26 17:45"), 30).outside == ("ANA",)

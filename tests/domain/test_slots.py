"""When people can meet, compared with a reference that checks every quarter of an hour for everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar.slots import Attendee, Interval, Search, Slot, find_slots, slot_at, without
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.settings import ReminderSettings

HOLIDAY = date(2026, 10, 28)
EVERY_DAY = tuple(range(7))
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
    datetime(2026, 10, 24, tzinfo=UTC),  # Berlin's clocks go back on the 25th
    datetime(2027, 3, 27, tzinfo=UTC),  # and forward on the 28th
    datetime(2027, 3, 13, tzinfo=UTC),  # New York's go forward on the 14th
    datetime(2027, 4, 2, tzinfo=UTC),  # Lord Howe's go back half an hour
)


def is_holiday(day: date) -> bool:
    return day == HOLIDAY


def hours(zone: str = "UTC", **values: object) -> WorkingCalendar:
    return WorkingCalendar(ReminderSettings(**values), ZoneInfo(zone), is_holiday)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(first: str, last: str) -> Interval:
    return at(first), at(last)


def search(first: str, last: str, minutes: int = 30) -> Search:
    return Search(minutes, at(first), at(last))


# The reference: as naive as possible, and slow. It compares points in time, and has no minutes or masks.


def works(person: Attendee, slot: Interval) -> bool:
    return any(start <= slot[0] and slot[1] <= end for start, end in working_days(person, slot))


def working_days(person: Attendee, slot: Interval) -> list[Interval]:
    known, found = person.calendar, []
    local = slot[0].astimezone(known.zone).date()
    for offset in range(-2, 3):
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
    return any(start < end and start < slot[1] and slot[0] < end for start, end in person.busy or ())


def beyond(person: Attendee, slot: Interval) -> float:
    """By how many hours it begins too early or ends too late for their nearest day: twelve at most."""
    days = working_days(person, slot)
    far = min([timedelta(hours=12), *(max(start - slot[0], slot[1] - end) for start, end in days)])
    return far / timedelta(hours=1)


def means(people: list[Attendee], slot: Interval) -> Slot:
    people = sorted(people, key=lambda person: not person.is_required)
    busy = [person for person in people if is_busy(person, slot)]
    outside = [person for person in people if person not in busy and not works(person, slot)]
    unknown = [person for person in people if person.busy is None and person not in outside]
    return Slot(*slot, *(tuple(person.id for person in those) for those in (busy, outside, unknown)))


def rank(people: list[Attendee], slot: Slot) -> tuple[float, int, int, int, datetime]:
    required = [person for person in people if person.is_required]
    busy = [person for person in required if person.id in slot.busy]
    outside = [person for person in required if person.id in slot.outside]
    far = [12.0 for _ in busy] + [beyond(person, (slot.start, slot.end)) for person in outside]
    missing = len(busy) + len(outside)
    cost = sum(4 + each**2 for each in far)
    return cost, missing, len(busy), len(slot.missing) - missing, slot.start


def every_quarter_hour(people: list[Attendee], asked: Search) -> list[Slot]:
    start, found = asked.earliest.replace(hour=0, minute=0, second=0, microsecond=0), []
    while (end := start + timedelta(minutes=asked.minutes)) <= asked.latest:
        if start >= asked.earliest:
            found.append(means(people, (start, end)))
        start += QUARTER
    return found


def overlap(one: Slot, other: Slot) -> bool:
    return one.start < other.end and other.start < one.end


def reference(people: list[Attendee], asked: Search, count: int, skip: int) -> list[Slot]:
    found: list[Slot] = []
    for slot in sorted(every_quarter_hour(people, asked), key=lambda slot: rank(people, slot)):
        if not any(overlap(slot, other) for other in found):
            found.append(slot)
    return found[skip : skip + count]


@st.composite
def attendees(draw: st.DrawFn, begin: datetime) -> list[Attendee]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        spans = draw(st.lists(st.tuples(st.integers(-60, 60 * 70), st.integers(-30, 300)), max_size=8))
        odd = timedelta(seconds=draw(st.sampled_from([0, 0, 1, 30.5])))
        busy = tuple((begin + timedelta(minutes=a) - odd, begin + timedelta(minutes=a + b)) for a, b in spans)
        known = draw(st.booleans())
        values = {
            "hour": draw(st.sampled_from([0, 8, 9])),
            "until": draw(st.sampled_from([8, 12, 17, 18, 24])),
            "working_days": draw(st.sampled_from([(0, 1, 2, 3, 4), (5, 6), EVERY_DAY])),
            "days_off": draw(st.sampled_from([(), ((begin + timedelta(days=1)).date(),)])),
        }
        zone = draw(st.sampled_from(ZONES))
        is_required = draw(st.booleans())
        found.append(Attendee(f"U{number}", hours(zone, **values), is_required, busy if known else None))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Attendee], Search]:
    begin = draw(st.sampled_from(CHANGES))
    earliest = begin + timedelta(minutes=draw(st.integers(0, 300)))
    latest = earliest + timedelta(minutes=draw(st.integers(15, 60 * 60)))
    return draw(attendees(begin)), Search(draw(st.sampled_from([15, 30, 45, 60])), earliest, latest)


@given(cases(), st.integers(1, 4), st.integers(0, 4))
@settings(max_examples=300)
def test_it_finds_the_same_slots_as_checking_every_quarter_of_an_hour(
    case: tuple[list[Attendee], Search], count: int, skip: int
) -> None:
    people, asked = case
    assert find_slots(people, asked, count, skip) == reference(people, asked, count, skip)


@given(cases())
@settings(max_examples=60)
def test_a_slot_says_correctly_who_cannot_make_it(case: tuple[list[Attendee], Search]) -> None:
    people, asked = case
    found = find_slots(people, asked, 6)
    for slot in found:
        span = (slot.start, slot.end)
        assert slot.end - slot.start == timedelta(minutes=asked.minutes)
        assert asked.earliest <= slot.start and slot.end <= asked.latest
        assert slot.start.minute % 15 == slot.start.second == 0
        for person in people:
            assert (person.id in slot.busy) is is_busy(person, span)
            assert (person.id in slot.outside) is (not is_busy(person, span) and not works(person, span))
            assert (person.id in slot.unknown) is (person.busy is None and works(person, span))
    assert all(a is b or not overlap(a, b) for a in found for b in found)


@given(cases())
@settings(max_examples=40)
def test_no_other_time_costs_people_less_and_no_equally_good_one_is_earlier(
    case: tuple[list[Attendee], Search],
) -> None:
    people, asked = case
    costs = {each.start: rank(people, each)[0] for each in every_quarter_hour(people, asked)}
    found = find_slots(people, asked)
    ours = [costs[slot.start] for slot in found]
    assert ours[:1] == sorted(costs.values())[:1]
    assert ours == sorted(ours)
    free_for_all = [each.start for each in every_quarter_hour(people, asked) if not each.missing]
    assert [each.start for each in found[:1] if not each.missing] == free_for_all[:1]


@given(cases())
@settings(max_examples=40)
def test_the_order_of_busy_times_makes_no_difference(case: tuple[list[Attendee], Search]) -> None:
    people, asked = case
    shuffled = [replace(each, busy=each.busy and tuple(reversed(each.busy))) for each in people]
    assert find_slots(people, asked) == find_slots(shuffled, asked) == find_slots(people, asked)


@given(cases())
@settings(max_examples=40)
def test_empty_reversed_or_repeated_busy_times_make_no_difference(
    case: tuple[list[Attendee], Search],
) -> None:
    people, asked = case
    nothing = ((asked.latest, asked.earliest), (asked.earliest + QUARTER, asked.earliest + QUARTER))
    noisy = [
        replace(each, busy=(*each.busy, *nothing, *each.busy)) if each.busy is not None else each
        for each in people
    ]
    assert find_slots(noisy, asked) == find_slots(people, asked)


@given(cases())
@settings(max_examples=40)
def test_a_person_listed_twice_with_half_the_busy_times_each_is_one_person(
    case: tuple[list[Attendee], Search],
) -> None:
    people, asked = case
    halves = [replace(each, busy=each.busy and each.busy[::2]) for each in people]
    halves += [replace(each, busy=each.busy and each.busy[1::2], is_required=False) for each in people]
    assert find_slots(halves, asked) == find_slots(people, asked)


@given(cases(), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=40)
def test_other_times_continue_where_the_first_ones_ended(
    case: tuple[list[Attendee], Search], first: int, more: int
) -> None:
    people, asked = case
    pages = find_slots(people, asked, first) + find_slots(people, asked, more, skip=first)
    assert pages == find_slots(people, asked, first + more)


@given(cases())
@settings(max_examples=40)
def test_optional_people_make_no_time_worse_for_required_ones(
    case: tuple[list[Attendee], Search],
) -> None:
    people, asked = case
    required = [each for each in people if each.is_required]
    for both, alone in zip(find_slots(people, asked, 1), find_slots(required, asked, 1), strict=False):
        ids = {each.id for each in required}
        assert len(ids & {*both.missing}) == len(alone.missing)
        assert len(ids & {*both.busy}) == len(alone.busy)


def test_the_earliest_time_at_which_everybody_is_free_comes_first() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00", "2026-10-26 10:05"),))
    ben = Attendee("BEN", hours(), busy=(between("2026-10-26 11:00", "2026-10-26 17:45"),))
    found = find_slots([ana, ben], search("2026-10-26", "2026-10-28"))
    assert [f"{each.start:%d %H:%M}" for each in found] == ["26 10:15", "27 09:00", "27 09:30"]
    assert not any(each.missing for each in found)


def test_optional_people_come_after_required_ones() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00", "2026-10-26 12:00"),))
    emi = Attendee("EMI", hours(), is_required=False, busy=(between("2026-10-26 12:00", "2026-10-26 18:00"),))
    found = find_slots([emi, ana], search("2026-10-26", "2026-10-27"), 1)
    assert found == [Slot(at("2026-10-26 12:00"), at("2026-10-26 12:30"), busy=("EMI",))]


def test_if_people_are_never_all_free_it_says_who_is_missing() -> None:
    tokyo, new_york = Attendee("EMI", hours("Asia/Tokyo")), Attendee("ANA", hours("America/New_York"))
    (found,) = find_slots([tokyo, new_york], search("2026-10-26", "2026-10-28"), 1)
    # Half past five in the afternoon in New York, half past six in the morning in Tokyo.
    assert found == Slot(at("2026-10-26 21:30"), at("2026-10-26 22:00"), outside=("EMI",))
    # If Emi is optional, Ana's first half hour is as good as any.
    (found,) = find_slots(
        [replace(tokyo, is_required=False), new_york], search("2026-10-26", "2026-10-28"), 1
    )
    assert found == Slot(at("2026-10-26 13:00"), at("2026-10-26 13:30"), outside=("EMI",))


def test_a_time_outside_working_hours_is_better_than_a_busy_one() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00", "2026-10-26 18:00"),))
    (found,) = find_slots([ana], search("2026-10-26 12:00", "2026-10-26 19:00"), 1)
    assert found == Slot(at("2026-10-26 18:00"), at("2026-10-26 18:30"), outside=("ANA",))


def test_the_distance_from_working_hours_counts_only_for_people_who_are_not_busy() -> None:
    all_day = (between("2026-10-26 00:00", "2026-10-27 00:00"),)
    ana = Attendee("ANA", hours(hour=9, until=10))
    late = [Attendee(f"BEN{number}", hours(hour=20, until=21), busy=all_day) for number in range(2)]
    (found,) = find_slots([ana, *late], search("2026-10-26 10:00", "2026-10-26 20:00"), 1)
    assert found.start == at("2026-10-26 10:00")


def test_beyond_twelve_hours_the_distance_makes_no_difference() -> None:
    # Monday the 2nd comes closer until Saturday ends, and is still far away.
    mondays = Attendee("ANA", hours(working_days=(0,)))
    (found,) = find_slots([mondays], search("2026-10-29", "2026-11-01"), 1)
    assert found == Slot(at("2026-10-29"), at("2026-10-29 00:30"), outside=("ANA",))


def test_missing_people_are_listed_in_the_given_order_required_ones_first() -> None:
    busy = (between("2026-10-26 09:00", "2026-10-26 10:00"),)
    people = [
        Attendee("EMI", hours(), is_required=False, busy=busy),
        Attendee("DARA", hours(), busy=busy),
        Attendee("CAL", hours(hour=12)),
        Attendee("BEN", hours(), busy=None),
        Attendee("ANA", hours(), busy=busy),
    ]
    found = slot_at(people, at("2026-10-26 09:00"), 30)
    assert (found.busy, found.outside, found.unknown) == (("DARA", "ANA", "EMI"), ("CAL",), ("BEN",))
    assert found.missing == ("DARA", "ANA", "EMI", "CAL")


def test_nobody_is_woken_at_three_if_the_evening_would_do() -> None:
    tokyo, berlin = Attendee("EMI", hours("Asia/Tokyo")), Attendee("DARA", hours("Europe/Berlin"))
    (found,) = find_slots([tokyo, berlin], search("2026-10-26", "2026-10-28"), 1)
    local = {each: found.start.astimezone(ZoneInfo(each)).hour for each in ("Asia/Tokyo", "Europe/Berlin")}
    assert 7 <= local["Europe/Berlin"] <= 18 and 8 <= local["Asia/Tokyo"] <= 18


@pytest.mark.parametrize(
    "zones",
    [
        ("America/Los_Angeles", "Europe/London", "Asia/Tokyo"),
        ("America/New_York", "Europe/Berlin", "Asia/Kolkata"),
        ("America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe"),
        ("America/Los_Angeles", "America/Los_Angeles", "Europe/London", "Asia/Tokyo"),
    ],
)
def test_several_people_are_bothered_a_little_rather_than_one_at_night(zones: tuple[str, ...]) -> None:
    people = [Attendee(f"U{number}", hours(zone)) for number, zone in enumerate(zones)]
    (found,) = find_slots(people, search("2026-10-26", "2026-10-28"), 1)
    local = [found.start.astimezone(ZoneInfo(zone)) for zone in zones]
    assert all(5 <= each.hour < 22 for each in local), local


def test_one_person_a_little_outside_their_hours_is_better_than_two() -> None:
    two = [Attendee(f"U{number}", hours(hour=10)) for number in range(2)]
    one = Attendee("ONE", hours(hour=9, until=10))
    (found,) = find_slots([*two, one], search("2026-10-26 09:00", "2026-10-26 11:00"), 1)
    assert found == Slot(at("2026-10-26 10:00"), at("2026-10-26 10:30"), outside=("ONE",))


def test_of_two_equally_costly_times_the_one_with_fewer_people_missing_comes_first() -> None:
    # On Monday at half past four, two people are one and two hours late; on Tuesday at nine, the third is
    # three hours early, which costs the same.
    people = [
        Attendee("ANA", hours(hour=9, until=15)),
        Attendee("BEN", hours(hour=9, until=16)),
        Attendee("CHEN", hours(hour=12, until=18)),
    ]
    (found,) = find_slots(people, search("2026-10-26 16:30", "2026-10-27 09:30"), 1)
    assert found == Slot(at("2026-10-27 09:00"), at("2026-10-27 09:30"), outside=("CHEN",))


def test_a_meeting_never_ends_a_minute_after_work() -> None:
    window = search("2026-10-26 17:30", "2026-10-27 10:00", minutes=31)
    (found,) = find_slots([Attendee("ANA", hours())], window, 1)
    assert found == Slot(at("2026-10-27 09:00"), at("2026-10-27 09:31"))


def test_hundreds_of_busy_people_are_counted() -> None:
    busy = (between("2026-10-26 09:00", "2026-10-26 09:30"),)
    people = [Attendee(f"U{number}", hours(), busy=busy) for number in range(256)]
    (found,) = find_slots(people, search("2026-10-26 09:00", "2026-10-26 10:00"), 1)
    assert found == Slot(at("2026-10-26 09:30"), at("2026-10-26 10:00"))


def test_the_time_of_a_meeting_that_is_moved_is_not_proposed_again() -> None:
    ana, window = [Attendee("ANA", hours())], search("2026-10-26 09:00", "2026-10-26 10:00")
    starts = [each.start for each in find_slots(ana, replace(window, but=at("2026-10-26 09:00")))]
    assert starts == [at("2026-10-26 09:15")]
    assert [each.start for each in find_slots(ana, window)] == [
        at("2026-10-26 09:00"),
        at("2026-10-26 09:30"),
    ]


def test_far_in_the_east_the_next_morning_counts_although_it_is_two_days_on_in_utc() -> None:
    # It is one in the afternoon on the 28th; work starts at midnight, in eleven hours.
    kiritimati = Attendee("ANA", hours("Pacific/Kiritimati", hour=0, until=1, working_days=EVERY_DAY))
    (found,) = find_slots([kiritimati], search("2026-10-28 23:00", "2026-10-28 23:45", minutes=15), 1)
    assert found.start == at("2026-10-28 23:30")


def test_a_calendar_that_cannot_be_read_is_unknown_and_not_free() -> None:
    (found,) = find_slots([Attendee("BEN", hours(), busy=None)], search("2026-10-26", "2026-10-27"), 1)
    assert (found.unknown, found.missing) == (("BEN",), ())


def test_an_unreadable_calendar_is_unknown_only_within_working_hours() -> None:
    ben = Attendee("BEN", hours(), busy=None)
    assert slot_at([ben], at("2026-10-26 07:00"), 30).outside == ("BEN",)
    assert slot_at([ben], at("2026-10-26 07:00"), 30).unknown == ()


def test_a_meeting_may_directly_follow_or_precede_another() -> None:
    busy = (
        between("2026-10-26 08:00", "2026-10-26 10:00"),
        between("2026-10-26 10:30", "2026-10-26 18:00"),
    )
    (found,) = find_slots([Attendee("ANA", hours(), busy=busy)], search("2026-10-26", "2026-10-26 18:00"), 1)
    assert found == Slot(at("2026-10-26 10:00"), at("2026-10-26 10:30"))


@pytest.mark.parametrize(
    ("zone", "day", "opens"),
    [
        ("Europe/Berlin", "2027-03-27", "2027-03-27 08:00"),
        ("Europe/Berlin", "2027-03-28", "2027-03-28 07:00"),
        ("Europe/Berlin", "2027-03-29", "2027-03-29 07:00"),
        ("Europe/Berlin", "2026-10-24", "2026-10-24 07:00"),
        ("Europe/Berlin", "2026-10-25", "2026-10-25 08:00"),
        ("Europe/Berlin", "2026-10-26", "2026-10-26 08:00"),
        ("America/New_York", "2027-03-13", "2027-03-13 14:00"),
        ("America/New_York", "2027-03-14", "2027-03-14 13:00"),
        # Half an hour back on the 4th.
        ("Australia/Lord_Howe", "2027-04-03", "2027-04-02 22:00"),
        ("Australia/Lord_Howe", "2027-04-04", "2027-04-03 22:30"),
        ("Asia/Kolkata", "2026-10-26", "2026-10-26 03:30"),
        ("Asia/Kathmandu", "2026-10-26", "2026-10-26 03:15"),
    ],
)
def test_nine_is_nine_by_the_local_clock_anywhere_and_anytime(zone: str, day: str, opens: str) -> None:
    dara = Attendee("DARA", hours(zone, working_days=EVERY_DAY))
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    (found,) = find_slots([dara], Search(30, midnight, midnight + timedelta(hours=22)), 1)
    assert (found.start, found.missing) == (at(opens), ())
    assert slot_at([dara], found.start - QUARTER, 30).outside == ("DARA",)


@pytest.mark.parametrize(("day", "long"), [("2026-10-25", 4), ("2027-03-28", 2), ("2026-10-26", 3)])
def test_a_night_in_which_the_clocks_change_has_its_real_length(day: str, long: int) -> None:
    dara = Attendee("DARA", hours("Europe/Berlin", hour=1, until=4, working_days=EVERY_DAY))
    noon = at(f"{day} 12:00")
    found = find_slots([dara], Search(60, noon - timedelta(days=1), noon), 10)
    assert sum(not each.missing for each in found) == long


def test_a_day_may_last_until_midnight_but_no_meeting_continues_into_the_next() -> None:
    owl = [Attendee("ANA", hours(hour=0, until=24, working_days=EVERY_DAY))]
    assert slot_at(owl, at("2026-10-26 23:30"), 30).missing == ()
    assert slot_at(owl, at("2026-10-26 23:45"), 30).outside == ("ANA",)


def test_nobody_meets_on_days_off() -> None:
    # The 28th is a holiday, the 29th a day off.
    ana = Attendee("ANA", hours(days_off=(date(2026, 10, 29),)))
    (found,) = find_slots([ana], search("2026-10-28", "2026-10-31"), 1)
    assert found.start == at("2026-10-30 09:00")


def test_a_window_of_one_slot_holds_one_slot() -> None:
    ana = [Attendee("ANA", hours())]
    assert len(find_slots(ana, search("2026-10-26 09:00", "2026-10-26 09:30"))) == 1
    assert not find_slots(ana, search("2026-10-26 09:00", "2026-10-26 09:29"))
    assert not find_slots(ana, search("2026-10-26 09:01", "2026-10-26 09:44"))
    assert not find_slots(ana, search("2026-10-26 09:00:01", "2026-10-26 09:44:59"))
    assert not find_slots(ana, search("2026-10-26 09:30", "2026-10-26 09:00"))
    assert not find_slots(ana, search("2026-10-26", "2026-10-27", minutes=0))
    assert len(find_slots(ana, search("2026-10-26 09:00", "2026-10-26 09:01", minutes=1))) == 1
    assert not find_slots([], search("2026-10-26", "2026-10-27"))


def test_a_person_listed_twice_counts_once() -> None:
    once = Attendee(
        "ANA", hours(), is_required=False, busy=(between("2026-10-26 09:00", "2026-10-26 10:00"),)
    )
    again = Attendee("ANA", hours(), busy=None)
    (found,) = find_slots([once, again], search("2026-10-26 09:00", "2026-10-26 09:30"), 1)
    assert (found.busy, found.unknown) == (("ANA",), ())
    # She is required and so comes before Ben, who is optional.
    ben = Attendee("BEN", hours(), is_required=False, busy=once.busy)
    assert slot_at([ben, once, again], at("2026-10-26 09:00"), 30).busy == ("ANA", "BEN")
    # An empty calendar next to an unreadable one doesn't mean that she is free.
    assert slot_at([replace(once, busy=()), again], at("2026-10-26 09:00"), 30).unknown == ("ANA",)


def test_a_person_who_never_works_is_always_outside_working_hours() -> None:
    (found,) = find_slots([Attendee("ANA", hours(until=9))], search("2026-10-26", "2026-10-27"), 1)
    assert found.outside == ("ANA",)


def test_a_meeting_that_is_moved_does_not_block_itself() -> None:
    busy = (between("2026-10-26 09:00", "2026-10-26 12:00"),)
    own = between("2026-10-26 10:00", "2026-10-26 10:30")
    assert without(busy, own) == (
        between("2026-10-26 09:00", "2026-10-26 10:00"),
        between("2026-10-26 10:30", "2026-10-26 12:00"),
    )
    assert without((own,), own) == ()
    assert without((between("2026-10-28", "2026-10-29"), *busy), busy[0]) == (
        between("2026-10-28", "2026-10-29"),
    )
    assert without(busy, between("2026-10-27 09:00", "2026-10-27 10:00")) == busy


def test_a_picked_time_is_judged_like_the_ones_that_are_found() -> None:
    ana = Attendee("ANA", hours(), busy=(between("2026-10-26 09:00:30", "2026-10-26 09:10"),))
    assert slot_at([ana], at("2026-10-26 09:00"), 30).busy == ("ANA",)
    assert slot_at([ana], at("2026-10-26 09:10"), 30).missing == ()
    assert slot_at([ana], at("2026-10-26 17:45"), 30).outside == ("ANA",)
    assert slot_at([ana], at("2026-10-26 17:30:30"), 30).outside == ("ANA",)
    assert slot_at([ana], at("2026-10-26 17:30"), 30).missing == ()

"""The ladder of reminders: each rung at most once, in working hours, never when there is nothing to do."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.model import ActionItem, ActionItemStatus
from bot.domain.action_items.reminders import Rung, missed_rung, next_rung, rungs
from bot.domain.kit.working_days import WorkingCalendar, zone_of
from bot.domain.settings import ReminderSettings
from tests.support.examples import item

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "UTC")
HOLIDAY = date(2026, 12, 25)
SETTINGS = ReminderSettings()
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
zones = st.sampled_from(ZONES)
dates = st.dates(date(2026, 3, 2), date(2027, 12, 31))


def calendar_in(zone: str, settings: ReminderSettings = SETTINGS) -> WorkingCalendar:
    return WorkingCalendar(settings, ZoneInfo(zone), lambda day: day == HOLIDAY)


def within(found: ActionItem, calendar: WorkingCalendar, days: int = 120) -> list[Rung]:
    end = calendar.opening(found.due_date or date(2026, 3, 2)) + timedelta(days=days)
    return list(takewhile(lambda rung: rung.at < end, rungs(found, calendar, has_owner=True)))


def test_the_ladder_for_a_wednesday() -> None:
    found = within(item(due_date=date(2026, 3, 18)), calendar_in("UTC"), days=25)
    assert [(rung.name, f"{rung.at:%a %d %b %H}") for rung in found] == [
        # Those that would be on Sunday or Saturday move to before or after the weekend.
        ("-3", "Fri 13 Mar 09"),
        ("-1", "Tue 17 Mar 09"),
        ("0", "Wed 18 Mar 09"),
        ("1", "Thu 19 Mar 09"),
        ("3", "Mon 23 Mar 09"),
        ("7", "Wed 25 Mar 09"),
        ("14", "Wed 01 Apr 09"),
        ("21", "Wed 08 Apr 09"),
    ]


def test_reminders_on_one_morning_are_sent_once() -> None:
    # For an item due on Monday, one day before and three days before are both that Friday.
    names = [rung.name for rung in within(item(due_date=date(2026, 3, 16)), calendar_in("UTC"), days=5)]
    assert names == ["-1", "0", "1", "3"]


@given(dates, zones)
def test_nobody_is_reminded_at_night_or_on_a_day_off(due: date, zone: str) -> None:
    calendar = calendar_in(zone)
    for rung in within(item(due_date=due), calendar):
        local = rung.at.astimezone(ZoneInfo(zone))
        assert local.hour == SETTINGS.hour
        assert local.weekday() < 5
        assert local.date() != HOLIDAY


@given(dates, zones)
def test_rungs_come_once_each_and_in_order(due: date, zone: str) -> None:
    found = within(item(due_date=due), calendar_in(zone), days=400)
    times = [rung.at for rung in found]
    assert times == sorted(set(times))
    assert len({rung.name for rung in found}) == len(found)


@pytest.mark.parametrize("status", [ActionItemStatus.COMPLETED, ActionItemStatus.CANCELLED])
def test_a_completed_item_reminds_nobody(status: ActionItemStatus) -> None:
    found = item(due_date=date(2026, 3, 3), status=status)
    assert next_rung(found, calendar_in("UTC"), START, has_owner=True) is None
    assert missed_rung(found, calendar_in("UTC"), START + timedelta(days=90), has_owner=True) is None


@given(dates, zones, st.timedeltas(timedelta(), timedelta(days=200)))
def test_after_an_outage_only_the_latest_reminder_is_left(due: date, zone: str, away: timedelta) -> None:
    calendar, found = calendar_in(zone), item(due_date=due)
    now = START + away
    missed = missed_rung(found, calendar, now, has_owner=True)
    passed = [rung for rung in within(found, calendar, days=800) if START < rung.at <= now]
    assert missed == (passed[-1] if passed else None)


def test_a_snoozed_item_is_silent_until_that_morning() -> None:
    found = item(due_date=date(2026, 3, 10), snoozed_until=date(2026, 3, 12))
    first = next_rung(found, calendar_in("UTC"), START, has_owner=True)
    assert first
    assert (first.name, first.at.date()) == ("snooze", date(2026, 3, 12))


def names_of(
    found: ActionItem, *, has_owner: bool = True, settings: ReminderSettings = SETTINGS
) -> list[str]:
    """The first five reminders of an item."""
    every = rungs(found, calendar_in("UTC", settings), has_owner=has_owner)
    return [rung.name for rung in islice(every, 5)]


def test_after_a_snooze_the_ladder_continues_the_day_after() -> None:
    snoozed = item(due_date=date(2026, 3, 10), snoozed_until=date(2026, 3, 11))
    assert names_of(snoozed) == ["snooze", "3", "7", "14", "21"]


def test_a_day_off_that_an_item_is_snoozed_to_means_the_next_working_morning() -> None:
    snoozed = item(due_date=None, snoozed_until=date(2026, 3, 7))
    assert list(rungs(snoozed, calendar_in("UTC"), has_owner=True)) == [
        Rung("snooze", date(2026, 3, 7), datetime(2026, 3, 9, 9, tzinfo=UTC))
    ]


def test_the_question_for_an_owner_takes_its_place_among_the_reminders() -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    lost = item(assigned_to=None, assigned_at=friday, due_date=date(2026, 3, 11))
    assert names_of(lost, has_owner=False) == ["-3", "owner", "-1", "0", "1"]
    # On one morning, the reminder says everything.
    lost = replace(lost, due_date=date(2026, 3, 9))
    assert names_of(lost, has_owner=False) == ["-1", "0", "1", "3", "7"]
    assert names_of(replace(lost, due_date=None), has_owner=False) == ["owner"]


@pytest.mark.parametrize(
    ("ladder", "names"),
    [
        ((), ["7", "14", "21", "28", "35"]),
        ((-3,), ["-3", "7", "14", "21", "28"]),
        ((0, 2), ["0", "2", "9", "16", "23"]),
    ],
)
def test_after_the_ladder_a_reminder_comes_every_week(ladder: tuple[int, ...], names: list[str]) -> None:
    found = item(due_date=date(2026, 3, 18))
    assert names_of(found, settings=replace(SETTINGS, ladder=ladder)) == names


def test_a_reminder_for_after_the_due_date_is_never_moved_before_it() -> None:
    found = item(due_date=date(2026, 3, 20))
    calendar = calendar_in("UTC", replace(SETTINGS, ladder=(1,)))
    first = next(rungs(found, calendar, has_owner=True))
    assert (first.name, f"{first.at:%a %d}") == ("1", "Mon 23")


def test_reminders_stop_after_ten_years() -> None:
    every = list(rungs(item(due_date=date(2026, 3, 18)), calendar_in("UTC"), has_owner=True))
    # The last one waits for the one after it, which never comes.
    assert [int(rung.name) for rung in every[-2:]] == [3647, 3654]


def test_a_reminder_is_missed_from_its_minute_on_and_not_twice() -> None:
    calendar = calendar_in("UTC")
    found = item(due_date=date(2026, 3, 18), planned_after=START)
    first, second = islice(rungs(found, calendar, has_owner=True), 2)
    assert missed_rung(found, calendar, first.at - timedelta(seconds=1), has_owner=True) is None
    assert missed_rung(found, calendar, first.at, has_owner=True) == first
    assert missed_rung(replace(found, planned_after=first.at), calendar, first.at, has_owner=True) is None
    assert next_rung(found, calendar, first.at, has_owner=True) == second
    assert next_rung(found, calendar, START, has_owner=True) == first


def test_a_rung_knows_how_many_days_overdue_it_is() -> None:
    days = {name: Rung(name, date(2026, 3, 18), START).days_overdue for name in ("-3", "0", "14", "owner")}
    assert days == {"-3": -3, "0": 0, "14": 14, "owner": 0}


def test_reminders_are_sent_for_nine_hours_from_the_start_of_work() -> None:
    calendar, opening = calendar_in("UTC"), datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert not calendar.is_open(opening - timedelta(seconds=1))
    assert calendar.is_open(opening)
    assert calendar.is_open(opening + timedelta(hours=9, seconds=-1))
    assert not calendar.is_open(opening + timedelta(hours=9))
    assert not calendar.is_open(datetime(2026, 3, 7, 10, tzinfo=UTC))
    assert calendar.next_opening(opening) == opening + timedelta(days=1)
    assert calendar.next_opening(opening - timedelta(seconds=1)) == opening
    assert calendar_in("Asia/Kolkata").opening(opening.date()).tzinfo is UTC


def test_settings_without_a_working_day_end_the_search_after_a_year() -> None:
    never = calendar_in("UTC", replace(SETTINGS, working_days=()))
    assert never.first_from(date(2026, 3, 2)) == date(2027, 3, 3)
    assert never.last_until(date(2026, 3, 2)) == date(2025, 3, 1)


def test_without_an_owner_somebody_is_asked_the_next_working_morning() -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    first = next_rung(item(assigned_to=None, assigned_at=friday), calendar_in("UTC"), friday, has_owner=False)
    assert first == Rung("owner", date(2026, 3, 6), datetime(2026, 3, 9, 9, tzinfo=UTC))


@given(zones, st.timedeltas(timedelta(), timedelta(days=365)))
def test_the_next_opening_is_open(zone: str, on: timedelta) -> None:
    calendar, now = calendar_in(zone), START + on
    opening = calendar.next_opening(now)
    assert opening > now
    assert calendar.is_open(opening)
    assert not calendar.is_open(opening - timedelta(minutes=1))


def test_an_unknown_time_zone_means_the_workspaces() -> None:
    assert zone_of(None, "Asia/Tokyo") == ZoneInfo("Asia/Tokyo")
    assert zone_of("Moon/Base", "Asia/Tokyo") == ZoneInfo("Asia/Tokyo")
    assert zone_of("../etc/passwd", "no zone") == ZoneInfo("UTC")


def test_in_a_year_a_thousand_items_get_each_reminder_once_and_none_when_done() -> None:
    """A tick for each reminder, late after outages: clocks change twice, dates move, people finish."""
    chance = random.Random(1)  # noqa: S311 - no secret
    sent: dict[tuple[int, str, date], datetime] = {}
    for number in range(1000):
        _live_a_year(number, chance, lambda *what: _keep(sent, *what))
    assert len(sent) > 2000


def _keep(sent: dict[tuple[int, str, date], datetime], number: int, rung: Rung, now: datetime) -> bool:
    key = (number, rung.name, rung.on)
    if key in sent:
        return False
    sent[key] = now
    return True


def _live_a_year(number: int, chance: random.Random, send: Callable[[int, Rung, datetime], bool]) -> None:
    calendar = calendar_in(chance.choice(ZONES))
    due = date(2026, 3, 2) + timedelta(days=chance.randrange(300))
    found = item(id=number, due_date=due)
    done_at = START + timedelta(days=chance.randrange(365), hours=chance.randrange(24))
    moved_at = START + timedelta(days=chance.randrange(600))
    following = next_rung(found, calendar, START, has_owner=True)
    now = START
    while following and now < START + timedelta(days=365):
        # The bot looks when the next reminder is due, or when an outage ends.
        away = timedelta(hours=chance.randrange(100)) if chance.random() < 0.05 else timedelta()
        now = max(now, following.at) + away
        if now >= done_at:
            found = replace(found, status=ActionItemStatus.COMPLETED)
        elif now >= moved_at:
            found = replace(found, due_date=due + timedelta(days=40), planned_after=now)
            moved_at = datetime.max.replace(tzinfo=UTC)
        missed = missed_rung(found, calendar, now, has_owner=True)
        if missed and not calendar.is_open(now):
            now = calendar.next_opening(now)
            missed = missed_rung(found, calendar, now, has_owner=True)
        if missed and send(number, missed, now):
            assert calendar.is_open(now)
            assert now < done_at or found.is_to_do
        found = replace(found, planned_after=now)
        following = next_rung(found, calendar, now, has_owner=True)

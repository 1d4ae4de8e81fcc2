"""When somebody is reminded of a postmortem."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.postmortems.reminders import is_needed, reminder_at
from bot.domain.settings import ReminderSettings

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC")


def calendar_in(zone: str) -> WorkingCalendar:
    return WorkingCalendar(ReminderSettings(), ZoneInfo(zone), lambda day: day == date(2026, 12, 25))


def test_reminders_come_after_two_working_days_then_five_then_weekly() -> None:
    thursday = datetime(2026, 3, 5, 22, tzinfo=UTC)
    found = [reminder_at(thursday, number, calendar_in("UTC")) for number in range(1, 5)]
    assert [f"{at:%a %d %b %H}" for at in found] == [
        "Mon 09 Mar 09",
        "Thu 12 Mar 09",
        "Thu 19 Mar 09",
        "Thu 26 Mar 09",
    ]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - the zone follows
    st.integers(1, 20),
    st.sampled_from(ZONES),
)
def test_every_reminder_is_at_nine_on_a_working_day_and_later_than_the_previous_one(
    resolved: datetime, number: int, zone: str
) -> None:
    calendar, resolved = calendar_in(zone), resolved.replace(tzinfo=UTC)
    at = reminder_at(resolved, number, calendar)
    assert calendar.is_open(at)
    assert resolved < at < reminder_at(resolved, number + 1, calendar)


@pytest.mark.parametrize(("number", "begun", "needed"), [(1, False, True), (1, True, False), (2, True, True)])
def test_the_first_reminder_is_only_for_postmortems_that_have_not_been_started(
    number: int, begun: bool, needed: bool
) -> None:
    assert is_needed(number, has_begun=begun) is needed

"""Due phrases: what each one means, and what is asked when it's unclear."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.due import FURTHEST, check_due, due_date, hour_in, is_due, is_only_hour
from bot.domain.kit.errors import (
    BotError,
    DueAmbiguous,
    DuePassed,
    DueTooFar,
    DueUnknown,
    NoSuchDay,
    WrongWeekday,
)
from bot.views.kit.errors import sentence
from tests.support.examples import any_text, tried

TUESDAY = date(2026, 11, 24)
days = st.dates(date(2020, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("2026-12-24", "2026-12-24"),
        ("today", "2026-11-24"),
        ("EOD", "2026-11-24"),
        ("tomorrow", "2026-11-25"),
        ("friday", "2026-11-27"),
        ("on Mon.", "2026-11-30"),
        ("next friday", "2026-12-04"),
        ("next mon", "2026-11-30"),
        ("next week", "2026-11-30"),
        ("eow", "2026-11-27"),
        ("eom", "2026-11-30"),
        ("+3d", "2026-11-27"),
        ("+ 2w", "2026-12-08"),
        ("+1m", "2026-12-24"),
        ("in 2 weeks", "2026-12-08"),
        ("in a month", "2026-12-24"),
        ("in 1 day", "2026-11-25"),
        ("5 dec", "2026-12-05"),
        ("beginning of january", "2027-01-01"),
        ("mid-december", "2026-12-15"),
        ("middle of march 2028", "2028-03-15"),
        ("dec 5th", "2026-12-05"),
        ("5th December 2027", "2027-12-05"),
        ("1 feb", "2027-02-01"),
        ("29 feb 2028", "2028-02-29"),
        ("25/12", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("11.11.2027", "2027-11-11"),
        # Of two readings, one has passed.
        ("12/11", "2026-12-11"),
        ("5/12", "2026-12-05"),
        ("12/11/2026", "2026-12-11"),
        # Without a year, the next one is meant.
        ("5/5", "2027-05-05"),
        ("5 may", "2027-05-05"),
        ("13/1", "2027-01-13"),
        ("23 nov", "2027-11-23"),
        ("23.11.", "2027-11-23"),
        ("29 feb", "2028-02-29"),
        ("29/2", "2028-02-29"),
        ("end of may", "2027-05-31"),
        # With dots, the day comes first.
        ("1.2.", "2027-02-01"),
        ("1.2.27", "2027-02-01"),
        # A weekday decides between two readings.
        ("friday, 4/12", "2026-12-04"),
        ("fri 1/1/2027", "2027-01-01"),
        ("Friday 4 December", "2026-12-04"),
        # Words.
        ("in two weeks", "2026-12-08"),
        ("within two weeks", "2026-12-08"),
        ("two weeks from now", "2026-12-08"),
        ("in a fortnight", "2026-12-08"),
        ("in a week's time", "2026-12-01"),
        ("in a couple of days", "2026-11-26"),
        ("in 10 days", "2026-12-04"),
        ("in 3 business days", "2026-11-27"),
        ("in 5 working days", "2026-12-01"),
        ("a week from monday", "2026-12-07"),
        ("friday week", "2026-12-04"),
        ("the 5th", "2026-12-05"),
        ("25th", "2026-11-25"),
        ("the 31st", "2026-12-31"),
        ("5th of next month", "2026-12-05"),
        ("5th of may", "2027-05-05"),
        ("next month", "2026-12-01"),
        ("this month", "2026-11-30"),
        ("month end", "2026-11-30"),
        ("the end of the month", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("mid next month", "2026-12-16"),
        ("this week", "2026-11-27"),
        ("the end of next week", "2026-12-04"),
        ("early next week", "2026-11-30"),
        ("next week friday", "2026-12-04"),
        ("week after next", "2026-12-07"),
        ("end of quarter", "2026-12-31"),
        ("next quarter", "2027-01-01"),
        ("eoy", "2026-12-31"),
        ("day after tomorrow", "2026-11-26"),
        # Hours are ignored.
        ("friday 5pm", "2026-11-27"),
        ("5pm friday", "2026-11-27"),
        ("friday at 17:00 CET", "2026-11-27"),
        ("friday, end of day", "2026-11-27"),
        ("noon tomorrow", "2026-11-25"),
        ("tomorrow morning", "2026-11-25"),
        ("first thing monday", "2026-11-30"),
        ("2026-12-24T17:00", "2026-12-24"),
        ("tonight", "2026-11-24"),
        ("5pm", "2026-11-24"),
        ("on the 5th at 5pm", "2026-12-05"),
        ("in 2 hours", "2026-11-24"),
        ("in 48 hours", "2026-11-26"),
        # Other languages.
        ("freitag", "2026-11-27"),
        ("nächsten Freitag", "2026-12-04"),
        ("in zwei Wochen", "2026-12-08"),
        ("Ende der Woche", "2026-11-27"),
        ("übermorgen", "2026-11-26"),
        ("5. März", "2027-03-05"),
        ("demain", "2026-11-25"),
        ("vendredi prochain", "2026-12-04"),
        ("fin de mois", "2026-11-30"),
        ("mañana", "2026-11-25"),
        ("miércoles", "2026-11-25"),
        ("5 de mayo", "2027-05-05"),
        ("domani", "2026-11-25"),
    ],
)
def test_a_phrase_means_its_date(phrase: str, meant: str) -> None:
    assert due_date(phrase, TUESDAY) == date.fromisoformat(meant)


@pytest.mark.parametrize(
    ("phrase", "error"),
    [
        ("31 february", DueUnknown),
        ("2026-02-30", DueUnknown),
        ("someday", DueUnknown),
        ("", DueUnknown),
        ("0/0", DueUnknown),
        ("+9999m", DueTooFar),
        ("9999-01-01", DueTooFar),
        ("2026-11-23", DuePassed),
        ("tuesday", DueAmbiguous),
        ("1/2", DueAmbiguous),
        ("weekend", DueAmbiguous),
        ("29 feb 2027", NoSuchDay),
        ("31/4", NoSuchDay),
        ("monday 4 dec 2026", WrongWeekday),
        ("5/12/2025", DuePassed),
        ("x" * 3000, DueUnknown),
        ("5 dec " * 500, DueUnknown),
    ],
)
def test_invalid_or_ambiguous_dates_are_asked_about(phrase: str, error: type[BotError]) -> None:
    assert isinstance(tried(lambda: due_date(phrase, TUESDAY)), error)


@given(any_text, days)
def test_whatever_is_typed_gives_a_future_date_or_a_question(phrase: str, today: date) -> None:
    found = tried(lambda: due_date(phrase, today))
    assert isinstance(found, BotError) or today <= found <= today + FURTHEST


@given(days, st.integers(0, 1000))
def test_a_date_that_was_shown_can_be_typed_again(today: date, ahead: int) -> None:
    meant = today + timedelta(days=ahead)
    assert due_date(meant.isoformat(), today) == meant
    assert due_date(f"{meant.day} {meant:%B} {meant.year}", today) == meant


@pytest.mark.parametrize(
    ("phrase", "days"),
    [
        ("tuesday", ("2026-11-24", "2026-12-01")),
        ("1/2", ("2027-01-02", "2027-02-01")),
        ("next weekend", ("2026-12-05", "2026-12-06")),
        ("a week from tuesday", ("2026-12-01", "2026-12-08")),
    ],
)
def test_of_two_readings_both_are_offered_and_neither_has_passed(phrase: str, days: tuple[str, str]) -> None:
    with pytest.raises(DueAmbiguous) as asked:
        due_date(phrase, TUESDAY)
    assert tuple(day.isoformat() for day in asked.value.days) == days
    one, other = (f"{day:%a} {day.day} {day:%b %Y}" for day in map(date.fromisoformat, days))
    assert asked.value.values == {"phrase": phrase, "one": one, "other": other}


def test_the_farthest_due_date_is_five_years_away() -> None:
    last = TUESDAY + FURTHEST
    assert due_date(last.isoformat(), TUESDAY) == last
    check_due(last, TUESDAY)
    with pytest.raises(DueTooFar) as refused:
        due_date((last + timedelta(days=1)).isoformat(), TUESDAY)
    assert refused.value.values == {"date": "2031-11-29"}


def test_the_earliest_due_date_is_today() -> None:
    check_due(TUESDAY, TUESDAY)
    with pytest.raises(DuePassed) as refused:
        check_due(date(2026, 11, 23), TUESDAY)
    assert refused.value.values == {"date": "2026-11-23"}


def test_a_phrase_has_at_most_sixty_characters() -> None:
    assert due_date("friday".rjust(60), TUESDAY) == date(2026, 11, 27)
    with pytest.raises(DueUnknown) as refused:
        due_date("friday".rjust(61), TUESDAY)
    assert refused.value.values["phrase"].endswith("…")


def test_a_phrase_that_is_not_a_date_is_quoted() -> None:
    with pytest.raises(DueUnknown) as refused:
        due_date("someday", TUESDAY)
    assert refused.value.values == {"phrase": "someday"}


@given(days, st.integers(1, 31), st.integers(1, 31))
def test_whatever_is_offered_for_two_numbers_is_still_to_come(today: date, one: int, other: int) -> None:
    found = tried(lambda: due_date(f"{one}/{other}", today))
    assert not isinstance(found, DuePassed)
    assert not isinstance(found, DueAmbiguous) or min(found.days) >= today


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("29 feb 2027", "I can't read “29 feb 2027” as a date: February 2027 has at most 28 days."),
        ("31 february", "I can't read “31 february” as a date: February has at most 29 days."),
        (
            "monday 4 dec 2026",
            "I can't read “monday 4 dec 2026” as a date: 2026-12-04 is a Friday, not a Monday.",
        ),
    ],
)
def test_a_refusal_says_why(phrase: str, why: str) -> None:
    with pytest.raises(DueUnknown) as refused:
        due_date(phrase, TUESDAY)
    assert sentence(refused.value) == why


@pytest.mark.parametrize("phrase", ["x" * 3000, "5 dec " * 500, "&" * 3000, "next " * 1000 + "friday"])
def test_a_refusal_is_short_whatever_was_typed(phrase: str) -> None:
    refused = tried(lambda: due_date(phrase, TUESDAY))
    assert isinstance(refused, BotError)
    assert len(sentence(refused)) < 500


@pytest.mark.parametrize(
    ("phrase", "hour"),
    [
        ("friday 5pm", "5pm"),
        ("noon tomorrow", "noon"),
        ("monday morning", "morning"),
        ("in 2 hours", "in 2 hours"),
        ("2h after friday", "2h"),
        ("2026-12-24 17:00", "17:00"),
        ("friday", ""),
        ("someday", ""),
        # With dots, it is a day, even one that doesn't exist.
        ("11.12", ""),
        ("31.11", ""),
        ("10:30", "10:30"),
        ("eod", ""),
        ("in a month", ""),
        ("5 dec 2026", ""),
    ],
)
def test_the_hour_that_is_left_out_is_known(phrase: str, hour: str) -> None:
    assert hour_in(phrase) == hour


@pytest.mark.parametrize(
    ("phrase", "is_hour"),
    [
        ("5pm", True),
        ("10:30", True),
        ("today 5pm", False),
        ("friday 5pm", False),
        ("11.12", False),
        ("eod", False),
    ],
)
def test_an_hour_without_a_day_is_known(phrase: str, is_hour: bool) -> None:
    assert is_only_hour(phrase) is is_hour


@pytest.mark.parametrize(
    "words",
    [
        "the sun",
        "someday",
        "failover",
        "team",
        "a day",
        "week",
        "may",
        "2027",
        "high",
        "q",
        "by",
        "5",
        "asap",
    ],
)
def test_other_words_are_not_dates(words: str) -> None:
    assert not is_due(words)


@pytest.mark.parametrize("phrase", ["yesterday", "last friday", "last tuesday"])
def test_a_day_that_can_only_have_passed_is_refused_as_such(phrase: str) -> None:
    with pytest.raises(DuePassed):
        due_date(phrase, TUESDAY)

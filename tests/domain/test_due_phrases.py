"""Every date that a phrase can mean, those that have passed included: one row per way to say it."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.action_items.due_phrases import readings
from bot.domain.action_items.due_words import normal
from bot.domain.kit.errors import NoSuchDay, WrongWeekday

TUESDAY = "2026-11-24"


def read(phrase: str, today: str) -> list[str] | None:
    found = readings(normal(phrase), date.fromisoformat(today))
    return None if found is None else [each.isoformat() for each in found]


@pytest.mark.parametrize(
    ("phrase", "same"),
    [
        (" Friday!?, ", "friday"),
        ("the friday", "the friday"),
        ("the 5th of the month", "5th of month"),
        ("aujourd’hui", "today"),
        ("Überübermorgen", "uberubermorgen"),
        ("2026-12-24T17:00", "2026-12-24 17:00"),
        ("Nächsten  Freitag", "next friday"),
    ],
)
def test_case_accents_articles_languages_and_punctuation_make_no_difference(phrase: str, same: str) -> None:
    assert normal(phrase) == same


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("start of week", "2026-11-23"),
        ("start of month", "2026-11-01"),
        ("start of quarter", "2026-10-01"),
        ("start of year", "2026-01-01"),
        ("start of next week", "2026-11-30"),
        ("start of following month", "2026-12-01"),
        ("start of next quarter", "2027-01-01"),
        ("start of next year", "2027-01-01"),
        ("end of week", "2026-11-27"),
        ("end of month", "2026-11-30"),
        ("end of quarter", "2026-12-31"),
        ("end of year", "2026-12-31"),
        ("end of following week", "2026-12-04"),
        ("end of next month", "2026-12-31"),
        ("end of next quarter", "2027-03-31"),
        ("end of next year", "2027-12-31"),
        ("mid week", "2026-11-25"),
        ("mid month", "2026-11-15"),
        ("mid quarter", "2026-11-15"),
        ("mid year", "2026-07-02"),
        ("mid next week", "2026-12-02"),
        ("this week", "2026-11-27"),
        ("current month", "2026-11-30"),
        ("next week", "2026-11-30"),
        ("following month", "2026-12-01"),
        ("week after next", "2026-12-07"),
        ("month after next", "2027-01-01"),
        ("weekend", "2026-11-28 2026-11-29"),
        ("coming weekend", "2026-11-28 2026-11-29"),
        ("next weekend", "2026-12-05 2026-12-06"),
    ],
)
def test_a_period_has_a_start_a_middle_and_an_end(phrase: str, meant: str) -> None:
    assert read(phrase, TUESDAY) == meant.split()


@pytest.mark.parametrize(
    ("today", "meant"),
    [("2026-11-27", "2026-11-27"), ("2026-11-28", "2026-12-04"), ("2026-11-29", "2026-12-04")],
)
def test_at_the_weekend_the_end_of_the_week_is_next_friday(today: str, meant: str) -> None:
    assert read("eow", today) == [meant]


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("wednesday", "2026-11-25"),
        ("monday", "2026-11-30"),
        ("tuesday", "2026-11-24 2026-12-01"),
        ("next tuesday", "2026-12-01"),
        ("friday next", "2026-12-04"),
        ("monday next week", "2026-11-30"),
        ("next week on sunday", "2026-12-06"),
        ("last monday", "2026-11-23"),
        ("last tuesday", "2026-11-17"),
        ("last wednesday", "2026-11-18"),
        ("yesterday", "2026-11-23"),
        ("a week on friday", "2026-12-04"),
        ("tomorrow week", "2026-12-02"),
        ("tuesday week", "2026-12-01 2026-12-08"),
        ("two weeks from friday", "2026-12-11"),
        ("2 days after tuesday", "2026-11-26 2026-12-03"),
    ],
)
def test_a_weekday_is_the_next_one_unless_the_phrase_says_another(phrase: str, meant: str) -> None:
    assert read(phrase, TUESDAY) == meant.split()


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("in 0 days", "2026-11-24"),
        ("in 3 days", "2026-11-27"),
        ("in 2 wks", "2026-12-08"),
        ("in 2 fortnights", "2026-12-22"),
        ("in 1 month", "2026-12-24"),
        ("+90m", "2034-05-24"),
        ("in 1 quarter", "2027-02-24"),
        ("in a year", "2027-11-24"),
        ("in 23 hours", "2026-11-24"),
        ("in 36 hours", "2026-11-25"),
        ("in 1439 minutes", "2026-11-24"),
        ("in 1440 mins", "2026-11-25"),
        ("in 4 weekdays", "2026-11-30"),
        ("in 3 business days", "2026-11-27"),
        ("in 1 work day", "2026-11-25"),
        ("10 days", "2026-12-04"),
        ("a week from now", "2026-12-01"),
        ("an hour from now", None),
        ("90 mins", None),
        ("2h", None),
        ("a day", None),
        ("a day hence", None),
        ("an hour", None),
    ],
)
def test_a_count_is_added_to_today(phrase: str, meant: str | None) -> None:
    assert read(phrase, TUESDAY) == (meant.split() if meant else None)


@pytest.mark.parametrize(
    ("phrase", "today", "meant"),
    [
        ("in a month", "2027-01-31", "2027-02-28"),
        ("in a month", "2026-12-31", "2027-01-31"),
        ("in 11 months", "2026-01-31", "2026-12-31"),
        ("in 12 months", "2028-02-29", "2029-02-28"),
        ("the 24th", TUESDAY, "2026-11-24"),
        ("the 23rd", TUESDAY, "2026-12-23"),
        ("the 30th", "2027-01-31", "2027-03-30"),
        ("the 32nd", TUESDAY, None),
        ("5th of this month", TUESDAY, "2026-11-05"),
        ("5th of next month", TUESDAY, "2026-12-05"),
        ("5th of following month", TUESDAY, "2026-12-05"),
        ("24 nov", TUESDAY, "2026-11-24"),
        ("23 nov", TUESDAY, "2027-11-23"),
        ("29 feb", "2096-03-01", "2104-02-29"),
        ("24 nov 2020", TUESDAY, "2020-11-24"),
        ("4/5", "2026-05-04", "2026-05-04"),
        ("2026-12-31", TUESDAY, "2026-12-31"),
        ("2026-01-01", TUESDAY, "2026-01-01"),
        ("2026-13-01", TUESDAY, None),
        ("2026-00-01", TUESDAY, None),
        ("end of november", "2026-11-30", "2026-11-30"),
        ("end of november", "2026-12-01", "2027-11-30"),
        ("end of feb 2028", TUESDAY, "2028-02-29"),
        ("end of may 2020", TUESDAY, "2020-05-31"),
        ("early november", "2026-11-01", "2026-11-01"),
        ("early november", "2026-11-02", "2027-11-01"),
        ("mid november", "2026-11-15", "2026-11-15"),
        ("middle of november", "2026-11-16", "2027-11-15"),
        ("mid-march 2020", TUESDAY, "2020-03-15"),
    ],
)
def test_a_day_without_a_year_is_the_next_one(phrase: str, today: str, meant: str | None) -> None:
    assert read(phrase, today) == (meant.split() if meant else None)


@pytest.mark.parametrize(
    ("phrase", "meant"),
    [
        ("5/12", "2026-12-05"),
        ("11/12", "2026-12-11"),
        ("24/11", "2026-11-24"),
        ("1/2", "2027-02-01 2027-01-02"),
        ("2/1/27", "2027-01-02 2027-02-01"),
        ("1/2/99", "2099-02-01 2099-01-02"),
        ("1-2-2027", "2027-02-01 2027-01-02"),
        ("1/2/0100", "0100-02-01 0100-01-02"),
        ("1.2.2027", "2027-02-01"),
        ("1.12.", "2026-12-01"),
        ("5.1.", "2027-01-05"),
        ("5.12.2027", "2027-12-05"),
        ("13.1.", "2027-01-13"),
        ("1.13.", "2027-01-13"),
        ("29/2", "2028-02-29"),
        ("2/29", "2028-02-29"),
        ("31/1/2027", "2027-01-31"),
        ("13/13", None),
        ("0/5", None),
        ("5/0", None),
        ("0.5.", None),
        ("friday 4/12", "2026-12-04"),
        ("4/12 friday", "2026-12-04"),
        ("4/12, friday", "2026-12-04"),
        ("4 dec 2026, (fri)", "2026-12-04"),
        ("tuesday, 12/1", "2026-12-01"),
        ("friday x9", None),
    ],
)
def test_two_numbers_are_read_in_both_orders(phrase: str, meant: str | None) -> None:
    assert read(phrase, TUESDAY) == (meant.split() if meant else None)


@pytest.mark.parametrize(
    ("phrase", "month", "days"),
    [
        ("31 april", "April", "30"),
        ("0 april", "April", "30"),
        ("30/2", "February", "29"),
        ("31/4", "April", "30"),
        ("31/4/2027", "April 2027", "30"),
        ("29 feb 2027", "February 2027", "28"),
        ("2026-12-32", "December 2026", "31"),
        ("31st of this month", "November 2026", "30"),
    ],
)
def test_a_day_that_its_month_lacks_is_refused_with_the_months_length(
    phrase: str, month: str, days: str
) -> None:
    with pytest.raises(NoSuchDay) as refused:
        read(phrase, TUESDAY)
    assert refused.value.values == {"month": month, "days": days}


@pytest.mark.parametrize("phrase", ["monday 4 dec 2026", "4 dec 2026, monday"])
def test_a_weekday_that_contradicts_its_date_is_refused(phrase: str) -> None:
    with pytest.raises(WrongWeekday) as refused:
        read(phrase, TUESDAY)
    assert refused.value.values == {"is_on": "2026-12-04 is a Friday", "wanted": "Monday"}

"""Due phrases: what each one means, and what is asked when it's unclear."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.due import FURTHEST, due_date
from bot.domain.action_items.model import ActionItemPriority, ActionLine, read_action_line
from bot.domain.kit.errors import BotError, DueAmbiguous, DuePassed, DueTooFar, DueUnknown
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
        ("dec 5th", "2026-12-05"),
        ("5th December 2027", "2027-12-05"),
        ("1 feb", "2027-02-01"),
        ("29 feb 2028", "2028-02-29"),
        ("25/12", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("11.11.2027", "2027-11-11"),
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
        ("5/12", DueAmbiguous),
        ("23 nov", DueAmbiguous),
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


HIGH = ActionItemPriority.HIGH


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Fix the pool", ActionLine("Fix the pool")),
        ("Fix it <@U1|ana> due next friday high", ActionLine("Fix it", "U1", "next friday", HIGH)),
        ("Fix it high due 5 dec <@U1>", ActionLine("Fix it", "U1", "5 dec", HIGH)),
        ("Ask <@U1> about it due friday", ActionLine("Ask <@U1> about it", None, "friday")),
        ("Pay what is due to them", ActionLine("Pay what is due to them")),
        ("<@U1> due friday", ActionLine("", "U1", "friday")),
        ("priority high", ActionLine("", None, None, HIGH)),
        ("", ActionLine("")),
    ],
)
def test_a_line_is_read_from_its_end(line: str, read: ActionLine) -> None:
    assert read_action_line(line) == read

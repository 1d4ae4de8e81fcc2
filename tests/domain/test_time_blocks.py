"""How people may give a time block's length, and how long it may get."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar.time_blocks import (
    MAX_MINUTES,
    MIN_MINUTES,
    BlockLine,
    BlockStatus,
    check_minutes,
    extended,
    read_block_line,
)
from bot.domain.kit.errors import BlockLength, BlockUnreadable, BotError
from tests.support.examples import NOW, any_text, time_block, tried

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("", 60),
        ("  \t ", 60),
        ("2h", 120),
        ("2H", 120),
        ("2 h", 120),
        ("1hr", 60),
        ("3 hrs", 180),
        ("1 hour", 60),
        ("8 hours", 480),
        ("1.5h", 90),
        ("0.25 h", 15),
        ("7.99h", 479),
        ("90", 90),
        ("90m", 90),
        ("90 min", 90),
        ("15mins", 15),
        ("45 minutes", 45),
        ("1h 30m", 90),
        ("1h30m", 90),
        ("1h30", 90),
        ("1 hour, 30 minutes", 90),
        ("0h 30m", 30),
        ("1.5h 15m", 105),
        ("2h,", 120),
    ],
)
def test_a_length_can_be_given_in_many_ways(said: str, minutes: int) -> None:
    assert read_block_line(said) == BlockLine(minutes)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("<@U0BEN>", BlockLine(60, ("U0BEN",))),
        ("2h <@U0BEN> <@U0ANA>", BlockLine(120, ("U0BEN", "U0ANA"))),
        ("<@U0BEN> <@U0ANA> 2h", BlockLine(120, ("U0BEN", "U0ANA"))),
        ("<@U0BEN|ben>,<@W0EMI|emi <3>, 2h", BlockLine(120, ("U0BEN", "W0EMI"))),
        ("1h <@U0BEN> 30m", BlockLine(90, ("U0BEN",))),
        ("1h<@U0BEN>30m", BlockLine(90, ("U0BEN",))),
        ("<@U0BEN> <@U0ANA> <@U0BEN|ben>", BlockLine(60, ("U0BEN", "U0ANA"))),
    ],
)
def test_people_may_be_named_anywhere_and_count_once(said: str, line: BlockLine) -> None:
    assert read_block_line(said) == line


@pytest.mark.parametrize(
    "said",
    [
        "two hours",
        "2h please",
        "-2h",
        "+2h",
        "1h 1h",
        "30 minutes 1 hour",
        "1:30",
        "1,5h",
        "h",
        "1..5h",
        "0.125h",
        "2d",
        "٢h",
        "²h",
        "1000h",
        "99999",
        "<!channel>",
        "<!subteam^S1|@ops>",
        "<#C1|general>",
        "<@u0ben>",
        "@ben",
        "1h <@U0BEN> or so",
    ],
)
def test_an_invalid_length_is_asked_about(said: str) -> None:
    with pytest.raises(BlockUnreadable):
        read_block_line(said)


def test_unreadable_words_are_quoted_without_people_and_shortened() -> None:
    with pytest.raises(BlockUnreadable) as told:
        read_block_line("for <@U0BEN>  a\n while")
    assert told.value.values == {"typed": "for a while"}
    with pytest.raises(BlockUnreadable) as told:
        read_block_line("word " * 100)
    assert told.value.values == {"typed": ("word " * 12).strip() + "…"}


@pytest.mark.parametrize("said", ["0", "0h", "0m", "2", "14m", "0.24h", "8h 1m", "481", "9h", "999h", "9999"])
def test_a_length_that_no_block_may_have_is_refused(said: str) -> None:
    with pytest.raises(BlockLength):
        read_block_line(said)


@given(any_text)
def test_whatever_is_typed_gives_a_valid_length_or_an_error_for_people(said: str) -> None:
    read = tried(lambda: read_block_line(said))
    assert isinstance(read, BotError) or MIN_MINUTES <= read.minutes <= MAX_MINUTES


@given(st.integers(0, 8), st.integers(0, 59), st.booleans())
def test_hours_and_minutes_add_up(hours: int, minutes: int, is_long: bool) -> None:
    said = f"{hours} hours {minutes} minutes" if is_long else f"{hours}h{minutes}m"
    total = hours * 60 + minutes
    if MIN_MINUTES <= total <= MAX_MINUTES:
        assert read_block_line(said) == BlockLine(total)
    else:
        assert isinstance(tried(lambda: read_block_line(said)), BlockLength)


@pytest.mark.parametrize("minutes", [15, 16, 60, 479, 480])
def test_a_quarter_of_an_hour_to_eight_hours_is_allowed(minutes: int) -> None:
    assert check_minutes(minutes) == minutes


@pytest.mark.parametrize("minutes", [-60, 0, 14, 481, 10**9])
def test_less_than_a_quarter_of_an_hour_or_more_than_eight_hours_is_refused(minutes: int) -> None:
    with pytest.raises(BlockLength):
        check_minutes(minutes)


@pytest.mark.parametrize(
    ("values", "now", "end"),
    [
        ({}, NOW, NOW + 2 * HOUR),
        ({}, NOW + HOUR / 2, NOW + 2 * HOUR),
        # A block that has ended in the meantime continues from now.
        ({}, NOW + 3 * HOUR, NOW + 4 * HOUR),
        ({"ends_at": NOW + 7 * HOUR}, NOW, NOW + 8 * HOUR),
        ({"ends_at": NOW + 7.5 * HOUR}, NOW, NOW + 8 * HOUR),
        ({"ends_at": NOW + 8 * HOUR - timedelta(seconds=1)}, NOW, NOW + 8 * HOUR),
        ({"starts_at": None, "ends_at": None}, NOW, NOW + HOUR),
    ],
)
def test_extending_a_block_adds_an_hour_up_to_eight(
    values: dict[str, Any], now: datetime, end: datetime
) -> None:
    assert extended(time_block(**values), now) == end


@pytest.mark.parametrize(
    ("values", "now"),
    [
        ({"ends_at": NOW + 8 * HOUR}, NOW),
        ({"ends_at": NOW + 9 * HOUR}, NOW),
        ({}, NOW + 8 * HOUR),
    ],
)
def test_a_block_of_eight_hours_cannot_be_extended(values: dict[str, Any], now: datetime) -> None:
    with pytest.raises(BlockLength):
        extended(time_block(**values), now)


@pytest.mark.parametrize("status", BlockStatus)
def test_a_block_is_active_until_it_ends(status: BlockStatus) -> None:
    block = time_block(status=status)
    moments = (NOW, NOW + HOUR - timedelta(seconds=1), NOW + HOUR)
    is_blocked = status is BlockStatus.BLOCKED
    assert [block.is_on(each) for each in moments] == [is_blocked, is_blocked, False]
    assert not time_block(status=status, ends_at=None).is_on(NOW)

"""A time block on screen: what is blocked until when, and what its owner can do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar.time_blocks import MAX_MINUTES, MIN_MINUTES, BlockStatus
from bot.domain.kit.text import storable
from bot.domain.surface.shown import BlockShown
from bot.views.calendar.time_blocks import block_button, block_message, duration
from bot.views.kit.message import Message, actions, button, section
from tests.support.examples import NOW, any_text, incident, time_block
from tests.views.screens import action_ids, check

UNTIL = f"<!date^{int(NOW.timestamp()) + 3600}^{{time}}|2026-03-02 10:30 UTC>"


def message_of(after: timedelta = timedelta(), **values: Any) -> Message:
    return block_message(BlockShown(time_block(**values), incident(), NOW + after))


def test_people_who_are_asked_can_agree_or_decline() -> None:
    text = "<@U0ANA> asks you to block 1 h 30 min for *INC-12*, starting now."
    asked = message_of(status=BlockStatus.ASKED, asked_by="U0ANA", minutes=90, starts_at=None, ends_at=None)
    check(asked)
    buttons = [button("Block it", "confirm_block", "4", "primary"), button("Decline", "free_block", "4")]
    assert asked == Message(text, (section(text), actions(*buttons)))


def test_a_block_can_be_extended_and_ended() -> None:
    text = f"⏳ Your calendar is blocked for *INC-12* until {UNTIL}."
    blocked = message_of(timedelta(minutes=59))
    check(blocked)
    buttons = [button("Add an hour", "extend_block", "4"), button("End now", "free_block", "4")]
    assert blocked == Message(text, (section(text), actions(*buttons)))


@pytest.mark.parametrize(
    ("after", "values"),
    [
        (timedelta(), {"status": BlockStatus.OVER}),
        (timedelta(), {"status": BlockStatus.OVER, "starts_at": None, "ends_at": None}),
        (timedelta(hours=1), {}),
        (timedelta(days=9), {}),
        (timedelta(), {"ends_at": None}),
    ],
)
def test_a_block_that_is_over_offers_nothing(after: timedelta, values: dict[str, Any]) -> None:
    text = "Your calendar is no longer blocked for *INC-12*."
    over = message_of(after, **values)
    check(over)
    assert over == Message(text, (section(text),))


@pytest.mark.parametrize(
    ("status", "ways"),
    [
        (BlockStatus.ASKED, ["confirm_block", "free_block"]),
        (BlockStatus.BLOCKED, ["extend_block", "free_block"]),
        (BlockStatus.OVER, []),
    ],
)
@given(title=any_text.map(storable), minutes=st.integers(MIN_MINUTES, MAX_MINUTES))
def test_slack_takes_every_block(status: BlockStatus, ways: list[str], title: str, minutes: int) -> None:
    block = time_block(id=10**9, status=status, minutes=minutes)
    message = block_message(BlockShown(block, incident(id=10**9, title=title), NOW))
    check(message)
    assert action_ids(message.blocks) == ways


def test_people_who_work_on_an_incident_are_offered_an_hour() -> None:
    assert block_button(incident()) == button("Block my calendar for 1 h", "block_hour", "12")


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (15, "15 min"),
        (59, "59 min"),
        (60, "1 h"),
        (61, "1 h 1 min"),
        (90, "1 h 30 min"),
        (120, "2 h"),
        (480, "8 h"),
    ],
)
def test_a_length_reads_like_this(minutes: int, told: str) -> None:
    assert duration(minutes) == told

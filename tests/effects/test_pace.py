"""Slack's pace, counted from when the bot sends: a message a second per channel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.effects.slack import POSTING, Pace


def test_a_channels_next_message_waits_a_second_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("bot.effects.slack.monotonic", lambda: seconds[0])
    pace = Pace()
    assert pace.take(POSTING, "C0ONE") is None
    seconds[0] = 100.25
    assert pace.take(POSTING, "C0ONE") == timedelta(seconds=0.75)
    assert pace.take(POSTING, "C0OTHER") is None
    assert pace.take("chat.update", "C0ONE") is None
    seconds[0] = 101.0
    assert pace.take(POSTING, "C0ONE") is None
    assert pace.take(POSTING, "C0ONE") == timedelta(seconds=1)

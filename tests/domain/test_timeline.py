"""Times and URLs of messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.timeline import STATE_CHANGES, EntryKind, permalink, time_of

seconds, micros = st.integers(1_400_000_000, 4_000_000_000), st.integers(0, 999_999)


@given(seconds, micros)
def test_a_messages_time_is_exact(second: int, micro: int) -> None:
    expected = datetime.fromtimestamp(second, UTC) + timedelta(microseconds=micro)
    assert time_of(f"{second}.{micro:06}") == expected


@given(seconds, micros, st.sampled_from(["https://acme.slack.com/", "https://acme.slack.com"]))
def test_a_permalink_is_the_one_that_slack_would_give(second: int, micro: int, team: str) -> None:
    ts = f"{second}.{micro:06}"
    address = f"https://acme.slack.com/archives/C1/p{second}{micro:06}"
    assert permalink(team, "C1", ts) == address
    assert permalink(team, "C1", ts, thread_ts=ts) == address


def test_a_replys_permalink_leads_into_its_thread() -> None:
    link = permalink("https://acme.slack.com/", "C1", "1700000001.000200", "1700000000.000100")
    assert link == ("https://acme.slack.com/archives/C1/p1700000001000200?thread_ts=1700000000.000100&cid=C1")


@pytest.mark.parametrize("kind", EntryKind)
def test_everything_but_a_message_is_a_change_of_state(kind: EntryKind) -> None:
    assert (kind in STATE_CHANGES) == (kind is not EntryKind.MESSAGE)

"""The critical chain of `make bench`'s group `visible`, in logs whose result is known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bench.visible import run_of
from tests.support.slackish import Call


def call(method: str, started: float, ended: float, answer: Any = None, **asked: str) -> Call:
    return Call(method, started, ended, json.dumps(asked).encode(), answer or {})


def methods(calls: list[Call]) -> list[str]:
    return [each.method for each in run_of(0.0, calls).chain]


def test_the_chain_leads_to_the_last_visible_change_and_the_rest_is_our_own_share() -> None:
    calls = [
        call("conversations.create", 0.01, 0.11),
        call("conversations.setTopic", 0.12, 0.22, channel="C1"),
        call("chat.postMessage", 0.12, 0.22, {"ts": "1.1"}, channel="C1"),
        call("pins.add", 0.25, 0.35, channel="C1", timestamp="1.1"),
        call("conversations.history", 0.12, 0.6, channel="C1"),
    ]
    assert methods(calls) == ["conversations.create", "chat.postMessage", "pins.add"]
    run = run_of(0.0, calls)
    assert run.seconds == pytest.approx(0.35)
    assert run.own_share == pytest.approx((0.01 + 0.01 + 0.03) / 3)


def test_a_call_that_ran_at_the_same_time_hides_none_of_our_own_time() -> None:
    calls = [
        call("chat.update", 0.01, 0.19, channel="C1"),
        call("conversations.open", 0.01, 0.11, {"channel": {"id": "D1"}}),
        call("chat.postMessage", 0.20, 0.30, channel="D1"),
    ]
    assert methods(calls) == ["conversations.open", "chat.postMessage"]
    assert run_of(0.0, calls).own_share == pytest.approx((0.01 + 0.09) / 2)


def test_waiting_for_a_channels_turn_is_slacks_time_and_the_rest_is_ours() -> None:
    calls = [
        call("chat.postMessage", 0.01, 0.11, channel="C1"),
        call("chat.postMessage", 1.05, 1.15, channel="C1"),
    ]
    run = run_of(0.0, calls)
    assert run.paced == pytest.approx(0.90)
    assert run.own_share == pytest.approx((0.01 + 0.04) / 2)


def test_a_post_in_another_channel_makes_no_post_wait() -> None:
    calls = [
        call("chat.postMessage", 0.01, 0.11, channel="C2"),
        call("chat.postMessage", 0.90, 1.00, channel="C1"),
    ]
    assert methods(calls) == ["chat.postMessage"]
    assert run_of(0.0, calls).paced == 0


def test_an_update_waits_only_for_its_own_messages_post() -> None:
    posted = call("chat.postMessage", 0.01, 0.11, {"ts": "1.1"}, channel="C1")
    assert methods([posted, call("chat.update", 0.2, 0.3, channel="C1", ts="1.1")]) == [
        "chat.postMessage",
        "chat.update",
    ]
    assert methods([posted, call("chat.update", 0.2, 0.3, channel="C1", ts="0.9")]) == ["chat.update"]


def test_calls_that_a_message_shows_come_before_its_update() -> None:
    calls = [
        call("events.get", 0.01, 0.11),
        call("events.insert", 0.12, 0.22),
        call("chat.update", 0.24, 0.34, channel="C1", ts="1.1"),
    ]
    assert len(run_of(0.0, calls, frozenset({"events.insert"})).chain) == 3
    assert len(run_of(0.0, calls).chain) == 1

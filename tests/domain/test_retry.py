"""When an effect is retried."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.outbox.retry import (
    ATTEMPT_LIMIT,
    MAX_DELAY,
    Failure,
    FailureKind,
    GiveUp,
    RetryAt,
    decide,
)
from tests.support.examples import NOW

attempts = st.integers(1, 10_000)
kinds = st.sampled_from(FailureKind)
later = st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda delta: NOW + delta)


@given(attempts, later)
def test_a_refusal_with_a_retry_time_is_obeyed_and_never_given_up(attempt: int, retry_at: datetime) -> None:
    refused = Failure(FailureKind.NOT_YET, "ratelimited", retry_at=retry_at)
    assert decide(refused, attempt, NOW) == RetryAt(retry_at)


@given(attempts)
def test_a_refusal_without_a_retry_time_is_retried_a_little_later(attempt: int) -> None:
    assert decide(Failure(FailureKind.NOT_YET, "own_pace"), attempt, NOW) == RetryAt(
        NOW + timedelta(seconds=1)
    )


@given(attempts)
def test_a_permanent_failure_is_given_up_at_once(attempt: int) -> None:
    assert decide(Failure(FailureKind.FINAL, "is_archived"), attempt, NOW) == GiveUp()


@given(kinds, attempts)
def test_a_decision_depends_only_on_its_arguments_and_is_never_in_the_past(
    kind: FailureKind, attempt: int
) -> None:
    failure = Failure(kind, "code")
    decision = decide(failure, attempt, NOW)
    assert decision == decide(failure, attempt, NOW)
    if isinstance(decision, RetryAt):
        assert NOW < decision.time <= NOW + MAX_DELAY


@given(st.sampled_from([FailureKind.PASSING, FailureKind.BLOCKED, FailureKind.DEFECT]), attempts)
def test_delays_only_grow_and_giving_up_is_final(kind: FailureKind, attempt: int) -> None:
    this, following = decide(Failure(kind, "x"), attempt, NOW), decide(Failure(kind, "x"), attempt + 1, NOW)
    if isinstance(this, GiveUp):
        assert isinstance(following, GiveUp)
    elif isinstance(following, RetryAt):
        assert following.time >= this.time


def test_delays_double_up_to_five_minutes_until_the_last_attempt() -> None:
    decisions = [decide(Failure(FailureKind.PASSING, "503"), attempt, NOW) for attempt in range(1, 24)]
    delays = [1, 2, 4, 8, 16, 32, 64, 128, 256, *[300] * 13]
    assert decisions == [*(RetryAt(NOW + timedelta(seconds=delay)) for delay in delays), GiveUp()]


@given(attempts)
def test_what_somebody_has_to_mend_is_retried_slowly(attempt: int) -> None:
    decision = decide(Failure(FailureKind.BLOCKED, "slack_certificate"), attempt, NOW)
    if isinstance(decision, RetryAt):
        assert decision.time >= NOW + timedelta(minutes=1)


@pytest.mark.parametrize("kind", [FailureKind.PASSING, FailureKind.BLOCKED, FailureKind.DEFECT])
def test_nothing_is_retried_forever(kind: FailureKind) -> None:
    now, attempt = NOW, 1
    while isinstance(decision := decide(Failure(kind, "x"), attempt, now), RetryAt):
        now, attempt = decision.time, attempt + 1
    assert attempt <= ATTEMPT_LIMIT
    assert now - NOW < timedelta(hours=2)


def test_an_outage_of_an_hour_is_waited_out() -> None:
    now, attempt = NOW, 1
    while isinstance(decision := decide(Failure(FailureKind.PASSING, "503"), attempt, now), RetryAt):
        now, attempt = decision.time, attempt + 1
    assert now - NOW >= timedelta(hours=1)


def test_our_own_bugs_are_shown_soon() -> None:
    now, attempt = NOW, 1
    while isinstance(decision := decide(Failure(FailureKind.DEFECT, "KeyError"), attempt, now), RetryAt):
        now, attempt = decision.time, attempt + 1
    assert now - NOW < timedelta(minutes=1)

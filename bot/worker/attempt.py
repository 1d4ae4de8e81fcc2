"""One attempt at a row: make the call, then store the outcome."""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, stop_when_event_set, wait_fixed
from tenacity.nap import sleep_using_event

from bot.domain.kit.errors import NotSaved
from bot.domain.outbox.retry import Failure, FailureKind, GiveUp, RetryAt
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.failures import Moot, from_exception
from bot.effects.performers import Performers
from bot.network import in_words
from bot.operations.outbox import Outbox
from bot.worker.crew import Turns
from bot.worker.metrics import Meter

log = structlog.get_logger(__name__)

PATIENCE = 15.0
"""How many seconds we keep trying to store a call's outcome while the database is busy or down."""


class Attempts:
    """Performs rows, each on the caller's thread, and stores their outcomes."""

    def __init__(
        self, outbox: Outbox, performers: Performers, meter: Meter, turns: Turns, stopping: threading.Event
    ) -> None:
        self._outbox, self._performers, self._meter = outbox, performers, meter
        self._turns, self._stopping = turns, stopping
        self._patiently = Retrying(
            retry=retry_if_exception_type(NotSaved),
            wait=wait_fixed(0.5),
            stop=stop_after_delay(PATIENCE) | stop_when_event_set(stopping),
            sleep=sleep_using_event(stopping),
            reraise=True,
        )

    def perform(self, row: Claimed) -> tuple[bool, bool]:
        """Attempt the row; returns whether that is over (not waiting its turn), and whether it succeeded."""
        kind = type(row.effect)
        # The key names the incident, and a private one must not appear in logs.
        name = {} if row.is_private else {"key": row.key}
        context = {"effect": kind.__name__, "row": row.id, "attempt": row.attempt, **name}
        try:
            outcome = self._outcome_of(row)
            self._patiently(self._outbox.finish, row, outcome)
        except Exception as error:  # noqa: BLE001 - every failure leads to a decision about the row
            return self._failed(row, error, context), False
        self._meter.performed(kind.__name__, "done")
        log.debug("effect done", **context)
        return True, True

    def _outcome_of(self, row: Claimed) -> Outcome:
        try:
            return self._performers[type(row.effect)](row.effect, row)
        except Moot:
            return None

    def _failed(self, row: Claimed, error: Exception, context: dict[str, object]) -> bool:
        """Store the failure; returns whether the attempt is over, rather than waiting for its turn."""
        failure = from_exception(error)
        if failure.waits_for and not self._stopping.is_set():
            others = self._turns.join(row, failure.waits_for)
            if others is None:
                return False
            at = self._outbox.clock() + timedelta(seconds=others)
            failure = Failure(FailureKind.NOT_YET, failure.code, retry_at=at)
        try:
            decision = self._patiently(self._outbox.fail, row, failure)
        except Exception as second:  # noqa: BLE001 - nobody above would report it
            # We no longer hold the row, so it's claimed again as soon as the database can be reached.
            log.warning("failure not stored", error=type(second).__name__, **context)
            return True
        self._meter.performed(type(row.effect).__name__, _outcome(failure, decision))
        _log_failure(failure, decision, error, context)
        return True


def _log_failure(
    failure: Failure, decision: RetryAt | GiveUp, error: Exception, context: dict[str, object]
) -> None:
    defect = error if failure.kind is FailureKind.DEFECT else None
    advice = in_words(failure.code)
    context = {**context, "advice": advice} if advice else context
    if isinstance(decision, GiveUp):
        log.error("effect given up", code=failure.code, exc_info=defect, **context)
    elif failure.kind is not FailureKind.NOT_YET:
        again_at = str(decision.time)
        log.warning("effect failed", code=failure.code, exc_info=defect, again_at=again_at, **context)


def _outcome(failure: Failure, decision: RetryAt | GiveUp) -> str:
    """The label of a failed attempt in the metrics."""
    if isinstance(decision, GiveUp):
        return "given up"
    return "not yet" if failure.kind is FailureKind.NOT_YET else "failed"

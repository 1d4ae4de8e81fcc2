"""Claims rows of the outbox and, once a worker has performed them, stores what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.domain.calendar import planned as calendar_planned
from bot.domain.incidents.planned import after_another_card, after_giving_up, finding_channel
from bot.domain.kit.errors import NothingToRetry, NotSaved
from bot.domain.outbox.effects import (
    ArrangeMeeting,
    FindChannel,
    ReportFailures,
    ShowCard,
    TellAsker,
)
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.refusals import Cause, cause_of
from bot.domain.outbox.retry import Failure, FailureKind, GiveUp, RetryAt, decide
from bot.domain.outbox.rows import (
    AnnouncementsPlaced,
    ChannelMade,
    Claimed,
    Figures,
    Found,
    MessagePosted,
    Outcome,
    Position,
)
from bot.operations import failures
from bot.operations.kit.gate import require_member
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import (
    claims,
    incidents,
    leases,
    messages,
    outbox,
    outbox_reads,
    polling,
    timeline,
    workspace,
)
from storage.leases import LEASE
from storage.metrics import incidents_by_status

__all__ = ["LEASE", "Outbox"]

_LOST = "channel_not_found"
"""Slack's error code if a channel was deleted, or has another id now."""
_SHUT_OUT = frozenset({Cause.ARCHIVED, Cause.NOT_MEMBER})
_IN_FLIGHT = timedelta(seconds=30)
"""Longer than a call takes, and than it takes to store that it was refused."""
_ROOM = 64 * 1024
"""More characters than one request stores."""
_REPORTS = frozenset({ReportFailures.__name__, TellAsker.__name__})
_WATCHED = frozenset(Queue) - {Queue.CALENDAR}
"""Overdue rows of these queues raise an alarm. A calendar that doesn't answer only delays itself."""


class Outbox(Operations):
    """The outbox as the worker uses it."""

    @reading
    def look(
        self,
        tx: Tx,
        owner: str,
        held: Collection[int],
        room: Mapping[Queue, int],
        after: Mapping[Queue, Position] | None = None,
    ) -> Found:
        """Rows of the queues with ``room`` that could be claimed; ``after`` is what the last poll returned.

        ``held`` are the ids of the rows that the owner knows it holds.
        """
        return polling.look(tx.connection, polling.Looker(owner, tx.now, held), room, after)

    @reading
    def look_in(self, tx: Tx, incident_id: int) -> list[int]:
        """The ids of an incident's first few rows that could be claimed."""
        return polling.look_in(tx.connection, incident_id, tx.now)

    @transaction
    def claim(
        self,
        tx: Tx,
        owner: str,
        ids: Collection[int],
        held: Collection[int],
        room: Mapping[Queue, int],
    ) -> list[Claimed]:
        """Claim up to ``room`` rows of each queue, if they can still be claimed.

        Rows that this version can't read are given up.
        """
        claimed, unreadable = claims.claim(tx.connection, polling.Looker(owner, tx.now, held), ids, room)
        for row in unreadable:
            # A report that can't be read isn't reported on: the doctor lists it.
            if row.incident_id is not None and row.kind not in _REPORTS:
                failures.report(tx, row.incident_id, None, f"{row.id}/{tx.now.timestamp()}")
        return claimed

    @transaction
    def renew(self, tx: Tx, owner: str, ids: Collection[int]) -> frozenset[int]:
        """Renew the leases of those rows that nobody else has taken; returns their ids."""
        return leases.renew(tx.connection, owner, ids)

    @transaction
    def keep_progress(self, tx: Tx, row: Claimed, progress: Mapping[str, Any]) -> None:
        """Record how far the row's effect got; the next attempt finds it in ``progress``."""
        outbox.keep_progress(tx.connection, row, progress)

    @transaction
    def cap_retry_delays(self, tx: Tx) -> None:
        """Let rows wait at most another minute for their retry, after the clock was set back."""
        outbox.cap_retry_delays(tx.connection, tx.now, tx.now + timedelta(minutes=1))

    @transaction
    def release(self, tx: Tx, owner: str) -> int:
        """Hand back the rows that this worker has claimed and won't perform; returns how many."""
        return outbox.free(tx.connection, owner)

    @transaction
    def finish(self, tx: Tx, row: Claimed, outcome: Outcome) -> None:
        """Mark the row as done and store its outcome, unless another worker has taken the row."""
        if not outbox.finish(tx.connection, row, tx.now):
            return
        if row.has_failed_before:
            _refresh_report(tx, row)
        match outcome:
            case ChannelMade():
                incidents.note_channel(
                    tx.connection, outcome.incident_id, outcome.channel_id, outcome.name, tx.now
                )
            case MessagePosted():
                stood = messages.where(tx.connection, outcome.key)
                messages.save(tx.connection, outcome.key, outcome.channel_id, outcome.ts)
                if isinstance(row.effect, ShowCard) and stood and stood[1] != outcome.ts:
                    enqueue(tx, [after_another_card(row.effect.incident_id, outcome.ts)])
                if outcome.entry_id is not None:
                    timeline.show_at(tx.connection, outcome.entry_id, outcome.channel_id, outcome.ts)
            case AnnouncementsPlaced():
                workspace.save(tx.connection, workspace.announcements_key(outcome.name), outcome.channel_id)
            case None:
                pass

    @transaction
    def fail(self, tx: Tx, row: Claimed, failure: Failure) -> RetryAt | GiveUp:
        """Decide what becomes of a row whose attempt failed; stores and returns the decision."""
        decision = decide(failure, row.attempt, tx.now)
        if isinstance(decision, GiveUp) and _is_outdated(tx, row, failure):
            decision = RetryAt(tx.now + timedelta(seconds=1))
        if isinstance(decision, RetryAt):
            _retry_later(tx, row, failure, decision.time)
            return decision
        incident_id: int | None = getattr(row.effect, "incident_id", None)
        given_up = outbox.give_up(tx.connection, row, row.told(failure.told), tx.now)
        _show_trouble(tx, row, f"{failure.code}/{tx.now.timestamp()}")
        if given_up and incident_id is not None:
            failures.report(tx, incident_id, row.effect, f"{row.id}/{tx.now.timestamp()}")
        if incident_id is not None and failure.code == _LOST and not isinstance(row.effect, FindChannel):
            enqueue(tx, [finding_channel(incident_id, f"{row.id}/{tx.now.timestamp()}")])
        return decision

    @transaction
    def retry(self, tx: Tx, incident_id: int | None, *, by: str) -> None:
        """Retry what was given up, for one incident or all that ``by`` may see; raises ``NothingToRetry``."""
        require_member(tx, by)
        if not outbox.revive(tx.connection, tx.now, incident_id, by):
            raise NothingToRetry
        if incident_id is not None:
            cause = f"retry/{tx.now.timestamp()}"
            enqueue(tx, [after_giving_up(incident_id, cause)])
            failures.refresh(tx, incident_id, cause)

    @reading
    def oldest_due(self, tx: Tx) -> datetime | None:
        """When the longest-waiting row that could be performed fell due, or ``None`` if there is none.

        Rows for the calendar don't count: a calendar that doesn't answer delays nothing else.
        """
        return polling.oldest_due(tx.connection, polling.Looker("", tx.now), _WATCHED)

    def saving_trouble(self) -> str | None:
        """Why nothing can be saved, in a few words, or ``None``.

        If the latest transaction wasn't saved, this saves as much as a request may need, and frees it again.
        Otherwise nobody might try, as long as a load balancer sends requests elsewhere.
        """
        if self.database.trouble:
            with suppress(NotSaved):
                self._save("x" * _ROOM)
                self._save("")
        return self.database.trouble

    @transaction
    def _save(self, tx: Tx, text: str) -> None:
        workspace.save(tx.connection, "room", text)

    @reading
    def figures(self, tx: Tx) -> Figures:
        """Counts for the metrics: rows that aren't done, and incidents that aren't private."""
        return Figures(tuple(outbox_reads.depths(tx.connection)), incidents_by_status(tx.connection))


def _retry_later(tx: Tx, row: Claimed, failure: Failure, at: datetime) -> None:
    """Let the row wait for its next attempt, or for the newer refresh that will do the same."""
    look = row.look_first or failure.may_be_applied
    counts = failure.kind is not FailureKind.NOT_YET
    told = row.told(failure.code)
    state = outbox.retry_later(tx.connection, row, at, told, look_first=look, counts=counts)
    if state == outbox.DONE and row.has_failed_before:
        # A report may say that this row is tried again, and it won't be.
        _refresh_report(tx, row)
    _show_trouble(tx, row, failure.code)


def _show_trouble(tx: Tx, row: Claimed, what: str) -> None:
    """Show the people who wait for a meeting why it's delayed, once for each reason."""
    effect = row.effect
    if isinstance(effect, ArrangeMeeting):
        cause = f"trouble/{row.id}/{what}"
        shows = calendar_planned.showing_number(effect.incident_id, effect.meeting_id, cause)
        enqueue(tx, [shows])


def _is_outdated(tx: Tx, row: Claimed, failure: Failure) -> bool:
    """Whether the channel refused the bot, which has got back into it since the call may have begun."""
    incident_id: int | None = getattr(row.effect, "incident_id", None)
    if incident_id is None or cause_of(failure.code) not in _SHUT_OUT:
        return False
    back = workspace.get(tx.connection, workspace.back_key(incident_id))
    return back is not None and tx.now - datetime.fromisoformat(back) < _IN_FLIGHT


def _refresh_report(tx: Tx, row: Claimed) -> None:
    """Update the report of failures, if there is one: this row is done now."""
    incident_id: int | None = getattr(row.effect, "incident_id", None)
    if incident_id is not None and type(row.effect).__name__ not in _REPORTS:
        failures.refresh(tx, incident_id, f"{row.id}/{tx.now.timestamp()}")

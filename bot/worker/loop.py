"""Drains the outbox. A wake-up after a commit is a hint; APScheduler's tick is the guarantee."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from time import monotonic

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot.domain.kit.errors import NotSaved
from bot.domain.outbox.effects import kind_of
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.retry import Failure, FailureKind, Place
from bot.domain.outbox.rows import Claimed, Position
from bot.effects.leases import CURRENT
from bot.effects.performers import Performers
from bot.operations.outbox import Outbox
from bot.worker.attempt import Attempts
from bot.worker.clockwatch import ClockWatch
from bot.worker.crew import SIZES, Crew, Turns
from bot.worker.held import RENEW_TICK, Held
from bot.worker.metrics import Meter

log = structlog.get_logger(__name__)

TICK, PLAN_TICK = timedelta(seconds=1), timedelta(seconds=5)
"""How often, at least, the outbox is polled, and how often whatever has fallen due is planned."""
MIN_POLL_INTERVAL = 0.02
"""Minimum seconds between a poll that found nothing and the next poll."""
MAX_POLLING_SHARE = 0.25
"""The dispatcher polls for at most this share of its time: rows that finish together share one poll."""
SLOW_POLL = 1.0
"""Seconds; polling and claiming count as trouble if together they take longer. A few milliseconds are normal,
and the database stops a statement after two seconds."""


class Worker:
    """Claims due rows, performs each on a thread of its queue's crew, and stores the outcome."""

    def __init__(
        self,
        outbox: Outbox,
        performers: Performers,
        owner: str,
        meter: Meter,
        plans: Iterable[Callable[[], None]],
        pause: Callable[[Place], float],
    ) -> None:
        """``plans`` turn what has fallen due into rows; each is called every ``PLAN_TICK``.

        ``pause`` returns the seconds until a method may be called again for a channel.
        """
        self._outbox = outbox
        self._owner = owner
        self._watch = ClockWatch(outbox.clock)
        self._next_poll_at = self._next_idle_poll_at = monotonic()
        self._held = Held(partial(outbox.renew, owner))
        self._after: Mapping[Queue, Position] = {}
        self._trouble: str | None = None
        self._wake, self._poll_soon = threading.Event(), threading.Event()
        self._poll_needed = threading.Event()
        """Set when rows may have become due or claimable. Without it, a wake-up is only about turns."""
        self._claiming = threading.Lock()
        """Held from reading ``_held`` until the claimed rows are in it: otherwise they'd be claimed again."""
        self._stopping = threading.Event()
        self._saturated = frozenset(Queue)
        """Queues that ran out of idle threads, so more of their rows may be due."""
        self._crews = {queue: Crew(queue, size) for queue, size in SIZES.items()}
        self._turns = Turns(pause)
        self._attempts = Attempts(outbox, performers, meter, self._turns, self._stopping)
        self._dispatcher = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
        self._plans = tuple(plans)
        self._scheduler = _ticking(
            (self.wake, TICK), (self._plan_what_is_due, PLAN_TICK), (self._held.renew, RENEW_TICK)
        )

    def start(self) -> None:
        """Start draining the outbox."""
        self._dispatcher.start()
        self._scheduler.start()
        self.wake()

    def trouble(self) -> str | None:
        """Why the outbox isn't being drained, or ``None``."""
        return self._trouble

    def _plan_what_is_due(self) -> None:
        for plan in self._plans:
            if self._stopping.is_set():
                return
            try:
                plan()
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                log.warning("due work not planned", error=type(error).__name__)
        self.wake()

    def wake(self) -> None:
        """Poll soon: there may be something to do."""
        self._poll_needed.set()
        self._wake.set()

    def stop_claiming(self) -> None:
        """Claim no more rows."""
        self._stopping.set()
        self.wake()

    def stop(self) -> None:
        """Claim nothing new, finish the attempts in progress, and hand back the rest."""
        self.stop_claiming()
        if self._dispatcher.ident is None:
            # It was never started.
            return
        # Wait until plans in progress are stored: the database is closed next.
        self._scheduler.shutdown(wait=True)
        self._dispatcher.join()
        for crew in self._crews.values():
            crew.stop()
        try:
            for row in self._turns.clear():
                self._outbox.fail(row, Failure(FailureKind.NOT_YET, "stopping"))
            self._outbox.release(self._owner)
        except NotSaved:
            log.warning("rows not handed back; their leases will expire")

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            turn = self._turns.seconds()
            self._wake.wait(turn if turn is None else max(turn, MIN_POLL_INTERVAL))
            if self._poll_needed.is_set():
                # A burst of messages wakes us a thousand times a second with nothing to perform.
                next_look_at = self._next_poll_at if self._poll_soon.is_set() else self._next_idle_poll_at
                self._stopping.wait(max(0.0, next_look_at - monotonic()))
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                # Posts whose turn has come go first, however much else is due.
                self._give_turns()
                if self._poll_needed.is_set():
                    self._poll_needed.clear()
                    self._poll_soon.clear()
                    self._look_at_the_clock()
                    self._look_for_work()
            except Exception as error:  # noqa: BLE001 - the dispatcher survives every error
                # The database is down or busy: the next tick tries again.
                self._trouble = "not read"
                log.warning("outbox not read", error=type(error).__name__)

    def _look_at_the_clock(self) -> None:
        if self._watch.has_gone_back():
            log.warning("the clock was set back")
            self._outbox.cap_retry_delays()

    def _give_turns(self) -> None:
        """Perform the rows whose turn has come."""
        for row in self._turns.come():
            crew = self._crews[row.queue]
            if crew.take_idle(1):
                crew.submit(self._perform, row)
            else:
                # The next thread to become idle wakes the dispatcher, which tries again.
                self._turns.put_back(row)

    def _look_for_work(self) -> None:
        """Claim as many rows as there are idle threads, and perform them there."""
        rows, saturated = self._take_on(self._claim)
        # Set before the rows are handed out: one of them may be done before anything else happens here.
        self._saturated = saturated
        self._hand_out(rows)

    def _take_next(self, row: Claimed) -> bool:
        """Hand out the incident's rows that waited for this one; returns whether a poll may find more."""
        incident_id: int | None = getattr(row.effect, "incident_id", None)
        can_tell = incident_id is not None and kind_of(row.effect).shows_only
        if incident_id is None or not can_tell or row.queue in self._saturated or self._stopping.is_set():
            return True
        try:
            ids = self._outbox.look_in(incident_id)
            rows, saturated = self._take_on(partial(self._claim_these, ids))
        except Exception as error:  # noqa: BLE001 - the next poll finds them
            log.warning("next rows not read", error=type(error).__name__)
            return True
        self._hand_out(rows)
        return bool(ids) and row.queue in saturated

    def _hand_out(self, rows: Iterable[Claimed]) -> None:
        """Perform these rows on the threads that were reserved for them."""
        for row in rows:
            self._crews[row.queue].submit(self._perform, row)

    def _take_on(
        self, claim: Callable[[Mapping[Queue, int]], list[Claimed]]
    ) -> tuple[list[Claimed], frozenset[Queue]]:
        """Claim rows for idle threads; returns them, and the queues with no idle thread left."""
        with self._claiming:
            room = {queue: crew.take_idle() for queue, crew in self._crews.items()}
            rows: list[Claimed] = []
            began = monotonic()
            try:
                rows = claim({queue: number for queue, number in room.items() if number})
            finally:
                used = {queue: sum(row.queue is queue for row in rows) for queue in room}
                for queue, number in room.items():
                    self._crews[queue].give_back(number - used[queue])
            for row in rows:
                if self._held.add(row, began):
                    # We had lost the row and claimed it again: our earlier claim must not get a turn.
                    self._turns.forget(row.id)
        return rows, frozenset(queue for queue, number in room.items() if used[queue] == number)

    def _claim_these(self, ids: list[int], room: Mapping[Queue, int]) -> list[Claimed]:
        return self._outbox.claim(self._owner, ids, self._held.ids(), room) if room else []

    def _claim(self, room: Mapping[Queue, int]) -> list[Claimed]:
        """Poll, and claim what was found. Most polls find nothing, so polling keeps no writer waiting."""
        if not room:
            return []
        held, began = self._held.ids(), monotonic()
        found = self._outbox.look(self._owner, held, room, self._after)
        self._after = found.after
        rows = self._outbox.claim(self._owner, found.ids, held, room) if found.ids else []
        ended = monotonic()
        self._trouble = "polls take too long" if ended - began > SLOW_POLL else None
        self._next_poll_at = ended + (ended - began) * (1 / MAX_POLLING_SHARE - 1)
        self._next_idle_poll_at = (
            self._next_poll_at if rows else max(self._next_poll_at, ended + MIN_POLL_INTERVAL)
        )
        return rows

    def _perform(self, row: Claimed) -> None:
        lease = self._held.lease_of(row)
        CURRENT.set(lease)
        is_over, is_done = True, False
        try:
            is_over, is_done = self._attempts.perform(row)
        finally:
            if is_over:
                self._turns.leave(row)
                self._held.let_go(row, lease)
            self._crews[row.queue].give_back()
            if self._take_next(row) if is_done else (is_over or row.queue in self._saturated):
                self._poll_soon.set()
                self._poll_needed.set()
            # The next turn may be another row's.
            self._wake.set()


def _ticking(*ticks: tuple[Callable[[], None], timedelta]) -> BackgroundScheduler:
    """A scheduler, not started yet, that does each piece of work again and again, never twice at once."""
    scheduler = BackgroundScheduler(timezone="UTC")
    # In-memory ticks. By default APScheduler drops a job that is more than a second late
    # (https://apscheduler.readthedocs.io/en/3.x/userguide.html#missed-job-executions-and-coalescing).
    for work, pause in ticks:
        scheduler.add_job(
            work,
            "interval",
            seconds=pause.total_seconds(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    return scheduler

"""Drains the outbox. A wake-up after a commit is a hint; APScheduler's tick is the guarantee."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from time import monotonic

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, stop_when_event_set, wait_fixed
from tenacity.nap import sleep_using_event

from bot.domain.kit.errors import NotSaved
from bot.domain.outbox.queues import SHOWS_ONLY, Queue
from bot.domain.outbox.retry import Failure, FailureKind, GiveUp, Place, RetryAt
from bot.domain.outbox.rows import Claimed, Position
from bot.effects.failures import from_exception
from bot.effects.leases import CURRENT, Lease
from bot.effects.performers import Performers
from bot.operations.deliveries import LEASE, Deliveries
from bot.worker.clockwatch import ClockWatch
from bot.worker.crew import SIZES, Crew, Turns
from bot.worker.metrics import Meter

log = structlog.get_logger(__name__)

TICK, PLAN_TICK, RENEW_TICK = timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=2)
LOOK_PAUSE = 0.02
"""Seconds at least between a look that found nothing and the next."""
MAX_LOOKING = 0.25
"""The share of its time that the dispatcher spends on polls: rows that end together share the next one."""
MAX_LOOK = 1.0
"""Seconds; polling and claiming take a few milliseconds, and the database stops them after two seconds."""
PATIENCE = 15.0
"""Seconds that finished calls wait to be recorded while the database is busy or down."""


class Worker:
    """Claims due rows, performs each on a thread of its crew, and stores what came of it."""

    def __init__(
        self,
        deliveries: Deliveries,
        performers: Performers,
        owner: str,
        meter: Meter,
        plans: Iterable[Callable[[], None]],
        pause: Callable[[Place], float],
    ) -> None:
        """``plans`` turn what has fallen due into rows; they are called again and again.

        ``pause`` returns the seconds until a method may be called again for a channel.
        """
        self._deliveries = deliveries
        self._performers = performers
        self._meter = meter
        self._owner = owner
        self._watch = ClockWatch(deliveries.clock)
        self._next_look_at = self._next_idle_look_at = monotonic()
        self._held: dict[int, Lease] = {}
        """The rows being performed or waiting for a turn, by id."""
        self._after: Mapping[Queue, Position] = {}
        self._trouble: str | None = None
        self._wake, self._hurries = threading.Event(), threading.Event()
        self._has_news = threading.Event()
        """Something may have fallen due, or become free. A wake-up without it concerns turns only."""
        self._claiming = threading.Lock()
        """Held from the list of the rows that we hold until the claimed ones are in it."""
        self._stopping = threading.Event()
        self._patiently = Retrying(
            retry=retry_if_exception_type(NotSaved),
            wait=wait_fixed(0.5),
            stop=stop_after_delay(PATIENCE) | stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            reraise=True,
        )
        self._short = frozenset(Queue)
        """Queues of which rows may be due that no idle thread was left for."""
        self._crews = {queue: Crew(queue, size) for queue, size in SIZES.items()}
        self._turns = Turns(pause)
        self._dispatcher = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
        self._plans = tuple(plans)
        self._scheduler = BackgroundScheduler(timezone="UTC")
        ticks = ((self.wake, TICK), (self._plan_what_is_due, PLAN_TICK), (self._renew, RENEW_TICK))
        # Ticks in memory, never late enough to be dropped, never twice at once.
        for work, pause_between in ticks:
            self._scheduler.add_job(
                work,
                "interval",
                seconds=pause_between.total_seconds(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin to drain."""
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

    def _renew(self) -> None:
        """Renew the leases of what takes longer than a moment."""
        began = monotonic()
        old = {
            number: lease
            for number, lease in list(self._held.items())
            if lease.until - began < (LEASE - RENEW_TICK / 2).total_seconds()
        }
        if not old:
            return
        try:
            renewed = self._deliveries.renew(self._owner, list(old))
        except Exception as error:  # noqa: BLE001 - the next tick retries, well before the lease is over
            log.warning("leases not renewed", error=type(error).__name__)
            return
        for number in renewed:
            old[number].until = began + LEASE.total_seconds()

    def wake(self) -> None:
        """There may be something to do."""
        self._has_news.set()
        self._wake.set()

    def take_no_more(self) -> None:
        """Claim nothing from now on."""
        self._stopping.set()
        self.wake()

    def stop(self) -> None:
        """Take nothing new, finish what has begun, give back the rest."""
        self.take_no_more()
        if self._dispatcher.ident is None:
            # It was never started.
            return
        # Not before what is being planned is stored: the database is closed next.
        self._scheduler.shutdown(wait=True)
        self._dispatcher.join()
        for crew in self._crews.values():
            crew.stop()
        try:
            for row in self._turns.clear():
                self._deliveries.fail(row, Failure(FailureKind.NOT_YET, "stopping"))
            self._deliveries.release(self._owner)
        except NotSaved:
            log.warning("rows not handed back; their leases will expire")

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            turn = self._turns.seconds()
            self._wake.wait(turn if turn is None else max(turn, LOOK_PAUSE))
            if self._has_news.is_set():
                # A burst of messages wakes us a thousand times a second without anything to perform.
                next_look_at = self._next_look_at if self._hurries.is_set() else self._next_idle_look_at
                self._stopping.wait(max(0.0, next_look_at - monotonic()))
            self._wake.clear()
            if self._stopping.is_set():
                return
            # Posts whose turn it is come first, however much else is due.
            self._give_turns()
            if not self._has_news.is_set():
                continue
            self._has_news.clear()
            self._hurries.clear()
            try:
                self._look_at_the_clock()
                self._look_for_work()
            except Exception as error:  # noqa: BLE001 - the dispatcher outlives whatever goes wrong
                # The database is away or busy: the next tick tries again.
                self._trouble = "not read"
                log.warning("outbox not read", error=type(error).__name__)

    def _look_at_the_clock(self) -> None:
        if self._watch.has_gone_back():
            log.warning("the clock was set back")
            self._deliveries.wait_no_longer()

    def _give_turns(self) -> None:
        """Perform the rows whose turn has come."""
        for row in self._turns.come():
            crew = self._crews[row.queue]
            if crew.take_idle(1):
                crew.submit(self._perform, row)
            else:
                # There will be another poll when a thread is idle again.
                self._turns.put_back(row)

    def _look_for_work(self) -> None:
        """Hand out as many rows as there are idle performers."""
        self._short = self._hand_out(self._claim)

    def _take_next(self, row: Claimed) -> bool:
        """Hand out what waited for the row in its incident; returns whether there may be more to do."""
        incident_id: int | None = getattr(row.effect, "incident_id", None)
        can_tell = incident_id is not None and type(row.effect) in SHOWS_ONLY
        if incident_id is None or not can_tell or row.queue in self._short or self._stopping.is_set():
            return True
        try:
            ids = self._deliveries.look_in(incident_id)
            return bool(ids) and row.queue in self._hand_out(partial(self._claim_these, ids))
        except Exception as error:  # noqa: BLE001 - the next poll finds them
            log.warning("next rows not read", error=type(error).__name__)
            return True

    def _hand_out(self, claim: Callable[[Mapping[Queue, int]], list[Claimed]]) -> frozenset[Queue]:
        """Claim rows for idle threads and perform them there; returns the queues that have none left."""
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
                self._hold(row, began)
        for row in rows:
            self._crews[row.queue].submit(self._perform, row)
        return frozenset(queue for queue, number in room.items() if used[queue] == number)

    def _hold(self, row: Claimed, since: float) -> None:
        if row.id in self._held:
            # Another worker had it meanwhile: an earlier claim waits for its turn in vain.
            self._turns.forget(row.id)
        self._held[row.id] = Lease(since + LEASE.total_seconds())

    def _claim_these(self, ids: list[int], room: Mapping[Queue, int]) -> list[Claimed]:
        return self._deliveries.claim(self._owner, ids, list(self._held), room) if room else []

    def _claim(self, room: Mapping[Queue, int]) -> list[Claimed]:
        """Claim rows for this worker. Most polls find none, and those keep no writer waiting."""
        if not room:
            return []
        held, began = list(self._held), monotonic()
        found = self._deliveries.look(self._owner, held, room, self._after)
        self._after = found.after
        rows = self._deliveries.claim(self._owner, found.ids, held, room) if found.ids else []
        ended = monotonic()
        self._trouble = "polls take too long" if ended - began > MAX_LOOK else None
        self._next_look_at = ended + (ended - began) * (1 / MAX_LOOKING - 1)
        self._next_idle_look_at = self._next_look_at if rows else max(self._next_look_at, ended + LOOK_PAUSE)
        return rows

    def _perform(self, row: Claimed) -> None:
        lease = self._held.get(row.id)
        CURRENT.set(lease)
        is_over, is_done = True, False
        try:
            is_over, is_done = self._attempt(row)
        finally:
            if is_over:
                self._turns.leave(row)
                self._let_go(row, lease)
            self._crews[row.queue].give_back()
            if self._take_next(row) if is_done else (is_over or row.queue in self._short):
                self._hurries.set()
                self._has_news.set()
            # Somebody else may have the next turn.
            self._wake.set()

    def _attempt(self, row: Claimed) -> tuple[bool, bool]:
        """Whether this attempt is over, rather than waiting for its turn, and whether the row is done."""
        kind = type(row.effect)
        # Its key names the incident.
        name = {} if row.is_private else {"key": row.key}
        context = {"effect": kind.__name__, "row": row.id, "attempt": row.attempt, **name}
        try:
            outcome = self._performers[kind](row.effect, row)
            self._patiently(self._deliveries.finish, row, outcome)
        except Exception as error:  # noqa: BLE001 - every failure is a decision about the row
            return self._failed(row, error, context), False
        self._meter.performed(kind.__name__, "done")
        log.debug("effect done", **context)
        return True, True

    def _let_go(self, row: Claimed, lease: Lease | None) -> None:
        """Hold the row no longer, unless it has been claimed again meanwhile."""
        if self._held.get(row.id) is lease:
            self._held.pop(row.id, None)

    def _failed(self, row: Claimed, error: Exception, context: dict[str, object]) -> bool:
        """Store the row's outcome; returns whether it is done with, rather than waiting for its turn."""
        failure = from_exception(error)
        if failure.waits_for and not self._stopping.is_set():
            others = self._turns.join(row, failure.waits_for)
            if others is None:
                return False
            at = self._deliveries.clock() + timedelta(seconds=others)
            failure = Failure(FailureKind.NOT_YET, failure.code, retry_at=at)
        defect = error if failure.kind is FailureKind.DEFECT else None
        try:
            decision = self._patiently(self._deliveries.fail, row, failure)
        except Exception as second:  # noqa: BLE001 - the end of a thread
            # Nobody holds the row any more: it is claimed again as soon as the database can be asked.
            log.warning("failure not stored", error=type(second).__name__, **context)
            return True
        self._meter.performed(type(row.effect).__name__, _outcome(failure, decision))
        if isinstance(decision, GiveUp):
            log.error("effect given up", code=failure.code, exc_info=defect, **context)
        elif failure.kind is not FailureKind.NOT_YET:
            log.warning(
                "effect failed", code=failure.code, exc_info=defect, again_at=str(decision.time), **context
            )
        return True


def _outcome(failure: Failure, decision: RetryAt | GiveUp) -> str:
    """The word for a failed attempt in the figures."""
    if isinstance(decision, GiveUp):
        return "given up"
    return "not yet" if failure.kind is FailureKind.NOT_YET else "failed"

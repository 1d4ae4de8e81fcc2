"""Drains the outbox. A wake-up after a commit is a hint; APScheduler's tick is the guarantee."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, stop_when_event_set, wait_fixed
from tenacity.nap import sleep_using_event

from bot.clockwatch import ClockWatch
from bot.domain.effects import Effect
from bot.domain.errors import NotSaved
from bot.domain.outbox import ALL_KINDS, Claimed, Kinds
from bot.domain.retry import Failure, FailureKind, GiveUp, RetryAt
from bot.effects.failures import from_exception
from bot.effects.performers import Performers
from bot.meter import Meter
from bot.operations.deliveries import LEASE, Deliveries

log = structlog.get_logger(__name__)

TICK, PLAN_TICK = timedelta(seconds=1), timedelta(seconds=5)
LOOK_PAUSE = 0.02
"""Seconds at least between a look that found nothing and the next."""
PERFORMERS_AT_ONCE, APART_AT_ONCE = 12, 4


class Crew:
    """Threads that perform rows of some kinds, so many at once."""

    def __init__(self, name: str, size: int, kinds: Kinds) -> None:
        self.kinds = kinds
        self._size = size
        self._idle = threading.Semaphore(size)
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=name)

    def take_idle(self) -> int:
        """Take all who are idle; how many that are."""
        taken = 0
        while taken < self._size and self._idle.acquire(blocking=False):
            taken += 1
        return taken

    def give_back(self) -> None:
        """One who was taken is idle again."""
        self._idle.release()

    def submit(self, perform: Callable[[Claimed, Crew], None], row: Claimed) -> None:
        """Have one who was taken perform the row, and give themselves back."""
        self._pool.submit(perform, row, self)

    def stop(self) -> None:
        """Wait until nobody performs anything; nobody will."""
        self._pool.shutdown(wait=True)


class Worker:
    """Claims due rows, performs each on a thread of its crew, and stores what came of it."""

    def __init__(
        self,
        deliveries: Deliveries,
        performers: Performers,
        owner: str,
        meter: Meter,
        plans: Iterable[Callable[[], None]],
        apart: Iterable[type[Effect]] = (),
    ) -> None:
        """``plans`` turn what has fallen due into rows; they are called again and again.

        Effects of the kinds ``apart`` have a crew of their own, behind which no others ever wait.
        """
        self._deliveries = deliveries
        self._performers = performers
        self._meter = meter
        self._owner = owner
        self._watch = ClockWatch(deliveries.clock)
        self._found_nothing_at = -LOOK_PAUSE
        self._held: set[int] = set()
        """The ids of rows that are being performed."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        # What has been done outside is worth some waiting for a database that is busy or away.
        self._patiently = Retrying(
            retry=retry_if_exception_type(NotSaved),
            wait=wait_fixed(0.5),
            stop=stop_after_delay(LEASE.total_seconds() / 3) | stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            reraise=True,
        )
        self._crews = _crews(frozenset(kind.__name__ for kind in apart))
        self._dispatcher = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
        self._plans = tuple(plans)
        self._scheduler = BackgroundScheduler(timezone="UTC")
        # Ticks in memory, never late enough to be dropped, never twice at once.
        for work, pause in ((self.wake, TICK), (self._plan_what_is_due, PLAN_TICK)):
            self._scheduler.add_job(
                work,
                "interval",
                seconds=pause.total_seconds(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Begin to drain."""
        self._dispatcher.start()
        self._scheduler.start()
        self.wake()

    def _plan_what_is_due(self) -> None:
        for plan in self._plans:
            if self._stopping.is_set():
                return
            try:
                plan()
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                log.warning("what is due not planned", error=type(error).__name__)
        self.wake()

    def wake(self) -> None:
        """There may be something to do."""
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
        for crew in self._crews:
            crew.stop()
        try:
            self._deliveries.release(self._owner)
        except NotSaved:
            log.warning("rows not given back; their lease runs out")

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            # A burst of messages wakes a thousand times a second, and none of them has anything to perform.
            self._stopping.wait(max(0.0, self._found_nothing_at + LOOK_PAUSE - monotonic()))
            self._wake.clear()
            try:
                self._look_at_the_clock()
                self._look_for_work()
            except Exception as error:  # noqa: BLE001 - the dispatcher outlives whatever goes wrong
                # The database is away or busy: the next tick tries again.
                log.warning("outbox not read", error=type(error).__name__)

    def _look_for_work(self) -> None:
        # Most looks find nothing: those must not keep the writers of requests waiting.
        due = self._deliveries.due(self._owner, tuple(self._held))
        if not due:
            self._found_nothing_at = monotonic()
        for crew in self._crews:
            if any(kind in crew.kinds for kind in due):
                while not self._stopping.is_set() and self._claim_and_submit(crew):
                    pass

    def _look_at_the_clock(self) -> None:
        if self._watch.has_gone_back():
            log.warning("the clock was set back")
            self._deliveries.wait_no_longer()

    def _claim_and_submit(self, crew: Crew) -> bool:
        """Hand out as many rows as there are idle performers; whether there may be more."""
        slots = crew.take_idle()
        rows: list[Claimed] = []
        try:
            held = tuple(self._held)
            rows = self._deliveries.claim(self._owner, slots, held, crew.kinds) if slots else []
            self._held.update(row.id for row in rows)
            if not rows:
                self._found_nothing_at = monotonic()
        finally:
            for _ in range(slots - len(rows)):
                crew.give_back()
        for row in rows:
            crew.submit(self._perform, row)
        return slots > 0 and len(rows) == slots

    def _perform(self, row: Claimed, crew: Crew) -> None:
        kind = type(row.effect)
        # Its key names the incident.
        name = {} if row.is_private else {"key": row.key}
        context = {"effect": kind.__name__, "row": row.id, "attempt": row.attempt, **name}
        try:
            outcome = self._performers[kind](row.effect, row)
            self._patiently(self._deliveries.finish, row, outcome)
            self._meter.performed(kind.__name__, "done")
            log.debug("effect done", **context)
        except Exception as error:  # noqa: BLE001 - every failure is a decision about the row
            self._failed(row, error, context)
        finally:
            self._held.discard(row.id)
            crew.give_back()
            self.wake()

    def _failed(self, row: Claimed, error: Exception, context: dict[str, object]) -> None:
        failure = from_exception(error)
        defect = error if failure.kind is FailureKind.DEFECT else None
        try:
            decision = self._patiently(self._deliveries.fail, row, failure)
        except Exception as second:  # noqa: BLE001 - the end of a thread
            # Nobody holds the row any more: it is claimed again as soon as the database can be asked.
            log.warning("failure not stored", error=type(second).__name__, **context)
            return
        self._meter.performed(type(row.effect).__name__, _outcome(failure, decision))
        if isinstance(decision, GiveUp):
            log.error("effect given up", code=failure.code, exc_info=defect, **context)
        elif failure.kind is not FailureKind.NOT_YET:
            log.warning(
                "effect failed", code=failure.code, exc_info=defect, again_at=str(decision.time), **context
            )


def _crews(apart: frozenset[str]) -> tuple[Crew, ...]:
    if not apart:
        return (Crew("performer", PERFORMERS_AT_ONCE, ALL_KINDS),)
    return (
        Crew("performer", PERFORMERS_AT_ONCE, Kinds(apart, only=False)),
        Crew("apart", APART_AT_ONCE, Kinds(apart)),
    )


def _outcome(failure: Failure, decision: RetryAt | GiveUp) -> str:
    """The word for a failed attempt in the figures."""
    if isinstance(decision, GiveUp):
        return "given up"
    return "not yet" if failure.kind is FailureKind.NOT_YET else "failed"

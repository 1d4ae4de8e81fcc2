"""Stores messages in batches, bypassing Bolt's dispatch when they need nothing more than storing.

The rules are the same as Bolt's: the signature is checked first, our own messages are skipped, redelivered
messages are deduplicated, and each is acked once it is committed. A message that needs more than a timeline
row goes through Bolt on its own, and later messages in its channel wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, Protocol

import structlog
from slack_bolt import BoltResponse

from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.errors import NotSaved
from bot.intake.bolt import Whoami
from bot.intake.lanes import Lanes
from bot.intake.middleware import Answered, Headers, Requests
from bot.intake.sightings import Sightings
from bot.listeners.errors import UNACKED
from bot.listeners.messages import channel_of, is_message, plain

log = structlog.get_logger(__name__)

MAX_TOGETHER = 500
"""Messages per transaction: about 20 ms, during which other writers wait."""
FEW = 20
"""Up to this many waiting messages don't count as a burst: they are stored at once."""
POUR_LOOK, MAX_POUR = 0.005, 0.3
"""Seconds between checks whether a burst is still coming in, and the longest that a batch waits for it."""
MAX_GIVING_WAY = 0.02
"""The longest that a batch waits during a burst, in seconds, for people to get their answers first."""
MAX_WAITED = 0.5
"""Seconds; messages that have waited longer aren't retried once the database has turned out to be busy.

A retry would take two more, and Slack waits for three in total.
"""
ANSWER_TIMEOUT = 10.0
"""Seconds; Slack itself waits for three."""
SINGLES = 8
"""Threads for messages that go through Bolt, each from a different channel."""

Record = Callable[[Sequence[PostedMessage]], Sequence[int]]
"""Stores messages in one transaction; returns the indexes of those not stored because they need more."""


@dataclass(slots=True)
class Delivery:
    """A message, or an event about one, as Slack delivered it."""

    body: dict[str, Any]
    headers: Headers
    name: str
    kind: str
    to: Sender
    message: PostedMessage | None = None
    """What to store, if it may be stored together with others."""
    started: float = field(default_factory=monotonic)


class Sender(Hashable, Protocol):
    """Where deliveries came from; senders are equal if their acks may be sent together."""

    @property
    def is_given_up(self) -> bool:
        """Whether nobody is waiting for the ack; Slack then redelivers the message."""

    def acked(self, deliveries: Sequence[Delivery]) -> None:
        """Ack these deliveries, which have been stored."""

    def answered(self, delivery: Delivery, answered: Answered) -> None:
        """Deliver the answer and finish it."""

    def dropped(self, count: int) -> None:
        """Send no answer to this many deliveries."""


class Batches:
    """Stores messages together, in order within each channel, and acks them after their commit."""

    def __init__(self, requests: Requests, record: Record, whoami: Whoami, sightings: Sightings) -> None:
        self._requests, self._record, self._whoami = requests, record, whoami
        self._sightings = sightings
        self._lanes = Lanes[Delivery](lambda delivery: delivery.message is None)
        self._runner = ThreadPoolExecutor(1, "messages")
        self._singles = ThreadPoolExecutor(SINGLES, "message")
        self._lock = threading.Lock()
        self._is_running = self._has_more = self._is_closed = False
        self._received = self._people = 0
        self._nobody_waits = threading.Condition()

    def answer(
        self, body: dict[str, Any], headers: Headers, name: str, kind: str, *, since: float | None = None
    ) -> Answered:
        """Like :meth:`Requests.answer`, but a message waits for the commit of its batch."""
        if not is_message(body):
            self._sightings.saw(body)
            with self._in_hand():
                return self._requests.answer(body, headers, name, kind, since=since)
        waiting, started = _Waiting(self._requests), monotonic() if since is None else since
        self.put(Delivery(body, headers, name, kind, waiting, started=started))
        return waiting.answer.result(ANSWER_TIMEOUT)

    def put(self, delivery: Delivery) -> None:
        """Queue the message for its turn; its sender gets the answer."""
        self._sightings.saw(delivery.body)
        identity = self._whoami.identity
        if identity is not None:
            delivery.message = plain(delivery.body, identity.bot_user_id, identity.bot_id)
        self._lanes.put(channel_of(delivery.body), delivery)
        self._received += 1
        self._go_on()

    def close(self) -> None:
        """Finish what has been started; to be called once no more deliveries can come in."""
        with self._lock:
            self._is_closed = True
        self._runner.shutdown()
        self._singles.shutdown()

    @contextmanager
    def _in_hand(self) -> Iterator[None]:
        """Count this request as one that somebody is waiting for, until it is handled."""
        with self._nobody_waits:
            self._people += 1
        try:
            yield
        finally:
            with self._nobody_waits:
                self._people -= 1
                self._nobody_waits.notify_all()

    def _go_on(self) -> None:
        with self._lock:
            self._has_more = True
            if self._is_running or self._is_closed:
                return
            self._is_running = True
            self._runner.submit(self._run)

    def _run(self) -> None:
        while self._begin_round():
            while taken := self._next():
                try:
                    self._handle(taken)
                except Exception as error:  # noqa: BLE001 - the other messages continue
                    log.error("messages failed", error=type(error).__name__)

    def _begin_round(self) -> bool:
        with self._lock:
            self._is_running, self._has_more = self._has_more, False
            return self._is_running

    def _next(self) -> list[tuple[str, list[Delivery]]]:
        if self._lanes.count > FEW:
            self._give_way()
        return self._lanes.take(MAX_TOGETHER)

    def _give_way(self) -> None:
        """Let a burst come in, since a command may be behind it, and let people get their answers first.

        Python runs one thread at a time: a batch would slow down both.
        """
        until, is_pouring = monotonic() + MAX_POUR, True
        while is_pouring and monotonic() < until:
            before = self._received
            sleep(POUR_LOOK)
            is_pouring = self._received - before > FEW
        with self._nobody_waits:
            self._nobody_waits.wait_for(lambda: not self._people, MAX_GIVING_WAY)

    def _handle(self, taken: Sequence[tuple[str, list[Delivery]]]) -> None:
        together: dict[str, list[Delivery]] = {}
        for channel, deliveries in taken:
            wanted = self._without_given_up(deliveries)
            if not wanted:
                self._done(channel)
            elif wanted[0].message is None:
                self._singles.submit(self._one, channel, wanted[0])
            else:
                together[channel] = wanted
        if together:
            self._store(together)

    def _without_given_up(self, deliveries: list[Delivery]) -> list[Delivery]:
        wanted = [each for each in deliveries if not each.to.is_given_up]
        for each in deliveries:
            if each.to.is_given_up:
                each.to.dropped(1)
        return wanted

    def _store(self, together: Mapping[str, list[Delivery]]) -> None:
        again: Mapping[str, list[Delivery]] = {}
        try:
            again = self._store_or_leave(together)
        finally:
            for channel in together:
                self._done(channel, again.get(channel, ()))

    def _store_or_leave(self, together: Mapping[str, list[Delivery]]) -> Mapping[str, list[Delivery]]:
        """Store and ack; returns the messages that have to be handled again, by channel."""
        batch = [each for deliveries in together.values() for each in deliveries]
        try:
            left = set(self._record([each.message for each in batch if each.message]))
        except NotSaved:
            self._unacked([*batch, *self._lanes.take_out(_has_waited)])
            return {}
        except Exception as error:  # noqa: BLE001 - one of them fails, and must do so alone
            log.warning("storing messages one by one", error=type(error).__name__, count=len(batch))
            for each in batch:
                each.message = None
            return together
        self._acked([each for place, each in enumerate(batch) if place not in left])
        return _unstored_by_channel(batch, left)

    def _one(self, channel: str, delivery: Delivery) -> None:
        """Handle the message through Bolt; whatever goes wrong, its channel continues."""
        try:
            answered = self._requests.answer(
                delivery.body, delivery.headers, delivery.name, delivery.kind, since=delivery.started
            )
            delivery.to.answered(delivery, answered)
        except Exception as error:  # noqa: BLE001 - the end of a delivery
            log.error("request failed", request=delivery.name, error=type(error).__name__)
            delivery.to.dropped(1)
        finally:
            self._done(channel)

    def _acked(self, stored: Sequence[Delivery]) -> None:
        by_sender: dict[Sender, list[Delivery]] = {}
        for each in stored:
            by_sender.setdefault(each.to, []).append(each)
        for sender, deliveries in by_sender.items():
            sender.acked(deliveries)

    def _unacked(self, batch: Sequence[Delivery]) -> None:
        for each in batch:
            each.to.answered(each, self._requests.answered(UNACKED, each.name, each.kind, each.started))

    def _done(self, channel: str, again: Sequence[Delivery] = ()) -> None:
        self._lanes.done(channel, again)
        self._go_on()


def _has_waited(delivery: Delivery) -> bool:
    """Whether the message has waited too long for another try."""
    return monotonic() - delivery.started > MAX_WAITED


def _unstored_by_channel(batch: Sequence[Delivery], left: set[int]) -> dict[str, list[Delivery]]:
    """The messages that weren't stored, by channel; the first in each channel has to go through Bolt."""
    again: dict[str, list[Delivery]] = {}
    for place in sorted(left):
        again.setdefault(channel_of(batch[place].body), []).append(batch[place])
    for deliveries in again.values():
        deliveries[0].message = None
    return again


class _Waiting:
    """A thread waiting for the answer to an HTTP request."""

    is_given_up = False

    def __init__(self, requests: Requests) -> None:
        self.answer: Future[Answered] = Future()
        self._requests = requests

    def acked(self, deliveries: Sequence[Delivery]) -> None:
        """Set the answer: the message is stored."""
        for each in deliveries:
            stored = BoltResponse(status=200)
            self.answered(each, self._requests.answered(stored, each.name, each.kind, each.started))

    def answered(self, _delivery: Delivery, answered: Answered) -> None:
        """Set the answer; the waiting thread finishes it."""
        self.answer.set_result(answered)

    def dropped(self, _count: int) -> None:
        """Cancel the wait: there is no answer."""
        self.answer.cancel()

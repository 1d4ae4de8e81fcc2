"""A whole bot and its workspace on one thread, without sockets: thousands of acts a minute.

Everything is real but what carries it: the bot that :func:`bot.bootstrap.build` wires, and the sandbox's own
Web API, forms and events. The clock moves only when it is told to, and calls can fail as on a bad network.
"""

from __future__ import annotations

import json
from collections.abc import Coroutine
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any, TypeVar, cast

from sqlalchemy import select

from bot.bootstrap import Bot, build
from bot.config import Settings
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import Claimed
from bot.effects.slack import Pace
from bot.worker.attempt import Attempts
from bot.worker.crew import Turns
from bot.worker.metrics import Meter
from sandbox.control.routing import Desk
from sandbox.server import Sandbox
from sandbox.webapi import WebApi
from sandbox.workspace import events
from sandbox.workspace.core import Delivery
from sandbox.workspace.model import Channel, Json
from storage.outbox import RUNNING, WAITING
from storage.tables import outbox
from tests.support.bots import ROOT
from tests.support.examples import NOW
from tests.support.wire import HOST, KilledError, Wire

T = TypeVar("T")
MAX_ROUNDS = 200
"""How often :meth:`Stage.drain` looks for more: nothing takes so many attempts."""
TOGETHER = 4
"""Rows claimed at once."""
RETRIED_WITHIN = timedelta(minutes=20)
"""How far :meth:`Stage.drain` moves the clock for rows that wait: longer than the pauses between retries."""


class _AtOnce(Executor):
    """Does what it is given at once, on the thread that asks."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        fn(*args, **kwargs)
        return Future()


class _NoPace(Pace):
    """Calls as often as it likes: the sandbox has no limit here."""

    def take(self, method: str, channel: str | None) -> timedelta | None:
        return None


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """The time as the bot wants it."""
        return self.now

    def seconds(self) -> float:
        """The time as the sandbox wants it."""
        return self.now.timestamp()


class Replica:
    """A bot that was started just now. Its worker's threads never run: the caller makes it work."""

    def __init__(self, settings: Settings, clock: Clock, wire: Wire, owner: str) -> None:
        self.bot, self._owner = build(settings, clock), owner
        self.bot.slack._client.network.__dict__["opener"] = wire
        self.bot.slack.pace = _NoPace()
        cast(Any, self.bot.services.forms)._pool = _AtOnce()
        at_once = Event()
        at_once.set()
        table = self.bot.worker._attempts._performers
        self._outbox = self.bot.services.outbox
        self._attempts = Attempts(self._outbox, table, Meter(), Turns(lambda _place: 0.0), at_once)
        self.bot._introduce()

    def claim(self, most: int) -> list[Claimed]:
        """Take up to so many rows that are due."""
        room = dict.fromkeys(Queue, most)
        found = self._outbox.look(self._owner, [], room)
        return self._outbox.claim(self._owner, found.ids[:most], [], room) if found.ids else []

    def perform(self, row: Claimed) -> None:
        """Attempt a row; raises :class:`KilledError`."""
        self._attempts.perform(row)

    def ring(self) -> None:
        """Plan whatever has fallen due, as the worker does every few seconds."""
        self.bot.worker._plans[0]()

    def close(self) -> None:
        """Let the bot go, with its threads and connections."""
        self.bot.batches.close()
        self.bot.database.close()


class Stage:
    """One workspace, one database, one bot after another."""

    def __init__(self, url: str) -> None:
        """``url`` is that of an empty, migrated database."""
        self.clock = Clock()
        self.sandbox = Sandbox(ROOT / "manifest.yml", clock=self.clock.seconds, post_limit=False, busy=False)
        self.store, self.desk = self.sandbox.store, Desk(self.sandbox.interactions, self.sandbox)
        self.store.team_url = f"{HOST}/"
        self.store.transport, self.store.emit = self, self._emit
        self.wire = Wire(self._api())
        self._settings = Settings.model_validate(
            {
                "slack_api_url": f"{HOST}/api/",
                "slack_bot_token": self.sandbox.bot_token,
                "slack_app_token": self.sandbox.app_token,
                "database_url": url,
            }
        )
        self.delivered: list[tuple[str, Json]] = []
        """Everything that the bot got, with its kind, oldest first."""
        self._events: list[Json] = []
        self.slowest_ack = self.slowest_drain = 0.0
        """Seconds."""
        self.starts = 0
        self.replica = self.another()
        self.deliver_events()

    connected = True

    def _api(self) -> WebApi:
        box = self.sandbox
        kinds = {box.bot_token: "bot", box.app_token: "app"}
        return WebApi(box.store, box.interactions, box.socket_mode, box.faults, box.log, kinds, None)

    # the bot

    def another(self) -> Replica:
        """One more bot on the same database; only the first one gets what Slack delivers."""
        self.starts += 1
        return Replica(self._settings, self.clock, self.wire, f"bot/{self.starts}")

    @property
    def bot(self) -> Bot:
        """The bot that runs."""
        return self.replica.bot

    def restart(self) -> None:
        """Kill the bot, and start another one once nobody holds what the dead one held."""
        self.wire.faults.clear()
        self.replica.close()
        self.replica = self.another()
        self.bot.services.startup.start_alone()
        self.deliver_events()

    def close(self) -> None:
        """Let the bot go; nothing can be done afterwards."""
        self.replica.close()

    # Slack's side

    def _emit(self, event: Json, channel: Channel | None) -> None:
        if events.wanted(self.store, event, channel):
            self._events.append(events.envelope(self.store, event))

    def deliver(self, kind: str, payload: Json, timeout: float) -> Coroutine[Any, Any, Delivery]:
        """Hand a command or click to the bot; returns its ack."""

        async def delivered() -> Delivery:
            return self.hand_over(kind, payload)

        return delivered()

    def hand_over(self, kind: str, payload: Json) -> Delivery:
        """Deliver something, for the first time or again; returns the ack. This may kill the bot."""
        self.delivered.append((kind, payload))
        body, began = json.loads(json.dumps(payload)), monotonic()
        answered = None
        try:
            answered = self.bot.batches.answer(body, {}, f"{len(self.delivered)}", kind)
            self.slowest_ack = max(self.slowest_ack, monotonic() - began)
            answered.finish()
        except KilledError:
            self.restart()
        if answered is None or not answered.is_acked:
            return Delivery(False, None, "timeout")
        text = answered.response.body
        return Delivery(True, json.loads(text) if text else None)

    def deliver_events(self) -> None:
        """Deliver what has happened since; what isn't acked comes once more."""
        while self._events:
            payload = self._events.pop(0)
            if not self.hand_over("events_api", payload).acked:
                self.hand_over("events_api", payload)

    def does(self, act: Coroutine[Any, Any, T]) -> T:
        """What somebody does in Slack; the bot has every event of it afterwards."""
        try:
            act.send(None)
        except StopIteration as done:
            self.deliver_events()
            return cast(T, done.value)
        raise AssertionError("it waits for something")

    # the worker's side

    def work(self, most: int = 1000) -> int:
        """Perform up to so many rows that are due; returns how many."""
        done = 0
        while done < most and (rows := self.replica.claim(min(TOGETHER, most - done))):
            starts = self.starts
            for row in rows:
                done += 1
                self._perform(row)
                if self.starts != starts:
                    # Whoever held the others is gone; the next bot claims them.
                    break
        return done

    def _perform(self, row: Claimed) -> None:
        try:
            self.replica.perform(row)
        except KilledError:
            self.restart()
        self.deliver_events()

    def wait(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.now += timedelta(**delta)

    def drain(self) -> None:
        """Perform everything, also what is retried in a while: the clock moves until nothing waits."""
        self.wire.faults.clear()
        until, began = self.clock.now + RETRIED_WITHIN, monotonic()
        for _ in range(MAX_ROUNDS):
            self.replica.ring()
            self.work()
            at = self._waits_until()
            if at is None or at > until:
                break
            self.clock.now = at
        self.slowest_drain = max(self.slowest_drain, monotonic() - began)
        left = self.rows(outbox.c.state.in_((WAITING, RUNNING)), outbox.c.not_before <= self.clock.now)
        assert not left, left

    def _waits_until(self) -> datetime | None:
        """When the next row that waits for its time may be performed."""
        later = outbox.c.not_before > self.clock.now
        query = select(outbox.c.not_before).where(outbox.c.state == WAITING, later)
        return self.bot.database.run(
            lambda tx: tx.execute(query.order_by(outbox.c.not_before)).scalars().first()
        )

    def rows(self, *where: Any) -> list[Any]:
        """Rows of the outbox, in short."""
        columns = (outbox.c.key, outbox.c.kind, outbox.c.state, outbox.c.attempts, outbox.c.last_error)
        return self.bot.database.run(lambda tx: list(tx.execute(select(*columns).where(*where))))

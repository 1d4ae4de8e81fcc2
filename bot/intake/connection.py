"""The Socket Mode connection: dispatch, ack, and only then everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

import structlog
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.domain.kit.errors import NotSaved
from bot.effects.clients import Web
from bot.effects.failures import code_of
from bot.intake.batches import Batches, Delivery
from bot.intake.middleware import Answered, Requests
from bot.intake.session import Session
from bot.listeners.messages import is_message
from bot.network import in_words
from bot.worker.metrics import Meter

log = structlog.get_logger(__name__)

SILENCE_LIMIT = 45.0
"""Seconds without a frame after which a session counts as lost; Slack itself pings every few seconds.

Noticing it and opening a new session take a few more, so the bot is deaf for less than a minute.
"""
CONCURRENCY = 20
"""Commands, clicks and forms handled at a time."""
LOOK_INTERVAL = 5.0
"""Seconds between two checks of the session."""
OPENING_TIMEOUT = 5
"""Seconds for the call that asks Slack for a session's URL."""
MAX_PAUSE = 30.0
"""Seconds between two attempts to open a session, at most; the pause doubles after each failure."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a connection calls."""

    on_gap: Callable[[], None]
    """Catches up on what was missed, if no session worked for longer than the silence limit."""
    on_alive: Callable[[], None]
    """Called every few seconds while Slack can reach us."""


class Connection:
    """Receives from Slack over Socket Mode until it is closed, in one session after another.

    A new session is opened before the one that it replaces is closed, so nobody notices: Slack announces the
    end of each session some seconds ahead (https://docs.slack.dev/apis/events-api/using-socket-mode).
    """

    def __init__(
        self,
        requests: Requests,
        batches: Batches,
        app_token: str,
        web: Web,
        meter: Meter,
        hooks: Hooks,
        silence_limit: float = SILENCE_LIMIT,
    ) -> None:
        """``silence_limit`` is how many seconds without a frame end a session."""
        self._requests, self._batches = requests, batches
        self._app_token, self._meter = app_token, meter
        # A separate pool: what people wait for never queues behind messages.
        self._people = ThreadPoolExecutor(CONCURRENCY, "people")
        self._hooks, self._silence_limit = hooks, silence_limit
        self._has_missed = False
        self._web, self.obstacle = web, ""
        """What kept the last session from being opened, in words, if somebody has to remove it."""
        self._session: Session | None = None
        self._replaced: list[Session] = []
        self._closing, self._wanted = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="connection", daemon=True)

    def open(self) -> None:
        """Connect and wait for Slack's greeting; raises what the SDK raises, and ``TimeoutError``."""
        self._renew()
        self._keeper.start()

    def trouble(self) -> str | None:
        """Why Slack can't reach us now, or ``None``."""
        session = self._session
        if session is None or session.has_ended:
            return self.obstacle or "not connected"
        return "silent" if self._is_silent() else None

    def close(self) -> None:
        """Stop taking anything new and finish what is being handled."""
        self._closing.set()
        self._wanted.set()
        stopped = self._session
        if stopped is not None:
            stopped.close(everything=False)
        if self._keeper.is_alive():
            # It may be opening another session, which takes some seconds.
            self._keeper.join()
        self._close_replaced()
        if self._session is not None and self._session is not stopped:
            self._session.close(everything=False)
        self._people.shutdown()

    def _renew(self) -> None:
        session = Session(self._app_token, self._web, self._receive, self._leaving)
        try:
            session.open()
        except BaseException as error:
            session.close()
            self.obstacle = in_words(code_of(error)) if isinstance(error, Exception) else ""
            raise
        self.obstacle = ""
        if self._session is not None:
            self._replaced.append(self._session)
            self._meter.reconnected()
            # Slack redelivers what wasn't acknowledged, but gives up after some minutes.
            self._has_missed |= self._is_silent()
        self._session = session
        self._catch_up_if_needed()
        if session.has_ended:
            self._wanted.set()

    def _leaving(self, session: Session) -> None:
        """Ask for a new session if this one has ended or is about to, unless it has already been replaced."""
        if session is self._session:
            self._wanted.set()

    def _keep(self) -> None:
        """Keep a working session open until the connection is closed."""
        pause = 1.0
        while not self._closing.is_set():
            is_wanted = self._wanted.wait(min(LOOK_INTERVAL, self._silence_limit / 2))
            # Sessions replaced in the last round have had time to ack what they were handling.
            self._close_replaced()
            self._catch_up_if_needed()
            if self.trouble() is None:
                self._hooks.on_alive()
            if self._closing.is_set() or not (is_wanted or self._is_silent()):
                continue
            self._wanted.clear()
            try:
                self._renew()
                pause = 1.0
            except Exception as error:  # noqa: BLE001 - the keeper outlives whatever goes wrong
                log.warning("no new session yet", error=code_of(error), advice=self.obstacle)
                self._wanted.set()
                self._closing.wait(pause)
                pause = min(2 * pause, MAX_PAUSE)

    def _catch_up_if_needed(self) -> None:
        if not self._has_missed:
            return
        try:
            self._hooks.on_gap()
            self._has_missed = False
        except NotSaved:
            log.warning("missed messages will be fetched later")

    def _close_replaced(self) -> None:
        while self._replaced:
            self._replaced.pop().close()

    def _is_silent(self) -> bool:
        return self._session is not None and monotonic() - self._session.last_frame > self._silence_limit

    def _receive(self, session: Session, request: SocketModeRequest) -> None:
        """Pass the request on, to the queue for messages or to the pool; called on the reading thread."""
        body, headers = request.payload, build_headers(request) or {}
        if is_message(body):
            acks = _Acks(session, self._requests)
            self._batches.put(Delivery(body, headers, request.envelope_id, request.type, acks))
        else:
            self._people.submit(self._handle, session, request, monotonic())

    def _handle(self, session: Session, request: SocketModeRequest, started: float) -> None:
        try:
            if not session.is_given_up:
                headers = build_headers(request) or {}
                answered = self._batches.answer(
                    request.payload, headers, request.envelope_id, request.type, since=started
                )
                send_response(session, request, answered.response, started)
                answered.finish()
        except Exception as error:
            log.exception("request failed", error=type(error).__name__)
        finally:
            session.settled()


@dataclass(frozen=True)
class _Acks:
    """Sends the acks of one session's messages."""

    session: Session
    requests: Requests

    @property
    def is_given_up(self) -> bool:
        """Whether the session is ending: waiting messages are then left to Slack's redelivery."""
        return self.session.is_given_up

    def acked(self, deliveries: Sequence[Delivery]) -> None:
        """Ack these messages, which have been stored."""
        started = {each.name: each.started for each in deliveries}
        self.session.ack(started)
        self.requests.acked_together(deliveries[0].kind, started)
        self.session.settled(len(deliveries))

    def answered(self, delivery: Delivery, answered: Answered) -> None:
        """Send the answer to one message."""
        request = SocketModeRequest(delivery.kind, delivery.name, delivery.body)
        send_response(self.session, request, answered.response, delivery.started)
        answered.finish()
        self.session.settled()

    def dropped(self, count: int) -> None:
        """Send no ack for this many messages."""
        self.session.settled(count)

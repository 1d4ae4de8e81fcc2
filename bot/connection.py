"""The Socket Mode connection: dispatch, ack, and only then everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from structlog.contextvars import bound_contextvars

from bot.listeners.services import AFTER_ACK
from bot.session import Session

log = structlog.get_logger(__name__)

SILENCE_LIMIT = 60.0
"""Seconds without a frame after which a session counts as lost; Slack itself pings every few seconds."""
LOOK_INTERVAL = 5.0
LONGEST_PAUSE = 30.0


class Connection:
    """Receives from Slack over Socket Mode until it is closed, from one session after the other.

    A new session is open before the one that it replaces is closed: Slack announces the end of each session
    some seconds ahead, so nobody notices.
    """

    def __init__(self, app: App, app_token: str, base_url: str, wake: Callable[[], None]) -> None:
        self._app, self._app_token, self._wake = app, app_token, wake
        # Getting a new address may be repeated freely, but not by the SDK behind our back.
        self._web = WebClient(base_url=base_url, timeout=10, retry_handlers=[])
        self._session: Session | None = None
        self._replaced: list[Session] = []
        self._closing, self._wanted = threading.Event(), threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="connection", daemon=True)

    def open(self) -> None:
        """Connect and wait for Slack's greeting; raises what the SDK raises, and ``TimeoutError``."""
        self._renew()
        self._keeper.start()

    def close(self) -> None:
        """Stop taking anything new and finish what is being handled."""
        self._closing.set()
        self._wanted.set()
        if self._keeper.is_alive():
            self._keeper.join()
        self._close_replaced()
        if self._session is not None:
            self._session.close(everything=False)

    def _renew(self) -> None:
        session = Session(self._app_token, self._web, self._handle, self._leaving)
        try:
            session.open()
        except BaseException:
            session.close()
            raise
        if self._session is not None:
            self._replaced.append(self._session)
        self._session = session
        if session.has_ended:
            self._wanted.set()

    def _leaving(self, session: Session) -> None:
        """A session has ended or is about to; of one that is replaced already that is no news."""
        if session is self._session:
            self._wanted.set()

    def _keep(self) -> None:
        """See to it that there is a session that works."""
        pause = 1.0
        while not self._closing.is_set():
            is_wanted = self._wanted.wait(LOOK_INTERVAL)
            # What was replaced in the last round has had the time to ack what it was handling.
            self._close_replaced()
            if self._closing.is_set() or not (is_wanted or self._is_silent()):
                continue
            self._wanted.clear()
            try:
                self._renew()
                pause = 1.0
            except Exception as error:  # noqa: BLE001 - the keeper outlives whatever goes wrong
                log.warning("no new session yet", error=type(error).__name__)
                self._wanted.set()
                self._closing.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _close_replaced(self) -> None:
        while self._replaced:
            self._replaced.pop().close()

    def _is_silent(self) -> bool:
        return self._session is not None and monotonic() - self._session.last_frame > SILENCE_LIMIT

    def _handle(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        started = monotonic()
        with bound_contextvars(request=request.envelope_id):
            bolt_request = BoltRequest(
                mode="socket_mode", body=request.payload, headers=build_headers(request)
            )
            response = self._app.dispatch(bolt_request)
            send_response(client, request, response, started)
            milliseconds = round((monotonic() - started) * 1000, 1)
            log.info("request", kind=request.type, status=response.status, milliseconds=milliseconds)
            for work in bolt_request.context.get(AFTER_ACK, ()):
                work()
        self._wake()

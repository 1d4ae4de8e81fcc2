"""The Socket Mode connection: dispatch, ack, and only then everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Any

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from structlog.contextvars import bound_contextvars
from websocket import WebSocketException

from bot.listeners.services import AFTER_ACK

log = structlog.get_logger(__name__)

SILENCE_LIMIT = 60.0
"""Seconds without a frame after which a connection counts as lost; Slack itself pings every few seconds."""
PING_INTERVAL = 10.0
GREETING_TIMEOUT = 5.0
CONCURRENCY = 20


class _WatchedClient(SocketModeClient):
    """The ``websocket_client`` transport, which notes when it last heard anything.

    The SDK's built-in client parses frames recursively and loses events in large bursts.
    """

    def __init__(self, **settings: Any) -> None:
        self.last_frame = 0.0
        self._last_stream: socket | None = None
        super().__init__(**settings)

    def connect(self) -> None:
        """Replace the session by a new one; pings and pongs count as signs of life, as messages do."""
        if self.current_session is not None:
            # Its end is our doing and no reason to connect once more.
            self.current_session.on_close = None
            self.disconnect()
        super().connect()
        self.heard()
        if self.current_session is not None:
            self.current_session.on_ping = self.heard
            self.current_session.on_pong = self.heard

    def disconnect(self) -> None:
        """End the session so that its reader notices at once.

        ``WebSocketApp.close()`` takes the server's answer away from the reader, which then waits for ten
        seconds on a closed socket before anything else can be read.
        """
        session = self.current_session
        if session is None:
            return
        session.keep_running = False
        web_socket = session.sock
        stream = web_socket.sock if web_socket else None
        if web_socket is None or stream is None:
            return
        with suppress(OSError, WebSocketException):
            web_socket.send_close()
        with suppress(OSError):
            stream.shutdown(SHUT_RDWR)
        self._close_last_stream()
        self._last_stream = stream

    def close(self) -> None:
        """End everything, and close what the last reader leaves open."""
        super().close()
        self._close_last_stream()

    def _close_last_stream(self) -> None:
        if self._last_stream is not None:
            self._last_stream.close()

    def heard(self, *_: object) -> None:
        """Something came in."""
        self.last_frame = monotonic()


class Connection:
    """Receives from Slack over Socket Mode until it is closed."""

    def __init__(self, app: App, app_token: str, base_url: str, wake: Callable[[], None]) -> None:
        self._app = app
        self._wake = wake
        self._closing, self._greeted = threading.Event(), threading.Event()
        # Getting a new address may be repeated freely, but not by the SDK behind our back.
        web = WebClient(base_url=base_url, timeout=10, retry_handlers=[])
        self._client = _WatchedClient(
            app_token=app_token, web_client=web, ping_interval=PING_INTERVAL, concurrency=CONCURRENCY
        )
        self._client.on_message_listeners.append(self._client.heard)
        self._client.message_listeners.append(self._note_greeting)
        self._client.socket_mode_request_listeners.append(self._handle)
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def open(self) -> None:
        """Connect and wait for Slack's greeting; raises what the SDK raises, and ``TimeoutError``."""
        self._greeted.clear()
        self._client.connect_to_new_endpoint(force=True)
        # Slack greets at once; another server may not, and an open socket will do.
        if not self._greeted.wait(GREETING_TIMEOUT) and not self.is_open:
            raise TimeoutError("no connection")
        if not self._watchdog.is_alive():
            self._watchdog.start()

    @property
    def is_open(self) -> bool:
        """Whether there is a live socket."""
        session = self._client.current_session
        return bool(session and session.sock and session.sock.connected)

    def close(self) -> None:
        """Stop taking anything new and finish what is being handled."""
        self._closing.set()
        self._client.close()
        if self._watchdog.is_alive():
            self._watchdog.join()

    def _note_greeting(
        self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None
    ) -> None:
        """https://docs.slack.dev/apis/events-api/using-socket-mode#connect: "hello" is the first frame."""
        if message.get("type") == "hello":
            self._greeted.set()

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

    def _watch(self) -> None:
        while not self._closing.wait(SILENCE_LIMIT / 12):
            if monotonic() - self._client.last_frame < SILENCE_LIMIT:
                continue
            log.warning("socket silent, reconnecting")
            try:
                self._client.connect_to_new_endpoint(force=True)
            except Exception as error:  # noqa: BLE001 - the watchdog outlives whatever goes wrong
                # Slack can't be reached just now; the next round tries again.
                log.warning("reconnect failed", error=type(error).__name__)

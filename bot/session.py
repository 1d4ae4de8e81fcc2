"""One session of Socket Mode, from its first frame to its last ack."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.websocket_client import SocketModeClient
from websocket import WebSocketApp, WebSocketException

log = structlog.get_logger(__name__)

PING_INTERVAL = 10.0
GREETING_TIMEOUT = 5.0
CONCURRENCY = 20

Handler = Callable[[BaseSocketModeClient, SocketModeRequest], None]


class Session(SocketModeClient):
    """The ``websocket_client`` transport, for a single session.

    The SDK's built-in client parses frames recursively and loses events in large bursts. Either client of the
    SDK ends its session before it begins the next, and people who type a command in between are told that
    nobody is there; what is being handled then can't be acked any more. So a session is never replaced from
    within: it tells ``on_leaving`` that it has ended or is about to, and another can be open before that.
    """

    def __init__(
        self, app_token: str, web_client: WebClient, handle: Handler, on_leaving: Callable[[Session], None]
    ) -> None:
        self.last_frame = monotonic()
        self._on_leaving = on_leaving
        self._begun, self._settled = threading.Event(), threading.Event()
        self._is_greeted = self.has_ended = False
        self._stream: socket | None = None
        super().__init__(
            app_token=app_token, web_client=web_client, ping_interval=PING_INTERVAL, concurrency=CONCURRENCY
        )
        self.on_open_listeners.append(self._note_stream)
        self.on_message_listeners.append(self._heard)
        self.message_listeners.append(self._note_greeting)
        self.socket_mode_request_listeners.append(handle)

    def open(self) -> None:
        """Connect and wait for Slack's greeting; raises what the SDK raises, and ``TimeoutError``."""
        self.wss_uri = self.issue_new_wss_url()
        self.connect()
        if self.current_session is not None:
            self.current_session.on_ping = self.current_session.on_pong = self._heard
            # The SDK's own takes the ordinary end of a session for an error.
            self.current_session.on_error = self._note_failure
        self._begun.set()
        self._settled.wait(GREETING_TIMEOUT)
        # Slack greets at once; another server may not, and an open socket will do.
        if not self._is_greeted and not self._is_open():
            raise TimeoutError("no connection")

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002 - the SDK's own signature
        """Slack wants this session replaced, or it has ended: not ours to do."""
        self._on_leaving(self)

    def send_message(self, message: str) -> None:
        """Send an ack; where the session is gone by now, Slack delivers again what it redelivers at all."""
        try:
            if self.current_session is not None:
                self.current_session.send(message)
        except (WebSocketException, OSError) as error:
            log.warning("not acked", error=type(error).__name__)

    def close(self, *, everything: bool = True) -> None:
        """Take nothing more, finish and ack what is being handled, and end the session.

        Without ``everything`` what has come in but waits for its turn is left alone: Slack redelivers it.
        """
        self.closed = True
        self.auto_reconnect_enabled = False
        # Wakes the processor, which else waits for a second for something to process.
        self.message_queue.put(None)
        self.message_processor.shutdown()  # type: ignore[no-untyped-call]
        self.message_workers.shutdown(cancel_futures=not everything)
        self.disconnect()
        self._begun.set()
        self.current_session_runner.shutdown()  # type: ignore[no-untyped-call]
        self.current_app_monitor.shutdown()  # type: ignore[no-untyped-call]

    def disconnect(self) -> None:
        """End the session so that its reader notices at once.

        ``WebSocketApp.close()`` takes the server's answer away from the reader, which then waits for ten
        seconds on a closed socket before anything else can be read.
        """
        session = self.current_session
        if session is None:
            return
        session.keep_running = False
        if session.sock is not None:
            with suppress(OSError, WebSocketException):
                session.sock.send_close()
        if self._stream is not None:
            with suppress(OSError):
                self._stream.shutdown(SHUT_RDWR)

    def _run_current_session(self) -> None:
        """Read until the end, once: the SDK would connect again with the same address, which is used up."""
        self._begun.wait()
        if not self.has_ended and not self.closed:
            super()._run_current_session()  # type: ignore[no-untyped-call]
        self.has_ended = True
        if self._stream is not None:
            # Not every end of a session that the library knows closes its socket.
            self._stream.close()
        self._settled.set()

    def _is_open(self) -> bool:
        session = self.current_session
        return bool(session and session.sock and session.sock.connected)

    def _note_stream(self, session: WebSocketApp) -> None:
        self._stream = session.sock.sock if session.sock else None

    def _note_failure(self, _session: WebSocketApp, error: Exception) -> None:
        log.info("session failed", error=type(error).__name__)

    def _note_greeting(
        self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None
    ) -> None:
        """https://docs.slack.dev/apis/events-api/using-socket-mode#connect: "hello" is the first frame."""
        if message.get("type") == "hello":
            self._is_greeted = True
            self._settled.set()

    def _heard(self, *_: object) -> None:
        self.last_frame = monotonic()

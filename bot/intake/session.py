"""One Socket Mode session, from its first frame to its last ack."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from socket import SHUT_RDWR, socket
from time import monotonic
from typing import Any

import structlog
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from websocket import WebSocketConnectionClosedException, WebSocketException

from bot.effects.clients import Web
from bot.intake.stream import Stream

log = structlog.get_logger(__name__)
_sdk_log = logging.getLogger("slack_sdk.socket_mode")

PING_INTERVAL = 10.0
"""Seconds."""
GREETING_TIMEOUT = 5.0
"""Seconds to connect, and again for Slack to greet us."""
STALL_TIMEOUT = 5.0
"""Seconds for the rest of a frame, in either direction."""
FINISH_TIMEOUT = 5.0
"""Seconds to handle what arrived before its session was replaced; Slack redelivers the rest."""

Receive = Callable[["Session", SocketModeRequest], None]


class Session(BaseSocketModeClient):
    """The SDK's client over websocket-client, for a single session.

    The SDK's built-in client parses frames recursively and loses events in large bursts. All of its clients
    end a session before they start the next: people who type a command in between see an error, and requests
    that are being handled can no longer be acked. They also put everything into one queue, in which a command
    waits for all the messages before it. So this one only reads and passes on, and never replaces itself: it
    calls ``on_leaving`` when it has ended or is about to, and another one can be open before that.
    """

    def __init__(
        self, app_token: str, web_client: Web, receive: Receive, on_leaving: Callable[[Session], None]
    ) -> None:
        """``receive`` is called on the reading thread, so it must be quick; see :meth:`settled`."""
        self.app_token, self.web_client, self.logger = app_token, web_client, _sdk_log
        self._network = web_client.network
        self.last_frame = monotonic()
        self.closed = self.has_ended = self.is_given_up = False
        """``is_given_up`` leaves requests that are still waiting for their turn to Slack's redelivery."""
        self.connections = 1
        """How many sockets of the app are open, this one included, as Slack said in its greeting."""
        self._receive, self._on_leaving = receive, on_leaving
        self._is_greeted, self._greeted_or_ended = False, threading.Event()
        self._open, self._none_open = 0, threading.Condition()
        self._stream: Stream | None = None
        self._socket: socket | None = None
        self._reader = threading.Thread(target=self._read, name="session", daemon=True)

    def open(self) -> None:
        """Connect and wait for Slack's greeting; raises what the SDK raises, and ``OSError``."""
        url = self.issue_new_wss_url()
        connection = self._network.connection(url, GREETING_TIMEOUT)
        connection.connect()
        self._socket = connection.sock
        self._stream = Stream(
            url,
            socket=self._socket,
            on_open=self._note_socket,
            on_message=self._note_frame,
            on_ping=self._heard,
            on_pong=self._heard,
            on_error=self._note_failure,
        )
        self._reader.start()
        self._greeted_or_ended.wait(GREETING_TIMEOUT)
        # Slack greets at once; another server may not, so an open socket is enough.
        if not self._is_greeted and not self._is_open():
            raise TimeoutError("no connection")

    def send_message(self, message: str) -> None:
        """Send an ack; if the session is gone, Slack redelivers events, but nothing else."""
        self._send([message])

    def ack(self, envelope_ids: Iterable[str]) -> None:
        """Ack envelopes that need no payload, all in one write."""
        self._send([json.dumps({"envelope_id": each}) for each in envelope_ids])

    def settled(self, count: int = 1) -> None:
        """Count this many of the received requests as done, acked or not."""
        with self._none_open:
            self._open -= count
            self._none_open.notify_all()

    def close(self, *, everything: bool = True) -> None:
        """Take nothing new, finish and ack what is being handled, and end the session.

        Without ``everything``, requests that are waiting for their turn are left to Slack's redelivery.
        """
        self.closed, self.is_given_up = True, not everything
        with self._none_open:
            self._none_open.wait_for(lambda: self._open == 0, FINISH_TIMEOUT)
        self.is_given_up = True
        self.disconnect()
        if self._reader.ident is not None:
            self._reader.join(GREETING_TIMEOUT)

    def disconnect(self) -> None:
        """End the session so that its reader notices at once.

        ``WebSocketApp.close()`` would take the server's answer from the reader, which would then wait ten
        seconds on a closed socket before anything else can be read.
        """
        stream = self._stream
        if stream is None:
            return
        stream.keep_running = False
        if stream.sock is not None:
            with suppress(OSError, WebSocketException):
                stream.sock.send_close()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)

    def _send(self, messages: list[str]) -> None:
        try:
            if self._stream is not None:
                self._stream.send_together(messages)
        except (WebSocketException, OSError) as error:
            log.warning("not acked", error=type(error).__name__, count=len(messages))

    def _read(self) -> None:
        """Read until the session ends; there is no second time, since its URL works only once."""
        try:
            if self._stream is not None and not self.closed:
                self._stream.run(PING_INTERVAL)
        except Exception as error:  # noqa: BLE001 - the end of a thread
            log.warning("session failed", error=type(error).__name__)
        finally:
            self.has_ended = True
            if self._socket is not None:
                # The library doesn't always close the socket when a session ends.
                self._socket.close()
            self._greeted_or_ended.set()
            self._on_leaving(self)

    def _is_open(self) -> bool:
        stream = self._stream
        return bool(stream and stream.sock and stream.sock.connected)

    def _note_socket(self, stream: Any) -> None:
        if stream.sock:
            self._socket = stream.sock.sock
            # Otherwise a server that reads nothing would block the thread that sends an ack, and later acks.
            stream.sock.settimeout(STALL_TIMEOUT)

    def _note_failure(self, _stream: Any, error: Exception) -> None:
        """Log why a session ends; it's a failure unless Slack or we closed it, as happens to every session.

        https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
        """
        if isinstance(error, WebSocketConnectionClosedException) or not self._is_running():
            log.info("session ended")
        else:
            log.info("session failed", error=type(error).__name__)

    def _is_running(self) -> bool:
        return bool(self._stream and self._stream.keep_running)

    def _note_frame(self, _stream: Any, frame: bytes) -> None:
        self._heard()
        try:
            message = json.loads(frame.decode())
        except UnicodeDecodeError:
            # https://www.rfc-editor.org/rfc/rfc6455#section-8.1: text that isn't UTF-8 ends the connection.
            self.disconnect()
            return
        except ValueError:
            message = None
        if not isinstance(message, dict):
            log.warning("unreadable frame")
            return
        kind = message.get("type")
        if kind == "hello":
            # https://docs.slack.dev/apis/events-api/using-socket-mode#connect: the first frame.
            self._is_greeted = True
            self.connections = int(message.get("num_connections") or 1)
            self._greeted_or_ended.set()
        elif kind == "disconnect":
            self._on_leaving(self)
        elif not self.closed and (request := SocketModeRequest.from_dict(message)):
            with self._none_open:
                self._open += 1
            self._receive(self, request)

    def _heard(self, *_: object) -> None:
        self.last_frame = monotonic()

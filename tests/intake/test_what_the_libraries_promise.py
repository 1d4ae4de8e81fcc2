"""The session uses more of slack_sdk and websocket-client than is documented: all of it is still there."""

from __future__ import annotations

import inspect
import json
import logging
from socket import socket
from typing import Any, cast

from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from websocket import ABNF, WebSocket, WebSocketApp
from websocket._abnf import frame_buffer


class Client(BaseSocketModeClient):
    """Ours is made like this: without the base's own beginning, of which there is none."""

    def __init__(self) -> None:
        self.logger, self.web_client, self.app_token = logging.getLogger("x"), WebClient(), "xapp-1"
        self.sent: list[Any] = []

    def send_message(self, message: str) -> None:
        """Keeps it."""
        self.sent.append(json.loads(message))


def test_the_sdks_client_has_no_state_but_what_we_give_it() -> None:
    assert "__init__" not in vars(BaseSocketModeClient)
    used = inspect.getsource(BaseSocketModeClient.issue_new_wss_url)
    assert set(filter(used.__contains__, ("self.web_client", "self.app_token", "self.logger"))) == {
        "self.web_client",
        "self.app_token",
        "self.logger",
    }


def test_an_answer_from_bolt_becomes_one_message_to_the_client() -> None:
    client, request = Client(), SocketModeRequest("events_api", "E1", {"event": {}})
    send_response(client, request, BoltResponse(status=200), 0.0)
    send_response(client, request, BoltResponse(status=500), 0.0)
    body = BoltResponse(status=200, body='{"a": 1}', headers={"content-type": ["application/json"]})
    send_response(client, request, body, 0.0)
    assert client.sent == [{"envelope_id": "E1"}, {"envelope_id": "E1", "payload": {"a": 1}}]


def test_an_envelope_is_read_with_its_retries() -> None:
    message = {"type": "events_api", "envelope_id": "E1", "payload": {}, "retry_attempt": 2}
    request = SocketModeRequest.from_dict({**message, "retry_reason": "timeout"})
    assert request is not None
    assert build_headers(request) == {"x-slack-retry-num": "2", "x-slack-retry-reason": "timeout"}
    assert SocketModeRequest.from_dict({"type": "hello"}) is None


def test_the_app_reads_with_the_dispatcher_that_it_makes_itself() -> None:
    source = inspect.getsource(WebSocketApp.run_forever)
    assert "self.create_dispatcher(" in source
    assert "dispatcher.read(self.sock.sock, read, check)" in source
    assert {"ping_interval", "skip_utf8_validation"} <= set(
        inspect.signature(WebSocketApp.run_forever).parameters
    )
    callbacks = {"on_open", "on_message", "on_ping", "on_pong", "on_error"}
    assert callbacks <= set(inspect.signature(WebSocketApp.__init__).parameters)
    assert WebSocketApp("ws://127.0.0.1/").keep_running is False
    assert WebSocketApp("ws://127.0.0.1/").sock is None


def test_frames_are_taken_apart_by_a_buffer_whose_source_can_be_replaced() -> None:
    assert isinstance(WebSocket().frame_buffer, frame_buffer)
    made = ABNF.create_frame("hello", ABNF.OPCODE_TEXT)
    made.mask_value = 0
    data = [made.format()]
    frames = frame_buffer(lambda _most: b"", skip_utf8_validation=True)

    def take(most: int) -> bytes:
        taken, data[0] = data[0][:most], data[0][most:]
        return bytes(taken)

    frames.recv = take
    assert frames.recv_frame().data == b"hello"


def test_text_that_is_already_formatted_is_sent_unchanged() -> None:
    class Pipe:
        """Takes everything."""

        sent = b""

        def send(self, data: bytes) -> int:
            self.sent += data
            return len(data)

        def gettimeout(self) -> float:
            return 0

    class Two(ABNF):
        def format(self) -> bytes:
            return b"two frames"

    pipe, websocket = Pipe(), WebSocket()
    websocket.sock = cast("socket", pipe)
    websocket.send_frame(Two())
    assert pipe.sent == b"two frames"

"""We use undocumented parts of slack_sdk, websocket-client, waitress and httplib2: they still exist."""

from __future__ import annotations

import inspect
import json
import logging
import re
from http.client import HTTPConnection
from socket import socket
from typing import Any, cast

import httplib2
import pytest
import slack_sdk.web.base_client
import slack_sdk.web.client
import slack_sdk.webhook.client
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.base_client import BaseClient
from slack_sdk.webhook import WebhookClient
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from websocket import ABNF, WebSocket, WebSocketApp
from websocket._abnf import frame_buffer


class Client(BaseSocketModeClient):
    """Made like our client, which can't call the base class's ``__init__`` because there is none."""

    def __init__(self) -> None:
        self.logger, self.web_client, self.app_token = logging.getLogger("x"), WebClient(), "xapp-1"
        self.sent: list[Any] = []

    def send_message(self, message: str) -> None:
        """Keep the message."""
        self.sent.append(json.loads(message))


def test_the_sdks_client_has_only_the_state_we_give_it() -> None:
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


def test_frames_are_parsed_by_a_buffer_whose_source_can_be_replaced() -> None:
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
        """Accepts everything."""

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


def test_the_sdk_sends_everything_through_the_methods_that_ours_override() -> None:
    for method, overridden in (
        (BaseClient._perform_urllib_http_request, "self._perform_urllib_http_request_internal(url, req)"),
        (WebClient.files_upload_v2, "self._upload_file(\n"),
        (WebhookClient._perform_http_request, "self._perform_http_request_internal(url, req)"),
    ):
        assert overridden in inspect.getsource(method)
    assert {"url", "data", "timeout"} <= set(inspect.signature(BaseClient._upload_file).parameters)
    for module in (slack_sdk.web.base_client, slack_sdk.web.client, slack_sdk.webhook.client):
        opens = re.findall(r"urlopen\(|opener\.open\(", inspect.getsource(module))
        assert len(opens) == (0 if module is slack_sdk.web.client else 2), module


def test_httplib2_uses_the_connection_that_it_finds_under_the_urls_name() -> None:
    class Connection(HTTPConnection):
        """Refuses to be opened."""

        def connect(self) -> None:
            raise ConnectionRefusedError

    http = httplib2.Http()
    http.connections["http:nowhere.corp:81"] = Connection("nowhere.corp")
    with pytest.raises(ConnectionRefusedError):
        http.request("http://nowhere.corp:81/path?query")


def test_the_app_takes_a_socket_that_is_already_connected() -> None:
    assert "socket=self.prepared_socket" in inspect.getsource(WebSocketApp.run_forever)


def test_pythons_own_client_says_how_a_proxy_refuses_a_tunnel() -> None:
    assert 'f"Tunnel connection failed: {code} ' in inspect.getsource(HTTPConnection._tunnel)  # type: ignore[attr-defined]


def test_bolts_socket_mode_helpers_take_what_they_are_given() -> None:
    assert list(inspect.signature(send_response).parameters) == ["client", "req", "bolt_resp", "start_time"]
    assert list(inspect.signature(build_headers).parameters) == ["req"]
    assert list(inspect.signature(BaseSocketModeClient.issue_new_wss_url).parameters) == ["self"]


def test_waitress_connections_have_what_ours_override_and_use() -> None:
    assert {"received", "write_soon", "task_class"} <= set(dir(HTTPChannel))
    assert {"request", "requests", "total_outbufs_len", "will_close"} <= set(dir(HTTPChannel)) | set(
        inspect.getsource(HTTPChannel.__init__).replace("self.", " ").split()
    )
    assert list(inspect.signature(HTTPChannel.received).parameters) == ["self", "data"]
    assert list(inspect.signature(HTTPChannel.write_soon).parameters) == ["self", "data"]
    assert "set_close_on_finish" in dir(WSGITask)
    assert list(inspect.signature(WSGITask.build_response_header).parameters) == ["self"]


def test_the_waitress_server_has_what_ours_overrides_and_uses() -> None:
    assert TcpWSGIServer.channel_class is HTTPChannel
    assert {"maintenance", "readable", "handle_accept", "run"} <= set(dir(TcpWSGIServer))
    assert list(inspect.signature(TcpWSGIServer.maintenance).parameters) == ["self", "now"]
    assert {"_sock", "bind_socket", "dispatcher", "map"} <= set(
        inspect.signature(TcpWSGIServer.__init__).parameters
    )
    assert {"timeout", "map", "use_poll"} <= set(inspect.signature(wasyncore.loop).parameters)


def test_waitress_threads_only_use_their_queues_length_and_ends() -> None:
    dispatcher = ThreadedTaskDispatcher()
    assert {"queue", "lock", "queue_cv"} <= set(vars(dispatcher))
    source = inspect.getsource(ThreadedTaskDispatcher).replace("self.queue_", "")
    assert set(re.findall(r"\bqueue\.(\w+)", source)) == {"append", "popleft"}
    assert list(inspect.signature(dispatcher.shutdown).parameters) == ["cancel_pending", "timeout"]

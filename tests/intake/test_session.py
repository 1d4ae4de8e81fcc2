"""A session reads frames in any pieces, hands them over, and ends in time."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import cast

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest
from websocket import ABNF

from bot.effects.clients import Web
from bot.intake.session import Session
from bot.network import Network
from tests.support.people import eventually
from tests.support.records import recorded

HELLO = json.dumps({"type": "hello"})


def envelope(number: int, text: str = "") -> str:
    return json.dumps({"type": "events_api", "envelope_id": f"E{number}", "payload": {"text": text}})


def frame(data: str | bytes, opcode: int = ABNF.OPCODE_TEXT) -> bytes:
    """A frame as a server sends it: not masked."""
    made = ABNF.create_frame(data, opcode)
    made.mask_value = 0
    return bytes(made.format())


class Server:
    """Speaks just enough of RFC 6455 to send any bytes that a test wants."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listening.getsockname()[1]}/"
        self.received = b""
        self.network = Network()
        self.has_ended = threading.Event()
        self._connected = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def apps_connections_open(self, *, app_token: str) -> dict[str, str]:
        """The answer of Slack's Web API."""
        return {"url": self.url}

    def sends(self, pieces: Sequence[bytes]) -> None:
        """Send each piece in a write of its own."""
        assert self._connected.wait(5)
        for piece in pieces:
            self._peer.sendall(piece)

    def close(self) -> None:
        """Close all connections."""
        self._listening.close()
        if self._connected.is_set():
            self._peer.close()

    def hang_up(self) -> None:
        """End the connection."""
        assert self._connected.wait(5)
        self._peer.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        self._peer, _ = self._listening.accept()
        self._peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._peer.recv(4096)
        key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if b"Sec-WebSocket-Key" in line)
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
        upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        # The greeting directly behind it: nothing of it may be lost.
        self._peer.sendall(upgrade + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + frame(HELLO))
        self._connected.set()
        try:
            while chunk := self._peer.recv(65536):
                self.received += chunk
        except OSError:
            pass
        self.has_ended.set()

    def frames(self) -> list[tuple[int, str]]:
        """The frames that the client sent, as opcodes and texts."""
        found, data = list[tuple[int, str]](), self.received
        while len(data) >= 6:
            size, start = data[1] & 0x7F, 2
            if size == 126:
                size, start = struct.unpack("!H", data[2:4])[0], 4
            mask, body = data[start : start + 4], data[start + 4 : start + 4 + size]
            text = bytes(each ^ mask[place % 4] for place, each in enumerate(body))
            found.append((data[0] & 0xF, text.decode(errors="replace")))
            data = data[start + 4 + size :]
        return found


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


class Taken:
    """Collects the frames that a session hands over."""

    def __init__(self, server: Server) -> None:
        self.requests: list[SocketModeRequest] = []
        self.left: list[Session] = []
        self.session = Session("xapp-1", cast("Web", server), self._receive, self.left.append)

    def _receive(self, _session: Session, request: SocketModeRequest) -> None:
        self.requests.append(request)

    @property
    def names(self) -> list[str]:
        return [each.envelope_id for each in self.requests]


@pytest.fixture
def taken(server: Server) -> Iterator[Taken]:
    made = Taken(server)
    made.session.open()
    yield made
    made.session.settled(len(made.requests))
    made.session.close()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 65_536, 10**9])
def test_frames_are_read_whole_in_whatever_pieces_they_come(server: Server, taken: Taken, size: int) -> None:
    texts = ["ü" * number for number in (0, 1, 50, 126, 400)]
    stream = b"".join(frame(envelope(number, text)) for number, text in enumerate(texts))
    server.sends([stream[at : at + size] for at in range(0, len(stream), size)])
    eventually(lambda: len(taken.requests) == len(texts))
    assert [each.payload["text"] for each in taken.requests] == texts


def test_thousands_of_frames_in_one_write_are_all_handed_over_in_order(server: Server, taken: Taken) -> None:
    server.sends([b"".join(frame(envelope(number)) for number in range(5000))])
    eventually(lambda: len(taken.requests) == 5000)
    assert taken.names == [f"E{number}" for number in range(5000)]


def test_a_message_in_several_frames_is_one_message(server: Server, taken: Taken) -> None:
    text = envelope(1, "in two halves").encode()
    first = ABNF(fin=0, opcode=ABNF.OPCODE_TEXT, mask_value=0, data=text[:20]).format()
    server.sends([first + frame(b"are you there?", ABNF.OPCODE_PING) + frame(text[20:], ABNF.OPCODE_CONT)])
    eventually(lambda: taken.names == ["E1"])
    assert (ABNF.OPCODE_PONG, "are you there?") in eventually(server.frames)


def test_acks_that_are_sent_together_are_separate_frames(server: Server, taken: Taken) -> None:
    taken.session.ack([f"E{number}" for number in range(3)])
    eventually(lambda: len(server.frames()) == 3)
    assert [json.loads(text) for _, text in server.frames()] == [{"envelope_id": f"E{n}"} for n in range(3)]


def test_a_text_that_is_not_utf_8_ends_the_session(server: Server, taken: Taken) -> None:
    server.sends([frame(b'{"type": "\xff"}')])
    eventually(lambda: taken.session.has_ended)
    assert taken.left == [taken.session]


@pytest.mark.parametrize("says_goodbye", [True, False])
def test_an_ordinary_end_is_logged_as_an_end_and_not_as_a_failure(
    server: Server, taken: Taken, capsys: pytest.CaptureFixture[str], says_goodbye: bool
) -> None:
    with recorded() as records:
        server.sends([frame(struct.pack("!H", 1000), ABNF.OPCODE_CLOSE)] if says_goodbye else [])
        server.hang_up()
        eventually(lambda: taken.session.has_ended)
    assert [(each["event"], each["log_level"]) for each in records] == [("session ended", "info")]
    assert capsys.readouterr().err == ""


def test_frames_that_are_not_envelopes_are_skipped(server: Server, taken: Taken) -> None:
    server.sends([frame("Error while parsing"), frame("[]"), frame('{"type": "news"}'), frame(envelope(7))])
    eventually(lambda: taken.names == ["E7"])


def test_slacks_warning_requests_another_session_and_ends_nothing(server: Server, taken: Taken) -> None:
    server.sends([frame(json.dumps({"type": "disconnect", "reason": "warning"})), frame(envelope(1))])
    eventually(lambda: taken.names == ["E1"])
    assert taken.left == [taken.session]
    assert not taken.session.has_ended


def test_closing_waits_for_requests_in_progress_and_takes_no_more(server: Server, taken: Taken) -> None:
    server.sends([frame(envelope(1))])
    eventually(lambda: taken.names == ["E1"])
    closing = threading.Thread(target=taken.session.close)
    closing.start()
    eventually(lambda: taken.session.closed)
    server.sends([frame(envelope(2))])
    assert not server.has_ended.wait(0.2)
    taken.session.ack(["E1"])
    taken.session.settled()
    closing.join(5)
    assert server.has_ended.wait(5)
    assert (ABNF.OPCODE_TEXT, '{"envelope_id": "E1"}') in server.frames()
    assert taken.names == ["E1"]
    taken.requests.clear()


def test_a_session_ends_in_time_although_a_request_hangs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.intake.session.FINISH_TIMEOUT", 0.2)
    hanging = Taken(server)
    hanging.session.open()
    server.sends([frame(envelope(1))])
    eventually(lambda: hanging.names == ["E1"])
    began = monotonic()
    hanging.session.close(everything=False)
    assert hanging.session.is_given_up
    assert server.has_ended.wait(1)
    assert monotonic() - began < 4

"""Forged, expired, replayed, non-numeric and non-ASCII signatures; a body of ten megabytes.

Promised: 401 or 413, nothing is stored, no word of it gets into a log, and the next request is served.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
from contextlib import suppress

import pytest

from tests.support.arena import Arena
from tests.support.asking import incidents_channel

SECRET_WORD = "swordfish"


def signed(secret: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack would send the body."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}


def posted(port: int, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer to exactly these bytes."""
    lines = [
        b"POST /slack/events HTTP/1.1",
        b"Host: localhost",
        b"Connection: close",
        b"Content-Type: application/json",
        b"Content-Length: " + str(len(body)).encode(),
        *(f"{name}: {value}".encode() for name, value in headers.items()),
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"\r\n".join([*lines, b"", b""]))
        # It may answer and hang up before it has read everything.
        with suppress(OSError):
            connection.sendall(body)
        return int(connection.recv(1024).split(b" ")[1])


@pytest.fixture
def port(large: Arena) -> int:
    """The port on which the bot listens."""
    [bot] = large.bots(1)
    incidents_channel(large)
    large.declare()
    large.channel()
    large.secrets.append(SECRET_WORD)
    assert bot.settings.port
    return bot.settings.port


def message(channel: str, text: str = SECRET_WORD) -> bytes:
    """An event that would be stored in an incident's channel if it came from Slack."""
    event = {"type": "message", "channel": channel, "user": "U0ANA", "text": text, "ts": "1.000100"}
    return json.dumps({"type": "event_callback", "event_id": "Ev1", "event": event}).encode()


def the_incidents(large: Arena) -> str:
    """The id of the incident's channel: the final check finds whatever is stored there."""
    return str(large.rows("SELECT channel_id FROM incidents")[0].channel_id)


def test_requests_without_a_current_signature_of_slack_are_refused(large: Arena, port: int) -> None:
    body, secret = message(the_incidents(large)), large.sandbox.signing_secret
    good = signed(secret, body)
    timestamp, signature = "X-Slack-Request-Timestamp", "X-Slack-Signature"
    refused = [
        {},
        signed("another secret", body),
        signed(secret, b"another body"),
        signed(secret, body, time.time() - 301),
        # Half a minute more than the limit: on a busy machine it may take some seconds to send it.
        signed(secret, body, time.time() + 330),
        {**good, timestamp: "soon"},
        {**good, timestamp: "1e9"},
        {**good, timestamp: "١٢٣"},
        {**good, timestamp: "9" * 400},
        {**good, signature: "v0=ü"},
        {**good, signature: "v0="},
        {**good, signature: good[signature].upper()},
    ]
    assert [posted(port, body, headers) for headers in refused] == [401] * len(refused)
    broken = b"\xff\xfe" + body
    assert posted(port, broken, signed(secret, broken)) == 401
    assert "INC-1" in large.workspace.command("list")


def test_a_replayed_request_is_refused(large: Arena, port: int) -> None:
    body = message("C0GENERAL")
    headers = signed(large.sandbox.signing_secret, body)
    assert [posted(port, body, headers) for _ in range(3)] == [200, 401, 401]


def test_ten_megabytes_are_not_read(large: Arena, port: int) -> None:
    body = message(the_incidents(large), SECRET_WORD * 1_200_000)
    assert posted(port, body, signed(large.sandbox.signing_secret, body)) == 413
    assert "INC-1" in large.workspace.command("list")

"""Requests as Slack posts them to an app in HTTP mode, signed correctly or almost."""

from __future__ import annotations

import json
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

SECRET = "0123456789abcdef0123456789abcdef"
PATH = "/slack/events"


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers with which Slack would send this."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}


def post(port: int, body: bytes, headers: dict[str, str], kind: str = "json") -> tuple[int, str]:
    """Send it; returns the status and text of the answer."""
    types = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", PATH, body, {"Content-Type": types[kind], **headers})
        response = connection.getresponse()
        assert len(response.headers.get_all("Content-Type") or ()) == 1
        return response.status, response.read().decode()


def command(text: str, user_id: str, number: int = 1) -> bytes:
    """`/incident …`, typed in a direct message with nobody in particular."""
    values = {
        "command": "/incident",
        "text": text,
        "user_id": user_id,
        "user_name": "someone",
        "channel_id": "D0000000001",
        "channel_name": "directmessage",
        "team_id": "T0000000001",
        "team_domain": "acme",
        "trigger_id": f"{number}.1.abc",
        "response_url": "http://127.0.0.1:9/commands/T0000000001/1/abc",
        "api_app_id": "A0000000001",
        "token": "deprecated",
    }
    return urlencode(values).encode()


def event(inner: dict[str, Any], number: int = 1) -> bytes:
    """An event."""
    content = {
        "type": "event_callback",
        "team_id": "T0000000001",
        "api_app_id": "A0000000001",
        "event_id": f"Ev{number:08}",
        "event_time": 1_753_890_123,
        "event": inner,
    }
    return json.dumps(content).encode()

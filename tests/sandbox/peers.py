"""The sandbox's two sides, reduced to what tests need: an app's socket, and people."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import websocket
from slack_sdk import WebClient

from sandbox.server import Sandbox

Json = dict[str, Any]


class AppSocket:
    """A Socket Mode connection that only acks what the test acks.

    The exception is that a channel was created, as most tests begin: that is acked and left out.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        opener = WebClient(sandbox.app_token, base_url=sandbox.api_url, retry_handlers=[])
        self.url = opener.apps_connections_open(app_token=sandbox.app_token)["url"]
        self.ws = websocket.create_connection(self.url, timeout=5)
        self.skipped = frozenset({"channel_created"})
        self.hello = self.frame()

    def frame(self, within: float = 5.0) -> Json:
        """The next frame. Raises `TimeoutError` if none comes in time."""
        self.ws.settimeout(within)
        try:
            found: Json = json.loads(self.ws.recv())
        except websocket.WebSocketTimeoutException:
            raise TimeoutError from None
        if found.get("payload", {}).get("event", {}).get("type") in self.skipped:
            self.ack(found)
            return self.frame(within)
        return found

    def ack(self, envelope: Json, payload: Json | None = None) -> None:
        """Ack an envelope, with an answer if there is one."""
        body: Json = {"envelope_id": envelope["envelope_id"]}
        self.ws.send(json.dumps(body if payload is None else body | {"payload": payload}))

    def event(self, within: float = 5.0) -> Json:
        """The event of the next envelope, which is acked."""
        envelope = self.frame(within)
        self.ack(envelope)
        found: Json = envelope["payload"]["event"]
        return found

    def is_silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for that long."""
        try:
            self.frame(seconds)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        """Close the connection."""
        self.ws.close()


class People:
    """The control API, one method for all routes: ``people("message", user="ana", …)``."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._base = f"{sandbox.url}/_control/"

    def __call__(self, route: str, **arguments: Any) -> Json:
        """The answer. Raises `AssertionError` with the reason if it is refused."""
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(self._base + route, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                found: Json = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error
        return found

    def say(self, channel: str, user: str, text: str, **more: Any) -> str:
        """Post a message; its ts."""
        return str(self("message", channel=channel, user=user, text=text, **more)["ts"])


def eventually(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Wait until the condition holds. Raises `AssertionError` if it doesn't in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)

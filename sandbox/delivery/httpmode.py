"""HTTP delivery: signed requests to the app's URLs, like those that an app without Socket Mode gets.

Sources: https://docs.slack.dev/apis/events-api (challenge, retries and their headers),
https://docs.slack.dev/interactivity and https://docs.slack.dev/authentication/verifying-requests-from-slack.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import aiohttp

from sandbox.workspace.core import Delivery
from sandbox.workspace.model import Json

_FORM = "application/x-www-form-urlencoded"
_RETRY_REASONS = {
    "timeout": "http_timeout",
    "connection_failed": "connection_failed",
    "http_error": "http_error",
}


class HttpMode:
    """Posts envelopes to the app's URLs in turn, like a load balancer in front of its replicas."""

    def __init__(self, secret: str, clock: Callable[[], float], ack_within: float) -> None:
        self._secret, self._clock, self._ack_within = secret, clock, ack_within
        self._urls: list[str] = []
        self._turn = 0
        self._session: aiohttp.ClientSession | None = None

    @property
    def is_on(self) -> bool:
        """Whether the app wants its requests here instead of over Socket Mode."""
        return bool(self._urls)

    async def use(self, urls: list[str]) -> str | None:
        """Deliver to these URLs from now on (none: Socket Mode).

        Returns the first URL that fails the challenge, and then changes nothing; otherwise ``None``.
        """
        for url in urls:
            challenge = secrets.token_hex(16)
            body = {"type": "url_verification", "challenge": challenge, "token": "sandbox"}
            answer = await self._post(url, json.dumps(body), {"Content-Type": "application/json"})
            if (
                not answer.acked
                or (answer.body or {}).get("challenge", (answer.body or {}).get("text")) != challenge
            ):
                return url
        self._urls = list(urls)
        return None

    async def put(self, envelope: Json, outcome: asyncio.Future[Delivery]) -> None:
        """Post the envelope to the URL whose turn it is; the answer sets ``outcome``."""
        self._turn += 1
        body, headers = _request(envelope)
        result = await self._post(self._urls[self._turn % len(self._urls)], body, headers)
        if not outcome.done():
            outcome.set_result(result)

    async def stop(self) -> None:
        """Close open connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, body: str, headers: Mapping[str, str]) -> Delivery:
        if self._session is None:
            limit = aiohttp.ClientTimeout(total=self._ack_within)
            self._session = aiohttp.ClientSession(timeout=limit)
        try:
            async with self._session.post(
                url, data=body.encode(), headers={**headers, **self._signed(body)}
            ) as answer:
                return _delivery(answer.status, answer.headers, await answer.text())
        except TimeoutError:
            return Delivery(False, None, "timeout")
        except aiohttp.ClientError:
            return Delivery(False, None, "connection_failed")

    def _signed(self, body: str) -> dict[str, str]:
        timestamp = str(int(self._clock()))
        digest = hmac.new(self._secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}


def _request(envelope: Json) -> tuple[str, dict[str, str]]:
    """Body and headers: events are JSON, commands a form, everything else a form with JSON in ``payload``."""
    payload = envelope["payload"]
    if envelope["type"] == "slash_commands":
        # A lone surrogate can't be encoded as UTF-8.
        return urlencode(payload, errors="replace"), {"Content-Type": _FORM}
    if envelope["type"] != "events_api":
        return urlencode({"payload": json.dumps(payload)}), {"Content-Type": _FORM}
    headers = {"Content-Type": "application/json"}
    if envelope["retry_attempt"]:
        headers |= {
            "X-Slack-Retry-Num": str(envelope["retry_attempt"]),
            "X-Slack-Retry-Reason": _RETRY_REASONS.get(envelope["retry_reason"], "unknown_error"),
        }
    return json.dumps(payload), headers


def _delivery(status: int, headers: Mapping[str, str], text: str) -> Delivery:
    if not 200 <= status < 300:
        return Delivery(False, None, "no_retry" if headers.get("X-Slack-No-Retry") == "1" else "http_error")
    if not text:
        return Delivery(True)
    if "json" not in headers.get("Content-Type", ""):
        return Delivery(True, {"text": text})
    try:
        found = json.loads(text)
    except ValueError:
        return Delivery(True)
    return Delivery(True, found if isinstance(found, dict) else None)

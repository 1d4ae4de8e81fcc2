"""The network between a bot and the sandbox, without sockets: calls go to the sandbox's own functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Headers
from io import BytesIO
from threading import Lock
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request

from sandbox.interactions import respond
from sandbox.rules import SlackError
from sandbox.webapi import WebApi
from sandbox.workspace.model import Json

HOST = "http://127.0.0.1"


class KilledError(BaseException):
    """The process is gone: no ``except Exception`` of the bot's hears of it."""


@dataclass
class Fault:
    """What goes wrong with one of the next calls."""

    effect: str
    """``cut``, ``500``, ``429`` or ``kill``, after Slack has applied the call if it begins with ``late``."""
    after: int = 0
    """How many calls go well before."""


@dataclass
class Wire:
    """The network: an opener of requests that hands them to the sandbox's own functions."""

    api: WebApi
    faults: list[Fault] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(method, code) of what Slack has refused."""
    _one: Lock = field(default_factory=Lock)
    """The workspace does one thing after another, like its event loop; several bots may call it."""

    @contextmanager
    def open(self, request: Request, timeout: float) -> Iterator[Any]:
        """Answer a request, like :class:`urllib.request.OpenerDirector`."""
        with self._one:
            found = self._opened(request)
        yield found

    def _opened(self, request: Request) -> _Answer:
        fault = self._due()
        if fault and not fault.effect.startswith("late"):
            _strike(fault.effect, request)
        status, body, headers = self._answer(request)
        if fault:
            _strike(fault.effect.removeprefix("late "), request)
        return _Answer(status, body, headers)

    def _due(self) -> Fault | None:
        if not self.faults or self.faults[0].after:
            if self.faults:
                self.faults[0].after -= 1
            return None
        return self.faults.pop(0)

    def _answer(self, request: Request) -> tuple[int, Json, Headers]:
        what, _, name = urlsplit(request.full_url).path.strip("/").partition("/")
        sent, headers = _arguments(request), Headers()
        if what == "response":
            return self._respond(name, sent), {}, headers
        if what == "upload":
            self.api.store.workspace.uploads[name]["content"] = cast(bytes, request.data).decode()
            return 200, {}, headers
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or sent.pop("token", "")
        headers["x-oauth-scopes"] = ",".join(sorted(self.api.store.manifest.scopes))
        try:
            return 200, {"ok": True, **self.api.result(name, sent, token, HOST)}, headers
        except SlackError as error:
            self.refused.append((name, error.code))
            return 200, error.body(), headers

    def _respond(self, url_id: str, sent: Json) -> int:
        try:
            respond(self.api.interactions, url_id, sent)
        except SlackError as error:
            self.refused.append(("response", error.code))
            return 404
        return 200


@dataclass
class _Answer:
    status: int
    body: Json
    headers: Headers

    def read(self) -> bytes:
        return json.dumps(self.body).encode()


def _strike(effect: str, request: Request) -> None:
    if effect == "kill":
        raise KilledError
    if effect == "cut":
        raise ConnectionResetError
    headers = Headers()
    if effect == "429":
        headers["Retry-After"] = "2"
    raise HTTPError(request.full_url, int(effect), "", headers, BytesIO(b""))


def _arguments(request: Request) -> Json:
    body = cast(bytes | None, request.data) or b""
    if "json" in (request.get_header("Content-type") or ""):
        return dict(json.loads(body or b"{}"))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))

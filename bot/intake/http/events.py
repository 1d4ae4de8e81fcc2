"""Slack's requests over HTTP, which all come to one path."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

import structlog

from bot.intake.batches import Batches
from bot.intake.http.signatures import Signatures
from bot.intake.http.site import Response

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

log = structlog.get_logger(__name__)

PATH = "/slack/events"
VERIFICATION = "url_verification"
_KINDS = {"event_callback": "events_api", VERIFICATION: VERIFICATION}
_MAX_FIELDS = 100
"""Fields read from an unsigned form; a command has about fifteen."""


class Events:
    """Answers Slack: checks the signature, then continues as with Socket Mode.

    Signatures are checked only here; Bolt's own check is off, since it raises for malformed headers, misses
    replays, and logs the bodies of forged requests.
    """

    def __init__(self, requests: Batches, signatures: Signatures, is_ready: Callable[[], bool]) -> None:
        self._requests, self._signatures, self._is_ready = requests, signatures, is_ready

    def __call__(self, environ: WSGIEnvironment) -> Response:
        """The answer to one request."""
        body = environ["wsgi.input"].read()
        if _is_ssl_check(environ, body):
            return Response(200)
        timestamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        problem = self._signatures.problem(body, timestamp, signature)
        if problem:
            return _refused(401, problem)
        try:
            content = _read(body, environ.get("CONTENT_TYPE", ""))
        except ValueError:
            return _refused(400, "not readable")
        reply = self._reply(content, environ)
        if 200 <= reply.status < 300:
            self._signatures.acknowledged(timestamp, signature)
        return reply

    def _reply(self, content: dict[str, Any], environ: WSGIEnvironment) -> Response:
        kind = _kind(content)
        if kind == VERIFICATION:
            # Confirm the URL even if we haven't reached Slack yet:
            # https://docs.slack.dev/reference/events/url_verification/
            return Response(200, str(content.get("challenge")))
        if not self._is_ready():
            return _refused(503, "starting")
        answered = self._requests.answer(content, _headers(environ), uuid.uuid4().hex[:12], kind)
        response = answered.response
        headers = {name.title(): ", ".join(values) for name, values in response.headers.items()}
        return Response(response.status, response.body, headers, answered.finish)


def _refused(status: int, why: str) -> Response:
    """The refusal; neither it nor its line in the log says what the request contained."""
    log.info("request", kind="refused", why=why, status=status)
    return Response(status, HTTPStatus(status).phrase)


def _is_ssl_check(environ: WSGIEnvironment, body: bytes) -> bool:
    """Whether Slack is only checking our certificate, as it does now and then; all it needs is a 200.

    https://docs.slack.dev/interactivity/implementing-slash-commands/
    """
    is_form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if not is_form or b"ssl_check=" not in body:
        return False
    try:
        # It must be a field: somebody may type the same text in a command.
        return parse_qs(body, max_num_fields=_MAX_FIELDS).get(b"ssl_check") == [b"1"]
    except ValueError:
        return False


def _read(body: bytes, content_type: str) -> dict[str, Any]:
    """The body: JSON for events, a form with JSON in it for interactions, a form for commands.

    Raises ``ValueError``.
    """
    text = body.decode()
    if not content_type.startswith("application/json"):
        form = dict(parse_qsl(text, keep_blank_values=True))
        if "payload" not in form:
            return dict(form)
        text = form["payload"]
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("no object")
    return content


def _kind(body: dict[str, Any]) -> str:
    """The type that Socket Mode gives such a request."""
    if "command" in body:
        return "slash_commands"
    return _KINDS.get(str(body.get("type")), "interactive")


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """Slack's own headers, such as the retry number."""
    return {
        name[5:].lower().replace("_", "-"): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_X_SLACK_")
    }

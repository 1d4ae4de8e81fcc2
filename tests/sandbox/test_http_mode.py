"""HTTP delivery as Slack does it: challenge, signatures, forms and JSON, acks, and redelivery."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.server import Sandbox, running
from tests.support.bots import ROOT
from tests.support.people import Refused, Workspace, eventually


class App:
    """An app that keeps what it gets, and answers as the test sets it: (status, content type, body)."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        self.answers: list[tuple[int, str, str]] = []
        self.knows_the_challenge = True
        self.url = ""

    def answer(self, headers: dict[str, str], body: str) -> tuple[int, str, str]:
        if '"url_verification"' in body:
            return 200, "text/plain", json.loads(body)["challenge"] if self.knows_the_challenge else "what?"
        self.requests.append((headers, body))
        return self.answers.pop(0) if self.answers else (200, "text/plain", "")


@contextmanager
def serving() -> Iterator[App]:
    app = App()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, kind, answer = app.answer({k.lower(): v for k, v in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        app.url = f"http://127.0.0.1:{server.server_port}/slack/events"
        try:
            yield app
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def app() -> Iterator[App]:
    with serving() as found:
        yield found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(ROOT / "manifest.yml", retry_after=(0.1, 0.1)) as found:
        yield found


@pytest.fixture
def workspace(sandbox: Sandbox, app: App) -> Workspace:
    made = Workspace(sandbox.url)
    made.post("request-url", urls=[app.url])
    return made


def test_a_url_that_fails_the_challenge_is_not_used(sandbox: Sandbox, app: App) -> None:
    app.knows_the_challenge = False
    with pytest.raises(Refused, match="challenge"):
        Workspace(sandbox.url).post("request-url", urls=[app.url])
    assert not Workspace(sandbox.url).state()["bot"]["connected"]


def test_events_are_signed_json_and_redelivered_until_they_are_acked(
    sandbox: Sandbox, workspace: Workspace, app: App
) -> None:
    app.answers = [(500, "text/plain", "broken"), (200, "text/plain", "")]
    workspace.post("open-home", user="ana")
    eventually(lambda: len(app.requests) == 2)
    (first, body), (second, again) = app.requests
    assert json.loads(body)["event"]["type"] == "app_home_opened"
    assert json.loads(again)["event_id"] == json.loads(body)["event_id"]
    assert "x-slack-retry-num" not in first
    assert (second["x-slack-retry-num"], second["x-slack-retry-reason"]) == ("1", "http_error")
    signed = f"v0:{first['x-slack-request-timestamp']}:{body}".encode()
    expected = hmac.new(sandbox.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    assert first["x-slack-signature"] == f"v0={expected}"


def test_a_command_is_a_form_and_its_answer_is_shown(workspace: Workspace, app: App) -> None:
    app.answers = [(200, "application/json", json.dumps({"text": "pong"}))]
    assert workspace.command("ping & <b>") == "pong"
    form = parse_qs(app.requests[0][1])
    assert (form["command"], form["text"]) == (["/incident"], ["ping &amp; &lt;b&gt;"])


def test_interactions_are_json_in_a_form(workspace: Workspace, app: App) -> None:
    workspace.post("shortcut", callback_id="declare_incident", user="ana")
    [(headers, body)] = app.requests
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert json.loads(parse_qs(body)["payload"][0])["type"] == "shortcut"


def test_replicas_take_turns_and_without_any_it_is_socket_mode_again(
    sandbox: Sandbox, workspace: Workspace, app: App
) -> None:
    with serving() as other:
        workspace.post("request-url", urls=[app.url, other.url])
        for user in ("ana", "ben", "ana", "ben"):
            workspace.post("open-home", user=user)
        eventually(lambda: (len(app.requests), len(other.requests)) == (2, 2))
        workspace.post("request-url", urls=[])
        assert not workspace.state()["bot"]["connected"]

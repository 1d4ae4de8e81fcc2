"""Slack posts to the bot: its own requests are answered, and nothing else gets anywhere."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from typing import Any

import pytest

from bot.bootstrap import Bot, build
from bot.config import Settings
from sandbox.server import Sandbox
from tests.support.bots import free_port, looked_at
from tests.support.people import Workspace, eventually
from tests.support.posts import PATH, SECRET, command, event, post, signed

MEGABYTE = 1_000_000


@pytest.fixture
def http_bot(sandbox: Sandbox, sqlite_url: str) -> Iterator[Bot]:
    """The bot in HTTP mode, ready for requests."""
    bot = build(_settings(sandbox, sqlite_url), closing_seconds=0)
    bot.start()
    assert bot.connected.wait(15)
    yield bot
    bot.stop()


@pytest.fixture
def port(http_bot: Bot) -> int:
    """The port on which it listens."""
    return _port(http_bot)


@pytest.fixture
def ana(workspace: Workspace) -> str:
    """A full member's id."""
    return workspace.id_of("ana")


def test_the_url_is_verified_the_way_slack_does_it(port: int) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"}).encode()
    status, answer = post(port, body, signed(body))
    assert (status, answer) == (200, "3eZbrw1a")


@pytest.mark.parametrize(
    "body",
    [
        b"ssl_check=1&token=x",
        b"token=x&ssl_check=1",
        b"ssl_check=1",
        b"token=x&command=%2Fincident&ssl_check=1&text=declare+it&trigger_id=1.1.abc",
    ],
)
def test_a_check_of_the_certificate_needs_no_signature_and_does_nothing(
    workspace: Workspace, port: int, body: bytes
) -> None:
    assert post(port, body, {}, "form") == (200, "")
    assert not workspace.calls("views.open")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"command=%2Fincident&text=ssl_check%3D1", "form"),
        (b"command=%2Fincident&text=ssl_check=1", "form"),
        (b"command=%2Fincident&text=a%26ssl_check%3D1", "form"),
        (b"token=x&ssl_check=0", "form"),
        (b"token=x&ssl_check=1&ssl_check=0", "form"),
        (b"token=x&not_ssl_check=1", "form"),
        (b"a=b&" * 200_000 + b"ssl_check=1", "form"),
        (b"\xff&ssl_check=2", "form"),
        (b'{"ssl_check": 1}', "json"),
        (b"token=x&ssl_check=1", "json"),
    ],
)
def test_nothing_else_passes_as_a_certificate_check(port: int, body: bytes, kind: str) -> None:
    assert post(port, body, {}, kind)[0] == 401


def test_a_command_may_contain_the_words_of_a_certificate_check(port: int, ana: str) -> None:
    body = command("ssl_check=1", ana)
    status, answer = post(port, body, signed(body), "form")
    assert status == 200
    assert "ncident" in answer


@pytest.mark.parametrize("text", ["", "list project:payload"])
def test_a_command_is_answered_in_the_response(port: int, ana: str, text: str) -> None:
    body = command(text, ana)
    status, answer = post(port, body, signed(body), "form")
    assert status == 200
    assert "ncident" in json.dumps(json.loads(answer))


def test_work_planned_for_after_the_ack_happens_after_it(workspace: Workspace, port: int, ana: str) -> None:
    body = command("declare payload service is slow", ana)
    assert post(port, body, signed(body), "form")[0] == 200
    eventually(lambda: workspace.calls("views.open"))


_GOOD = "v0=" + "0" * 64
MALFORMED = {
    "no headers": {},
    "no timestamp": {"X-Slack-Signature": _GOOD},
    "no number": {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": _GOOD},
    "another script's digits": {
        "X-Slack-Request-Timestamp": "１７５３８９０１２３".encode().decode("latin-1"),
        "X-Slack-Signature": _GOOD,
    },
    "a huge number": {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": _GOOD},
    "a negative number": {"X-Slack-Request-Timestamp": "-1", "X-Slack-Signature": _GOOD},
    "not ASCII": {"X-Slack-Request-Timestamp": "1753890123", "X-Slack-Signature": "v0=é" + "0" * 63},
    "empty": {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": ""},
    "another version": {"X-Slack-Request-Timestamp": "1753890123", "X-Slack-Signature": "v1=" + "0" * 64},
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_signatures_are_refused(
    port: int, name: str, records: list[MutableMapping[str, Any]]
) -> None:
    status, answer = post(port, b'{"text": "swordfish"}', MALFORMED[name])
    assert status == 401
    assert "swordfish" not in answer + str(records)
    assert not [each for each in records if each["log_level"] not in {"info", "debug"}]


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b'{"type": "url_verification", "challenge": "swordfish"}']
)
def test_forged_and_expired_signatures_are_refused(
    port: int, body: bytes, records: list[MutableMapping[str, Any]]
) -> None:
    now = time.time()
    good = body if body != b"\xff\xfe" else b""
    assert post(port, body, signed(good, "another secret"))[0] == 401
    assert post(port, body, signed(good, at=now - 302))[0] == 401
    assert post(port, body, signed(good, at=now + 302))[0] == 401
    assert post(port, body + b" ", signed(good))[0] == 401
    assert "swordfish" not in str(records)


def test_an_acked_request_is_not_accepted_again(port: int, ana: str) -> None:
    body = command("", ana)
    headers = signed(body)
    assert post(port, body, headers, "form")[0] == 200
    assert post(port, body, headers, "form")[0] == 401
    other = command("", ana, number=2)
    assert post(port, other, signed(other), "form")[0] == 200


def test_a_signed_but_unreadable_request_is_a_bad_request(port: int) -> None:
    for body in (b"{", b"[]", b"null"):
        assert post(port, body, signed(body))[0] == 400


def test_other_paths_and_methods_do_not_exist(port: int) -> None:
    assert looked_at(port, "")[0] == 404
    assert looked_at(port, "slack/install")[0] == 404
    assert looked_at(port, PATH.removeprefix("/"))[0] == 405


def test_an_oversized_request_is_refused_before_it_is_read(port: int) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {10 * MEGABYTE}\r\n\r\n"
    assert b" 413 " in _exchanged(port, head.encode())


def test_an_oversized_chunked_request_is_refused_while_it_is_read(port: int) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert b" 413 " in _exchanged(port, head.encode() + chunk * 16)


def test_requests_before_slack_was_reached_get_503(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str, ana: str
) -> None:
    workspace.faults({"method": "auth.test", "effect": "503"})
    bot = build(_settings(sandbox, sqlite_url), closing_seconds=0)
    bot.start()
    port, body = _port(bot), command("", ana)
    headers = signed(body)
    assert post(port, body, headers, "form")[0] == 503
    assert looked_at(port, "healthz")[0] == 200
    status, report = looked_at(port, "readyz")
    assert status == 503
    assert json.loads(report)["slack"] == "not reached yet"
    workspace.faults()
    assert bot.connected.wait(15)
    assert looked_at(port, "readyz") == (200, '{"database": "ok", "outbox": "ok", "slack": "ok"}')
    # It wasn't acked, so the very same request is accepted this time.
    assert post(port, body, headers, "form")[0] == 200
    bot.stop()


def test_an_event_that_cannot_be_stored_gets_500_so_that_slack_redelivers_it(
    workspace: Workspace, http_bot: Bot, port: int, ana: str
) -> None:
    changed = {"id": ana, "name": "ana", "updated": 2_000_000_000, "profile": {"display_name": "Ana B."}}
    body = event({"type": "user_change", "user": changed})
    headers = signed(body)
    # Everybody is known then, and nothing else writes.
    eventually(lambda: not http_bot.services.outbox.figures().rows)
    path = http_bot.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert post(port, body, headers)[0] == 500
        other.execute("ROLLBACK")
    assert post(port, body, headers)[0] == 200


def _settings(sandbox: Sandbox, database_url: str) -> Settings:
    return Settings.model_validate(
        {
            "slack_api_url": sandbox.api_url,
            "slack_bot_token": sandbox.bot_token,
            "slack_signing_secret": SECRET,
            "database_url": database_url,
            "port": free_port(),
        }
    )


def _port(bot: Bot) -> int:
    assert bot.settings.port
    return bot.settings.port


def _exchanged(port: int, sent: bytes) -> bytes:
    """What comes back over a bare socket; the other side may hang up while we send."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        connection.sendall(sent)
        return connection.recv(4096)

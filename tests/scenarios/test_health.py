"""What an operator sees with a port, in either mode: alive, ready or what is red, and metrics."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bot.domain.kit.errors import PortTaken
from sandbox.server import Sandbox
from tests.support.bots import ROOT, BotProcess, Mode, build_here, free_port, looked_at, start_here
from tests.support.people import Workspace, eventually


def test_with_a_port_socket_mode_serves_health_and_metrics_and_takes_no_requests(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str
) -> None:
    port = free_port()
    bot = start_here(sandbox, sqlite_url, port=port)
    assert looked_at(port, "healthz") == (200, "alive")
    assert looked_at(port, "readyz") == (200, '{"database": "ok", "outbox": "ok", "slack": "ok"}')
    assert looked_at(port, "slack/events")[0] == 404
    channel = workspace.declare("Swordfish")
    workspace.say("swordfish again", channel)
    page = eventually(lambda: _page_with(port, 'muster_ack_seconds_count{kind="events_api",status="200"}'))
    for series in (
        'muster_ack_seconds_bucket{kind="interactive",le="3.0",status="200"} 1.0',
        'muster_effect_attempts_total{kind="CreateChannel",outcome="done"} 1.0',
        "muster_reconnects_total 0.0",
        'muster_incidents{status="',
    ):
        assert series in page
    for told in ("INC-", "inc-", "wordfish", channel, sandbox.bot_token):
        assert told not in page
    bot.stop()
    with pytest.raises(ConnectionRefusedError):
        looked_at(port, "healthz")


LOOKS = ("healthz", "readyz", "metrics")


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_with_a_separate_port_health_and_metrics_are_nowhere_else(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str, mode: Mode
) -> None:
    port, metrics_port = free_port(), free_port()
    bot = start_here(sandbox, sqlite_url, mode=mode, port=port, metrics_port=metrics_port)
    assert [looked_at(metrics_port, path)[0] for path in LOOKS] == [200] * 3
    assert [looked_at(port, path)[0] for path in LOOKS] == [404] * 3
    assert looked_at(metrics_port, "slack/events")[0] == 404
    assert "No open incidents" in workspace.command("list")
    eventually(lambda: _page_with(metrics_port, 'muster_ack_seconds_count{kind="slash_commands"'))
    bot.stop()


def test_a_port_for_metrics_alone_is_enough(sandbox: Sandbox, sqlite_url: str) -> None:
    metrics_port = free_port()
    bot = start_here(sandbox, sqlite_url, metrics_port=metrics_port)
    assert [looked_at(metrics_port, path)[0] for path in LOOKS] == [200] * 3
    bot.stop()


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_head_request_is_answered_like_a_get(sandbox: Sandbox, sqlite_url: str, mode: Mode) -> None:
    port = free_port()
    bot = start_here(sandbox, sqlite_url, mode=mode, port=port)
    for path in LOOKS:
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("HEAD", f"/{path}")
            head = connection.getresponse()
            assert (head.status, head.read()) == (200, b"")
            connection.request("GET", f"/{path}")
            got = connection.getresponse()
            assert got.headers["Content-Type"] == head.headers["Content-Type"]
            # The metrics may have changed in between.
            length = len(got.read())
            assert int(head.headers["Content-Length"]) == length or path == "metrics"
    bot.stop()


def test_if_the_second_port_is_taken_the_first_one_is_released(sandbox: Sandbox, sqlite_url: str) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bot = build_here(sandbox, sqlite_url, port=port, metrics_port=taken.getsockname()[1])
        with pytest.raises(PortTaken):
            bot.start()
    bot.database.close()
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_what_was_given_up_is_counted(sandbox: Sandbox, workspace: Workspace, sqlite_url: str) -> None:
    port = free_port()
    bot = start_here(sandbox, sqlite_url, port=port)
    workspace.faults({"method": "conversations.setTopic", "effect": "error:restricted_action"})
    workspace.declare()
    # The attempt is counted once its outcome is stored.
    counted = 'muster_effect_attempts_total{kind="SetTopic",outcome="given up"} 1.0'
    page = eventually(lambda: _page_with(port, counted))
    assert 'muster_outbox_rows{kind="SetTopic",state="dead"} 1.0' in page
    assert 'muster_outbox_oldest_seconds{kind="SetTopic",state="dead"}' in page
    bot.stop()


def test_a_silent_session_is_replaced_and_the_next_one_receives(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str
) -> None:
    port = free_port()
    bot = start_here(sandbox, sqlite_url, port=port, silence_limit=0.5)
    workspace.faults({"socket": "silence", "seconds": 1.0})
    eventually(lambda: _page_with(port, "muster_reconnects_total 1.0"))
    workspace.faults()
    assert "No open incidents" in eventually(lambda: _answer(workspace))
    bot.stop()


def test_a_taken_port_is_reported(sandbox: Sandbox, sqlite_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bot = BotProcess(sandbox, sqlite_url, tmp_path / "bot.log")
        assert bot.run(PORT=str(port)) == 1
    assert f"Port {port} is already in use." in bot.log()
    assert "Traceback" not in bot.log()


def test_without_a_port_no_http_code_is_loaded(sqlite_url: str) -> None:
    asked = (
        "import sys; from bot.bootstrap import build; from bot.config import Settings;"
        f"build(Settings(slack_bot_token='xoxb-1', slack_app_token='xapp-1', database_url='{sqlite_url}'));"
        "print(sorted({'waitress', 'prometheus_client', 'bot.intake.http'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def _answer(workspace: Workspace) -> str | None:
    try:
        return workspace.command("")
    except AssertionError:
        # The answer came from a session that was being replaced.
        return None


def _page_with(port: int, series: str) -> str | None:
    status, page = looked_at(port, "metrics")
    assert status == 200
    return page if series in page else None

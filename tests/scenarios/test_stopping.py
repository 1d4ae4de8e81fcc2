"""SIGTERM: nothing new is accepted, what has begun is finished or given back, and it exits with 0 in time."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.process import CLOSING_SECONDS, Bot
from sandbox.server import Sandbox
from tests.support.bots import ROOT, BotProcess, build_here, free_port, looked_at, start_here
from tests.support.people import Workspace, eventually
from tests.support.posts import command, event, post, signed
from tests.support.promises import declared_once

LIMIT = 15.0
"""Seconds."""
RENAMED = {
    "type": "user_change",
    "user": {"id": "U0ANA", "name": "ana", "updated": 2_000_000_000, "profile": {"display_name": "Ana B."}},
}
SIGNALLED = """
import signal, sys, threading, time
import app

def end():
    while not callable(signal.getsignal(signal.SIGTERM)):
        time.sleep(0.01)
    time.sleep(1)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    time.sleep(60)

threading.Thread(target=end, daemon=True).start()
sys.exit(app.main())
"""
"""A bot that gets SIGTERM on another thread than the one that waits for it."""


def _stopped(process: BotProcess) -> float:
    """Stop it; the seconds that took."""
    began = time.monotonic()
    assert process.stop() == 0
    assert "Traceback" not in process.log()
    return time.monotonic() - began


def test_if_every_call_hangs_it_still_ends_in_time_and_the_next_process_continues(
    workspace: Workspace, bot_process: BotProcess
) -> None:
    bot_process.start()
    workspace.open_form("declare")
    workspace.faults({"method": "*", "effect": "hang_before"})
    workspace.submit(title="Database is slow")
    eventually(lambda: [call for call in workspace.calls() if call["ended"] is None])
    assert _stopped(bot_process) < LIMIT
    workspace.faults()
    bot_process.start()
    declared_once(workspace)


def test_it_ends_in_time_while_handlers_wait_for_the_database(
    workspace: Workspace, bot_process: BotProcess, sqlite_url: str
) -> None:
    bot_process.start()
    channel = workspace.declare()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(40):
            workspace.say(f"fact {number}", channel)
        assert _stopped(bot_process) < LIMIT
        other.execute("ROLLBACK")


def test_it_ends_in_time_while_it_is_still_connecting(workspace: Workspace, bot_process: BotProcess) -> None:
    workspace.faults({"method": "apps.connections.open", "effect": "hang_before"})
    bot_process.start(wait=False)
    eventually(lambda: workspace.calls("apps.connections.open"), 15)
    assert _stopped(bot_process) < LIMIT


def test_a_signal_that_reaches_another_thread_is_obeyed(tmp_path: Path) -> None:
    nowhere = {
        "SLACK_API_URL": f"http://127.0.0.1:{free_port()}/api/",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'muster.db'}",
    }
    ended = subprocess.run(
        [sys.executable, "-c", SIGNALLED], env={**os.environ, **nowhere}, cwd=ROOT, timeout=30, check=False
    )
    assert ended.returncode == 0


def test_while_the_database_is_unavailable_it_says_so_waits_and_can_end_at_once(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    nowhere = f"postgresql://127.0.0.1:{free_port()}/muster"
    bot_process, port = BotProcess(sandbox, nowhere, tmp_path / "bot.log"), free_port()
    bot_process.start(wait=False, PORT=str(port))
    tries = eventually(lambda: _tries(bot_process), 15)
    assert all(each["what"] == "database" for each in tries)
    assert looked_at(port, "healthz")[0] == 200
    status, report = looked_at(port, "readyz")
    assert (status, json.loads(report)["database"]) == (503, "not reached yet")
    assert looked_at(port, "metrics")[0] == 200
    assert _stopped(bot_process) < 5


def test_socket_mode_does_not_wait_for_load_balancers(sandbox: Sandbox, sqlite_url: str) -> None:
    bot = start_here(sandbox, sqlite_url, port=free_port(), metrics_port=free_port(), closing_seconds=60)
    began = time.monotonic()
    bot.stop()
    assert time.monotonic() - began < LIMIT


def test_a_bot_that_has_not_connected_yet_does_not_wait_for_load_balancers(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str
) -> None:
    workspace.faults({"method": "auth.test", "effect": "503"})
    bot = build_here(sandbox, sqlite_url, mode="http", closing_seconds=60)
    bot.start()
    eventually(lambda: workspace.calls("auth.test"))
    began = time.monotonic()
    bot.stop()
    assert time.monotonic() - began < LIMIT


def test_before_the_port_closes_slack_and_load_balancers_are_turned_away(
    sandbox: Sandbox, sqlite_url: str, tmp_path: Path
) -> None:
    process, metrics_port = BotProcess(sandbox, sqlite_url, tmp_path / "bot.log", mode="http"), free_port()
    process.start(METRICS_PORT=str(metrics_port), wait=False)
    eventually(lambda: _status(metrics_port) == 200, 20)
    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(_stopped, process)
        eventually(lambda: _status(metrics_port) == 503)
        assert looked_at(metrics_port, "readyz") == (503, '{"process": "stopping"}')
        assert looked_at(metrics_port, "healthz")[0] == 200
        began, statuses = time.monotonic(), []
        while (status := _declared(process.port, sandbox)) is not None:
            statuses.append(status)
            time.sleep(0.1)
        closed_after = time.monotonic() - began
        assert stopped.result() < LIMIT
    assert set(statuses) == {503}
    # It looks for signals twice a second, and the test's first request came a moment later.
    assert CLOSING_SECONDS - 1 < closed_after < CLOSING_SECONDS + 2
    assert "slash_commands" not in process.log()


def test_a_request_being_answered_when_it_stops_gets_its_answer(sandbox: Sandbox, sqlite_url: str) -> None:
    bot = start_here(sandbox, sqlite_url, mode="http", closing_seconds=1)
    port, body = bot.settings.port, event(RENAMED)
    assert port
    eventually(lambda: not bot.services.outbox.figures().rows)
    path = sqlite_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(2) as pool:
        other.execute("BEGIN IMMEDIATE")
        begun = pool.submit(post, port, body, signed(body, sandbox.signing_secret))
        eventually(lambda: any(each.requests for each in _connections(bot)))
        # It takes a moment from the connection to the thread that answers it.
        time.sleep(0.1)
        stopped = pool.submit(bot.stop)
        eventually(bot.progress.stopping.is_set)
        later = event(RENAMED, 2)
        assert post(port, later, signed(later, sandbox.signing_secret))[0] == 503
        other.execute("ROLLBACK")
        assert begun.result()[0] == 200
        stopped.result()


@pytest.mark.parametrize(
    ("method", "effect", "why"),
    [
        ("apps.connections.open", "error:socket_mode_not_enabled", "socket_mode_not_enabled"),
        ("auth.test", "non_json", "http_200"),
    ],
)
def test_the_log_says_why_slack_cannot_be_reached(
    sandbox: Sandbox, bot_process: BotProcess, method: str, effect: str, why: str
) -> None:
    Workspace(sandbox.url).faults({"method": method, "effect": effect})
    bot_process.start(wait=False)
    tries = eventually(lambda: _tries(bot_process), 15)
    assert {each["why"] for each in tries} == {why}


def _connections(bot: Bot) -> list[Any]:
    return list(bot.servers[0]._server.active_channels.values())


def _status(port: int) -> int | None:
    """The status of `/readyz`; ``None`` while nothing listens."""
    try:
        return looked_at(port, "readyz")[0]
    except OSError:
        return None


def _declared(port: int, sandbox: Sandbox) -> int | None:
    """The status with which a command is answered; ``None`` once nothing listens."""
    body = command("declare", "U0ANA")
    try:
        return post(port, body, signed(body, sandbox.signing_secret), "form")[0]
    except OSError:
        return None


def _tries(process: BotProcess) -> list[dict[str, str]] | None:
    records = [json.loads(line) for line in process.log().splitlines()]
    tries = [each for each in records if each["event"] == "not reached, trying again"]
    return tries if len(tries) >= 2 else None

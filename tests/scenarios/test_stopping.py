"""SIGTERM: nothing new is taken, what has begun is finished or given back, and the exit code is 0 in time."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from sandbox.server import Sandbox
from tests.scenarios.promises import declared_once
from tests.support.bots import ROOT, BotProcess, free_port, looked_at
from tests.support.people import Workspace, eventually

LIMIT = 15.0
"""Seconds."""
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
"""A bot that gets SIGTERM on a thread besides the one that waits for it."""


def _stopped(process: BotProcess) -> float:
    """Stop it; how many seconds that took."""
    began = time.monotonic()
    assert process.stop() == 0
    assert "Traceback" not in process.log()
    return time.monotonic() - began


def test_while_every_call_hangs_it_ends_in_time_and_the_next_process_goes_on(
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


def test_while_handlers_wait_for_the_database_it_ends_in_time(
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


def test_while_it_is_still_connecting_it_ends_in_time(workspace: Workspace, bot_process: BotProcess) -> None:
    workspace.faults({"method": "apps.connections.open", "effect": "hang_before"})
    bot_process.start(wait=False)
    eventually(lambda: workspace.calls("apps.connections.open"), 15)
    assert _stopped(bot_process) < LIMIT


def test_a_signal_that_reaches_another_thread_is_heeded(tmp_path: Path) -> None:
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


def test_while_the_database_is_away_it_tells_so_waits_and_ends_at_once(
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


def _tries(process: BotProcess) -> list[dict[str, str]] | None:
    records = [json.loads(line) for line in process.log().splitlines()]
    tries = [each for each in records if each["event"] == "not reached, trying again"]
    return tries if len(tries) >= 2 else None

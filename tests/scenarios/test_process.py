"""`python app.py` as an operator meets it: settings, one process per file, signals, logs."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot import config
from sandbox.server import Sandbox
from tests.support.bots import ROOT, BotProcess, environment
from tests.support.people import Workspace, eventually
from tests.support.refusals import RefusingServer

NAMES = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")


def _run(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python app.py` until it ends by itself."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        env={**kept, **settings},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_missing_settings_are_named_all_at_once_with_where_to_find_them(tmp_path: Path) -> None:
    ended = _run(tmp_path)
    assert ended.returncode == 2
    for name in NAMES:
        [line] = [line for line in ended.stderr.splitlines() if line.startswith(f"{name} is not set: ")]
        assert "at api.slack.com/apps, in your app, under" in line
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_setting_is_named_without_its_value(tmp_path: Path) -> None:
    ended = _run(tmp_path, SLACK_BOT_TOKEN="xoxb-secret", LOG_LEVEL="LOUD", KEEP_DAYS="6")
    assert ended.returncode == 2
    assert "KEEP_DAYS can't be used: choose a number of days from 7 to 3650" in ended.stderr
    assert "LOG_LEVEL can't be used: choose one of DEBUG, INFO, WARNING, ERROR" in ended.stderr
    assert "SLACK_APP_TOKEN is not set" in ended.stderr
    assert "xoxb-secret" not in ended.stderr


def test_without_either_way_in_both_are_named(tmp_path: Path) -> None:
    ended = _run(tmp_path, SLACK_BOT_TOKEN="xoxb-secret", PORT="70000")
    assert ended.returncode == 2
    [way_in] = [line for line in ended.stderr.splitlines() if "SLACK_APP_TOKEN is not set" in line]
    assert "or, for HTTP mode, set SLACK_SIGNING_SECRET instead" in way_in
    assert "PORT can't be used: choose a number from 1 to 65535" in ended.stderr


@pytest.mark.parametrize(
    "ports",
    [
        {"PORT": "3100", "METRICS_PORT": "3100"},
        # The port to which Slack posts by default.
        {"METRICS_PORT": "3000", "SLACK_APP_TOKEN": ""},
        {"METRICS_PORT": "0"},
        {"METRICS_PORT": "many"},
    ],
)
def test_a_port_for_metrics_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, ports: dict[str, str]
) -> None:
    known = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": "secret"}
    for name, value in {"PORT": "", **known, **ports}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(config.SettingsError) as refused:
        config.load()
    told = "METRICS_PORT can't be used: choose a number from 1 to 65535 that differs from PORT"
    assert str(refused.value) == told


WINDOWS = """
import argparse, gc, pathlib, runpy, signal, sys
sys.platform, sys.argv = "win32", sys.argv[1:]
for name in ("fcntl", "grp", "posix", "pwd", "resource", "termios"):
    sys.modules[name] = None
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program as it would find itself on Windows."""


@pytest.mark.parametrize("asked", [[], ["--sandbox"], ["--google-login"]])
def test_on_windows_one_line_says_that_it_does_not_run_there(tmp_path: Path, asked: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WINDOWS, str(ROOT / "app.py"), *asked],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    told = "Muster doesn't run on Windows. Use Linux, macOS, WSL or a container.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", told)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of either engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    with request.getfixturevalue("_postgresql").fresh() as url:
        yield url


def test_the_first_start_finds_an_empty_database(
    sandbox: Sandbox, workspace: Workspace, empty_url: str, tmp_path: Path
) -> None:
    bot = BotProcess(sandbox, empty_url, tmp_path / "bot.log")
    bot.start()
    workspace.declare()
    assert bot.stop() == 0


def test_a_token_that_slack_refuses_is_reported_and_ends_the_process(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    wrong = {**environment(sandbox, f"sqlite:///{tmp_path / 'x.db'}"), "SLACK_BOT_TOKEN": "xoxb-wrong"}
    ended = _run(tmp_path, **wrong)
    assert ended.returncode == 2
    assert "Slack rejects SLACK_BOT_TOKEN or SLACK_APP_TOKEN (invalid_auth)" in ended.stderr
    assert "xoxb-wrong" not in ended.stderr


def test_a_second_process_on_one_sqlite_file_is_refused(
    sandbox: Sandbox, bot_process: BotProcess, sqlite_url: str, tmp_path: Path
) -> None:
    bot_process.start()
    ended = _run(tmp_path, **environment(sandbox, sqlite_url))
    assert ended.returncode == 1
    assert "Another Muster is already using" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_while_the_database_refuses_it_waits_and_logs_each_reason_but_never_the_password(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with RefusingServer('password authentication failed for user "u"') as server:
        bot = BotProcess(sandbox, f"postgres://u:hunter2@{server.address}/d", tmp_path / "bot.log")
        bot.start(wait=False)
        eventually(lambda: '"why": "wrong password"' in bot.log())
        server.message = 'database "d" does not exist'
        eventually(lambda: '"why": "no such database"' in bot.log())
        assert bot.stop() == 0
    assert "hunter2" not in bot.log() and "e3q8" not in bot.log() and "Traceback" not in bot.log()


def _no_database(path: Path) -> str:
    path.write_bytes(b"This is a letter to my aunt. " * 100)
    return f"{path} isn't a SQLite database"


def _no_log(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE something (x)")
    # The write-ahead log can't be made where there is a folder of its name.
    Path(f"{path}-wal").mkdir()
    return f"{path} can't be written"


def _no_lock(path: Path) -> str:
    Path(f"{path}.lock").mkdir()
    return f"{path} can't be locked (Is a directory)"


@pytest.mark.parametrize("trouble", [_no_database, _no_log, _no_lock])
def test_a_file_that_no_waiting_can_mend_is_refused_in_one_sentence(
    sandbox: Sandbox, tmp_path: Path, trouble: Callable[[Path], str]
) -> None:
    path = tmp_path / "muster.db"
    why = trouble(path)
    ended = _run(tmp_path, **environment(sandbox, f"sqlite:///{path}"))
    assert ended.returncode == 2
    assert ended.stderr == f"The database can't be used: {why}. Check DATABASE_URL.\n"


def test_a_folder_that_cannot_be_made_is_refused_in_one_sentence(sandbox: Sandbox, tmp_path: Path) -> None:
    # Only trying shows it: nobody can make anything in this folder, though root may write there.
    ended = _run(tmp_path, **environment(sandbox, "sqlite:////proc/muster/muster.db"))
    assert ended.returncode == 2
    assert "/proc" in ended.stderr and "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) <= 2


def test_a_database_of_a_newer_version_is_used_and_the_log_says_so(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    bot = BotProcess(sandbox, sqlite_url, tmp_path / "bot.log")
    bot.start()
    workspace.declare()
    assert bot.stop() == 0
    [said] = [line for line in bot.log().splitlines() if "a newer version has migrated the database" in line]
    assert json.loads(said)["revision"] == "9999"


@pytest.mark.parametrize("trouble", ["under load", "before Slack was reached"])
def test_sigterm_ends_it_cleanly_within_seconds(
    workspace: Workspace, bot_process: BotProcess, trouble: str
) -> None:
    if trouble == "before Slack was reached":
        workspace.faults({"method": "apps.connections.open", "effect": "503"})
        bot_process.start(wait=False)
        eventually(lambda: workspace.calls("apps.connections.open"))
    else:
        bot_process.start()
        workspace.open_form("declare")
        workspace.submit(title="Database is slow")
        for number in range(50):
            workspace.say(f"fact {number}", "general")
    started = time.monotonic()
    assert bot_process.stop() == 0
    assert time.monotonic() - started < 5
    assert "Traceback" not in bot_process.log()


def test_its_logs_contain_no_token_no_response_url_and_nothing_that_people_wrote(
    sandbox: Sandbox, workspace: Workspace, bot_process: BotProcess
) -> None:
    bot_process.start(LOG_LEVEL="DEBUG")
    channel = workspace.declare("Swordfish in the title", description="swordfish below")
    workspace.say("swordfish in a message", channel)
    resolve = "@Muster resolve swordfish in a note"
    workspace.told_everybody(lambda: workspace.say(resolve, channel), channel)
    workspace.command("swordfish", channel=channel)
    workspace.command("reopen swordfish", channel=channel)
    listed = workspace.asked("list all")
    workspace.faults(
        {"method": "chat.update", "effect": "non_json", "times": 1},
        {"method": "views.open", "effect": "error:expired_trigger_id", "times": 1},
        {"method": "chat.postMessage", "effect": "500", "times": 1},
    )
    offer = workspace.answered(
        lambda: workspace.click("general", listed["ts"], "declare_incident"), "general"
    )
    workspace.command("rename Swordfish again", channel=channel)
    workspace.click("general", offer["ts"], "open_form")
    eventually(lambda: workspace.form("ana"))
    eventually(lambda: all(fault["struck"] for fault in workspace.get("faults")["faults"]))
    bot_process.stop()
    log = bot_process.log()
    records = [json.loads(line) for line in log.splitlines()]
    assert {"connected", "effect failed"} <= {each["event"] for each in records}
    assert all({"level", "timestamp"} <= set(each) for each in records)
    for secret in (sandbox.bot_token, sandbox.app_token, "/response/", "ticket=", "xoxb-", "xapp-"):
        assert secret not in log
    assert "swordfish" not in log.lower()

"""`python app.py` as an operator meets it: settings, one process per file, signals, logs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import config
from sandbox.server import Sandbox
from tests.support.bots import ROOT, BotProcess, environment
from tests.support.people import Workspace, eventually

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
    workspace.mention("resolve swordfish in a note", channel)
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

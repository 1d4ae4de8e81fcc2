"""The settings file as the person who runs the bot meets it: checked, printed, refused, and in force."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bot.domain.settings import ReminderSettings
from sandbox.server import Sandbox
from storage import settings
from storage.database import Database
from tests.support.bots import start_here
from tests.support.commands import run_app
from tests.support.people import Workspace, shown

BROKEN = "people: {role: []}\nchannels: {texts_kept_days: 7}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "muster.yaml"
    found.write_text("channels: {texts_kept_days: 90}\n")
    return found


def test_a_file_is_checked_without_tokens_or_a_database(file: Path) -> None:
    well = run_app("--check-settings", str(file))
    assert (well.returncode, well.stdout) == (0, "OK: muster.yaml sets 1 of the settings.\n")
    file.write_text(BROKEN)
    ill = run_app("--check-settings", str(file))
    assert ill.returncode == 1
    first, second = ill.stdout.splitlines()
    assert first == "muster.yaml: line 1, people.role: There is no such setting. Did you mean roles?"
    assert second.startswith("muster.yaml: line 2, channels.texts_kept_days: Write a time from 30 days")


def test_a_check_says_which_roles_only_slack_can_have(file: Path) -> None:
    file.write_text("checklists:\n  lists: [{name: Ask, lines: [Ask], role: Scibe}]")
    well = run_app("--check-settings", str(file))
    assert (well.returncode, well.stdout.splitlines()) == (
        0,
        [
            "OK: muster.yaml sets 1 of the settings.",
            (
                "muster.yaml: line 2, checklists.lists[1].role: “Scibe” is neither built in nor in this "
                "file: it has to be set in Slack. Did you mean Scribe?"
            ),
        ],
    )


def test_the_settings_that_count_are_printed_as_a_file(file: Path, sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    database.migrate()
    database.run(partial(settings.save, settings=ReminderSettings(hour=8, texts_kept=60)))
    database.close()
    printed = run_app("--print-settings", database_url=sqlite_url, muster_settings=str(file))
    assert printed.returncode == 0, printed.stderr
    assert "# set by muster.yaml\n  texts_kept_days: 90\n" in printed.stdout
    assert "# set in Slack\n  day_starts: 08:00\n" in printed.stdout
    again = tmp_path / "again.yaml"
    again.write_text(printed.stdout)
    assert run_app("--check-settings", str(again)).returncode == 0
    missing = tmp_path / "missing.db"
    assert "day_starts: 09:00" in run_app("--print-settings", database_url=f"sqlite:///{missing}").stdout
    assert not missing.exists()


def test_a_broken_file_stops_the_start_with_one_sentence(file: Path, sqlite_url: str) -> None:
    file.write_text(BROKEN)
    tokens = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}
    ended = run_app(database_url=sqlite_url, muster_settings=str(file), **tokens)
    assert ended.returncode == 2
    heading, line = ended.stderr.splitlines()
    assert heading == "Muster can't start:"
    assert line == (
        "MUSTER_SETTINGS can't be used: line 1, people.role: There is no such setting. Did you mean roles? "
        "(and 1 more, see --check-settings)"
    )
    assert run_app("--migrate", database_url=sqlite_url, muster_settings=str(file)).returncode == 0


def test_a_command_that_needs_the_file_says_what_is_wrong_with_it(file: Path, sqlite_url: str) -> None:
    file.write_text(BROKEN)
    ended = run_app("--print-settings", database_url=sqlite_url, muster_settings=str(file))
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, "Check the settings:")


def test_what_the_file_sets_counts_from_the_start(sandbox: Sandbox, sqlite_url: str, file: Path) -> None:
    bot = start_here(sandbox, sqlite_url, muster_settings=str(file))
    acme = Workspace(sandbox.url)
    home = acme.asked("settings")
    assert "Keep messages' texts: for 90 days (set by muster.yaml)" in shown(home)
    assert "change_settings" in str(home)
    form = acme.open_settings("channels")
    inputs = [each["block_id"] for each in form["blocks"] if each["type"] == "input"]
    assert inputs == ["call_from", "call_link"]
    assert "settings file" not in acme.command("doctor")
    bot.stop()

"""``python app.py --doctor``: each single fault turns its own line red or amber, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import Bot
from bot.domain.surface.slack_app import SCOPES
from sandbox.google import SERVICE_ACCOUNT
from sandbox.server import Sandbox, running
from storage import workspace
from storage.database import Database
from tests.support.bots import ROOT, TEAM_CALENDAR, calendar, environment, start_here
from tests.support.commands import run_app
from tests.support.people import Workspace, eventually


@pytest.fixture
def bot(sandbox: Sandbox, database_url: str) -> Iterator[Bot]:
    """A bot that is running, which the doctor must not disturb."""
    started = start_here(sandbox, database_url)
    eventually(lambda: started.services.startup.announcements_channel("incidents"))
    yield started
    started.stop()


def examined(sandbox: Sandbox, url: str, **settings: str) -> tuple[int, dict[str, str], str]:
    """The exit code, the light of each check that isn't green, and all that was printed."""
    known = {name.lower(): value for name, value in environment(sandbox, url).items()}
    found = run_app("--doctor", **{**known, **settings})
    assert not found.stderr, found.stderr
    lights = {}
    for line in found.stdout.splitlines():
        if line.startswith(("!", "✗")):
            light, named = line[2:].split(None, 1)
            lights[named.split("  ")[0]] = light
    return found.returncode, lights, found.stdout


def test_beside_a_running_bot_all_is_green(bot: Bot, sandbox: Sandbox, database_url: str) -> None:
    code, lights, printed = examined(sandbox, database_url)
    assert (code, lights) == (0, {}), printed
    assert "They go to #incidents." in printed
    people = Workspace(sandbox.url)
    assert "Commands" in people.command("help"), "the doctor took the command away from the bot"
    assert bot.connected.is_set()


NOWHERE = "http://127.0.0.1:9/"
FAULTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a wrong bot token": ({"slack_bot_token": "xoxb-wrong"}, {"slack": "red"}),
    "a wrong app token": ({"slack_app_token": "xapp-wrong"}, {"app token": "red"}),
    "no token": ({"slack_bot_token": ""}, {"setting SLACK_BOT_TOKEN": "red"}),
    "two wrong settings": (
        {"incidents_channel": "#!", "keep_days": "soon"},
        {"setting INCIDENTS_CHANNEL": "red", "setting KEEP_DAYS": "red"},
    ),
    "no Slack": ({"slack_api_url": NOWHERE}, {"slack": "red"}),
    "no database": ({"database_url": "postgresql://nobody@127.0.0.1:9/none"}, {"database": "red"}),
    "no word from Slack's status page": ({"slack_status_url": NOWHERE}, {"slack's state": "amber"}),
}
"""What is wrong -> the settings that make it so, and the lines that aren't green then."""


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_single_fault_turns_only_its_own_line(sandbox: Sandbox, database_url: str, fault: str) -> None:
    settings, wanted = FAULTS[fault]
    code, lights, printed = examined(sandbox, database_url, **settings)
    assert lights == wanted, printed
    assert code == int("red" in wanted.values())
    assert "xoxb-wrong" not in printed
    assert sandbox.bot_token not in printed
    assert printed.count("→") == len(wanted), "each says what to do"


def test_an_empty_database_is_not_made(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    code, lights, printed = examined(sandbox, f"sqlite:///{file}")
    assert (code, lights) == (0, {"database": "amber", "announcements": "amber"}), printed
    assert not file.exists()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, as it is before the first start."""
    if request.param == "sqlite":
        (tmp_path / "empty.db").touch()
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with request.getfixturevalue("_postgresql").fresh() as url:
        yield url


def test_a_database_without_tables_is_empty_and_not_broken(sandbox: Sandbox, empty_url: str) -> None:
    code, lights, printed = examined(sandbox, empty_url)
    assert (code, lights) == (0, {"database": "amber", "announcements": "amber"}), printed


def test_a_database_into_which_a_backup_was_restored_only_in_part_is_red(
    sandbox: Sandbox, database_url: str
) -> None:
    database = Database(database_url)
    database.migrate()
    database.run(lambda tx: workspace.save(tx, workspace.RESTORING, "2026-03-02T09:30:00+00:00"))
    database.close()
    code, lights, printed = examined(sandbox, database_url)
    assert (code, lights) == (1, {"database": "red", "announcements": "amber"}), printed


@pytest.mark.parametrize(
    ("fault", "line", "said", "remedy"),
    [
        ("auth.test non_json", "slack", "can't be understood: http_200.", "Check the network,"),
        ("auth.test error:internal_error", "slack", "can't answer now: internal_error.", "Try again"),
        (
            "auth.test error:token_revoked",
            "slack",
            "token: token_revoked.",
            "This token was revoked. Reinstall",
        ),
        ("auth.test error:no_idea", "slack", "the token: no_idea.", "Copy both tokens again"),
        (
            "apps.connections.open error:socket_mode_not_enabled",
            "app token",
            "enabled.",
            "Socket Mode is off",
        ),
        ("apps.connections.open error:missing_scope", "app token", "missing_scope.", "It lacks the scope"),
        ("apps.connections.open 503", "app token", "http_503.", "Check the network,"),
    ],
)
def test_each_refusal_or_failure_of_slacks_says_what_to_do(
    sandbox: Sandbox, tmp_path: Path, fault: str, line: str, said: str, remedy: str
) -> None:
    method, effect = fault.split()
    Workspace(sandbox.url).faults({"method": method, "effect": effect})
    code, lights, printed = examined(sandbox, f"sqlite:///{tmp_path / 'none.db'}")
    assert (code, {name for name, light in lights.items() if light == "red"}) == (1, {line})
    assert said in printed
    assert f"→ {remedy}" in printed


def test_ctrl_c_ends_a_command_in_a_word(sandbox: Sandbox, tmp_path: Path) -> None:
    Workspace(sandbox.url).faults({"method": "auth.test", "effect": "hang_before"})
    known = environment(sandbox, f"sqlite:///{tmp_path / 'none.db'}")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--doctor"],
        env={**os.environ, **known},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: Workspace(sandbox.url).get("faults")["faults"][0]["struck"], 20)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[1] == "\nStopped.\n"
    assert process.returncode == 1


@pytest.mark.parametrize(
    "argv",
    [
        ("--backup", ""),
        ("--restore", ""),
        ("--erase-person", ""),
        ("--export-person", "", ""),
        ("--manifest", ""),
        ("--setup", ""),
        ("--google-login", ""),
        ("--check-settings", ""),
    ],
)
def test_an_argument_from_a_variable_that_is_not_set_never_starts_the_bot(
    bot: Bot, sandbox: Sandbox, database_url: str, argv: tuple[str, ...]
) -> None:
    known = {name.lower(): value for name, value in environment(sandbox, database_url).items()}
    found = run_app(*argv, **known)
    assert found.returncode in {1, 2}
    assert "Another Muster" not in found.stderr
    assert "Traceback" not in found.stderr
    assert bot.connected.is_set()


@pytest.mark.parametrize(
    "argv",
    [
        ("--export-person", "U0BEN", "ben.json", "--erase-person", "U0BEN", "--yes"),
        ("--backup", "a", "--restore", "b"),
        ("--sandbox", "--doctor"),
    ],
)
def test_one_command_at_a_time_so_that_none_is_left_out_unseen(argv: tuple[str, ...]) -> None:
    found = run_app(*argv)
    assert (found.returncode, found.stdout) == (2, "")
    assert "not allowed with argument" in found.stderr


def test_what_was_given_up_is_red_and_names_no_incident(
    bot: Bot, sandbox: Sandbox, database_url: str
) -> None:
    people = Workspace(sandbox.url)
    people.faults({"method": "pins.add", "effect": "error:not_pinnable"})
    people.declare()
    eventually(lambda: "not_pinnable" in people.command("doctor"))
    code, lights, printed = examined(sandbox, database_url)
    assert (code, lights) == (1, {"outbox": "red"}), printed
    assert "INC-1" not in printed
    people.faults()
    assert bot.connected.is_set()


@pytest.mark.usefixtures("bot")
def test_an_archived_announcements_channel_is_red(sandbox: Sandbox, database_url: str) -> None:
    Workspace(sandbox.url).post("archive", channel="incidents", user="ana")
    code, lights, printed = examined(sandbox, database_url)
    assert (code, lights) == (1, {"announcements": "red"}), printed


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("code", "light", "remedy"),
    [
        ("missing_scope", "amber", "Grant it"),
        ("channel_not_found", "red", "Invite the bot"),
        ("fatal_error", "red", "Try again"),
    ],
)
def test_an_announcements_channel_that_cannot_be_looked_at_says_what_to_do(
    sandbox: Sandbox, database_url: str, code: str, light: str, remedy: str
) -> None:
    Workspace(sandbox.url).faults({"method": "conversations.info", "effect": f"error:{code}"})
    _, lights, printed = examined(sandbox, database_url)
    assert lights == {"announcements": light}, printed
    assert f"→ {remedy}" in printed


def test_a_calendar_that_cannot_be_read_is_red(sandbox: Sandbox, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    known = calendar(sandbox, tmp_path)
    assert examined(sandbox, url, **known)[1].get("calendar") is None
    found = examined(sandbox, url, **{**known, "google_calendar_api_url": NOWHERE})
    assert found[1]["calendar"] == "red", found[2]


def test_a_calendar_that_is_shared_for_reading_only_is_red(sandbox: Sandbox, tmp_path: Path) -> None:
    known = calendar(sandbox, tmp_path, "service")
    Workspace(sandbox.url).post(
        "calendar-share", calendar=TEAM_CALENDAR, email=SERVICE_ACCOUNT, role="reader"
    )
    found = examined(sandbox, f"sqlite:///{tmp_path / 'none.db'}", **known)
    assert found[1]["calendar"] == "red", found[2]
    assert "not changed (reader)" in found[2]


def test_scopes_that_were_not_granted_are_named(sqlite_url: str) -> None:
    lacking = {scope.name for scope in SCOPES if scope.is_optional}
    with running(ROOT / "manifest.yml", declined_scopes=tuple(lacking)) as reluctant:
        bot = start_here(reluctant, sqlite_url)
        eventually(lambda: bot.services.startup.announcements_channel("incidents"))
        _, lights, printed = examined(reluctant, sqlite_url)
        assert lights == {f"scope {name}": "amber" for name in lacking}, printed
        people = Workspace(reluctant.url)
        assert "checking everything else" in people.command("doctor", "ana")
        [told] = eventually(lambda: [t for t in people.only_for("ana", "general") if "canvases:write" in t])
        assert "Not granted" in told, "an admin reads it in Slack, too"
        assert "checking" not in people.command("doctor", "ben")
        bot.stop()


def test_settings_come_from_the_file_unless_the_environment_has_them(
    bot: Bot, sandbox: Sandbox, database_url: str, tmp_path: Path
) -> None:
    known = environment(sandbox, database_url)
    file = tmp_path / "settings"
    file.write_text("".join(f"{name}={value}\n" for name, value in known.items()) + "LOG_LEVEL=nonsense\n")
    file.chmod(0o600)
    found = run_app("--doctor", muster_env_file=str(file), log_level="INFO")
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert bot.connected.is_set()
    file.unlink()
    missing = run_app("--doctor", muster_env_file=str(file))
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "can't be read: No such file" in missing.stderr

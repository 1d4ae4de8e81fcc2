"""Each command in the README does what it says, in a clone in which nothing has been run yet."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.guide.pages import ROOT, commands
from tests.support.bots import free_port
from tests.support.people import Workspace, eventually

LOCKS = ("requirements.txt", "requirements-sandbox.txt", "requirements-dev.txt")
DOCTOR = ".venv/bin/python app.py --doctor"
RUN = {"make sandbox", "make sandbox-reset", "make setup", "make run", "make manifest", DOCTOR}
LEFT_OUT = {
    "make test": "it runs this test",
    "make check": "CI runs it before the tests",
    "make lock": "it needs a registry",
    "make migration": "it asks for m",
    'make migration m="what it does"': "it adds a revision; tests/storage has a test of its own",
    "GOOGLE_TOKEN_FILE=google_token.json .venv/bin/python app.py --google-login client_secret.json": "it "
    "needs Google",
}
"""Command -> why no test here runs it."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the repository in a folder of their own, with the tests' own environment."""
    folder = tmp_path_factory.mktemp("clone") / "muster"
    shutil.copytree(ROOT, folder, ignore=left_out)
    # Links to what is in the environment, not to the environment: if `make` made it again, it would only
    # remove these links.
    (folder / ".venv").mkdir()
    for each in Path(sys.prefix).iterdir():
        (folder / ".venv" / each.name).symlink_to(each)
    for lock in LOCKS:
        # Otherwise `make` would install something.
        installed = folder / ".venv" / f"installed-{lock}"
        assert installed.read_bytes() == (folder / lock).read_bytes(), "run the tests with `make test`"
    return folder


def left_out(_folder: str, names: list[str]) -> set[str]:
    """What isn't in a clone, or isn't needed to run the commands."""
    hidden = {name for name in names if name.startswith(".") and name != ".ci"}
    return hidden | {name for name in names if name in {"__pycache__", "build", "tests"}}


def environment(**more: str) -> dict[str, str]:
    """No settings, and no terminal."""
    return {"PATH": os.environ["PATH"], **more}


def run(clone: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Type a command; nobody answers if it asks."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=clone,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_command_of_the_readme_is_run_here_or_left_out_for_a_reason() -> None:
    assert set(commands(ROOT / "README.md")) == RUN | set(LEFT_OUT)


@contextmanager
def sandbox(clone: Path) -> Iterator[str]:
    """`make sandbox`, and the first line that it prints."""
    process = subprocess.Popen(
        ["make", "sandbox"],
        cwd=clone,
        env=environment(PORT=str(free_port())),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        yield process.stdout.readline()
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


def test_the_sandbox_prints_its_url_and_reset_deletes_what_is_in_it(clone: Path) -> None:
    with sandbox(clone) as line:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        acme = Workspace(found[0])
        eventually(lambda: acme.state()["bot"]["connected"], 30)
    assert (clone / ".sandbox").is_dir()
    assert run(clone, "make sandbox-reset").returncode == 0
    assert not (clone / ".sandbox").exists()


def test_the_bot_and_the_doctor_say_which_settings_are_missing(clone: Path) -> None:
    started, looked = run(clone, "make run"), run(clone, DOCTOR)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        assert f"{name} is not set: " in started.stderr
        assert re.search(rf"red +setting {name} ", looked.stdout)
    # make exits with a code of its own.
    assert (started.returncode, looked.returncode) == (2, 1)


def test_the_set_up_asks_for_the_bot_token_and_saves_nothing_without_it(clone: Path) -> None:
    asked = run(clone, "make setup")
    assert "Bot token (xoxb-…)" in asked.stdout
    assert asked.returncode != 0
    assert not (clone / ".env").exists()


def test_the_manifest_is_written_as_it_is(clone: Path) -> None:
    names = ("manifest.yml", "README.md", "docs/slack-app.md")
    before = {name: (clone / name).read_text("utf-8") for name in names}
    assert run(clone, "make manifest").returncode == 0
    assert {name: (clone / name).read_text("utf-8") for name in before} == before

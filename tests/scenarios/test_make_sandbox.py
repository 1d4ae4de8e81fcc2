"""`python app.py --sandbox`, as `make sandbox` runs it: the page and the bot, on a port of your choice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.bots import ROOT, free_port
from tests.support.people import Workspace, eventually

PARTS = ("bot", "storage", "sandbox")


def test_the_bot_answers_on_a_chosen_port(tmp_path: Path) -> None:
    for part in PARTS:
        (tmp_path / part).symlink_to(ROOT / part)
    for file in ("app.py", "manifest.yml"):
        # A copy, because what happens in it is saved next to it.
        shutil.copy(ROOT / file, tmp_path / file)
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DATABASE_"))}
    running = subprocess.Popen(
        [sys.executable, str(tmp_path / "app.py"), "--sandbox"],
        # What is meant for a real workspace doesn't hold here.
        env={**kept, "PORT": str(port), "SLACK_BOT_TOKEN_FILE": "token", "DATABASE_URL_FILE": "url"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout
        assert running.stdout.readline() == f"Muster's sandbox: http://127.0.0.1:{port}\n"
        workspace = Workspace(f"http://127.0.0.1:{port}")
        eventually(lambda: workspace.state()["bot"]["connected"])
        assert "No open incidents" in workspace.command("list")
    finally:
        running.terminate()
        running.communicate(timeout=20)
    assert running.returncode == 0


def test_a_port_that_cannot_be_used_gets_the_same_sentence_as_in_the_bot() -> None:
    ended = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--sandbox"],
        env={**os.environ, "PORT": "many"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    sentence = "PORT can't be used: choose a number from 1 to 65535"
    assert (ended.returncode, ended.stderr) == (2, f"Muster can't start:\n{sentence}\n")

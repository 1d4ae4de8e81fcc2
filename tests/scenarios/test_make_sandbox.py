"""`python app.py --sandbox`, as `make sandbox` runs it: the page and the bot, on a port of your choice."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.bots import ROOT, free_port
from tests.support.calendars import event
from tests.support.people import Workspace, eventually

PARTS = ("bot", "storage", "sandbox")


@contextmanager
def in_the_sandbox(tmp_path: Path, **environment: str) -> Iterator[Workspace]:
    """The workspace that `app.py --sandbox` has started, with its bot; the URL is the first thing printed."""
    for part in PARTS:
        (tmp_path / part).symlink_to(ROOT / part)
    for file in ("app.py", "manifest.yml"):
        # A copy, because what happens in it is saved next to it.
        shutil.copy(ROOT / file, tmp_path / file)
    port = free_port()
    left_out = ("SLACK_", "DATABASE_", "MUSTER_ENV_FILE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    (tmp_path / ".env").write_text("LOG_LEVEL=nonsense\n")
    running = subprocess.Popen(
        [sys.executable, str(tmp_path / "app.py"), "--sandbox"],
        # What is meant for a real workspace doesn't hold here.
        env={
            **kept,
            **environment,
            "PORT": str(port),
            "SLACK_BOT_TOKEN_FILE": "token",
            "DATABASE_URL_FILE": "url",
        },
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        assert running.stdout
        assert running.stdout.readline() == f"Muster's sandbox: http://127.0.0.1:{port}\n"
        workspace = Workspace(f"http://127.0.0.1:{port}")
        eventually(lambda: workspace.state()["bot"]["connected"])
        yield workspace
    finally:
        running.terminate()
        running.communicate(timeout=20)
    assert running.returncode == 0


def test_the_bot_answers_on_a_chosen_port(tmp_path: Path) -> None:
    with in_the_sandbox(tmp_path) as workspace:
        assert "No open incidents" in workspace.command("list")


def test_nothing_of_the_sandbox_goes_through_a_proxy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        proxies = {each: url for name in names for each in (name, name.lower())}
        with in_the_sandbox(tmp_path, **proxies) as workspace:
            workspace.declare("Database is slow")
            event(workspace, "Database is slow")
        silent.settimeout(0)
        with pytest.raises(BlockingIOError):
            silent.accept()


@pytest.mark.parametrize(
    "unusable",
    [
        {"https_proxy": "socks5://proxy.corp:1080"},
        {"SSL_CERT_FILE": "/no/such/file"},
        {"GOOGLE_SERVICE_ACCOUNT_FILE": "key.json", "GOOGLE_SUBJECT": "ana@acme.example"},
        {"METRICS_PORT": "none", "SLACK_STATUS_URL": "nowhere", "slack_bot_token": "xoxb-real"},
    ],
)
def test_the_sandbox_needs_none_of_the_settings_for_reaching_others(
    tmp_path: Path, unusable: dict[str, str]
) -> None:
    with in_the_sandbox(tmp_path, **unusable) as workspace:
        assert "No open incidents" in workspace.command("list")


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

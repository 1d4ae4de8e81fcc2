"""The bot under test: in this process, or in one of its own that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.bootstrap import Bot, build, utc_now
from bot.config import Settings
from bot.operations.transaction import Clock
from tests.support.people import Workspace, eventually

if TYPE_CHECKING:
    from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
Mode = Literal["socket", "http"]
"""How Slack reaches the bot."""


def environment(sandbox: Sandbox, database_url: str) -> dict[str, str]:
    """What the bot needs to know to run against the sandbox."""
    return {
        "SLACK_API_URL": sandbox.api_url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        "DATABASE_URL": database_url,
    }


def start_here(sandbox: Sandbox, database_url: str, *, mode: Mode = "socket", clock: Clock = utc_now) -> Bot:
    """Build and start the bot in this process; connected when this returns.

    In HTTP mode the sandbox is told its address by :func:`deliver_to`.
    """
    values = {name.lower(): value for name, value in environment(sandbox, database_url).items()}
    bot = build(Settings.model_validate(values), clock)
    bot.start()
    assert bot.connected.wait(15)
    return bot


def deliver_to(sandbox: Sandbox, bots: Sequence[Bot]) -> None:
    """Have the sandbox deliver over HTTP to these bots in turn."""
    urls = [f"http://127.0.0.1:{bot.settings.port}/slack/events" for bot in bots]
    Workspace(sandbox.url).post("request-url", urls=urls)


class BotProcess:
    """The bot as `python app.py` runs it."""

    def __init__(self, sandbox: Sandbox, database_url: str, log: Path, *, mode: Mode = "socket") -> None:
        self.mode = mode
        self._environment = {**os.environ, **environment(sandbox, database_url)}
        self._workspace = Workspace(sandbox.url)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True, **settings: str) -> None:
        """Start it, with further settings, and wait until it is connected."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py")],
                env={**self._environment, **settings},
                stdout=log,
                stderr=log,
            )
        if wait:
            eventually(lambda: self._workspace.state()["bot"]["connected"], 20)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def log(self) -> str:
        """All that it has written."""
        return self._log.read_text()

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(20)
        self._process = None
        eventually(lambda: not self._workspace.state()["bot"]["connected"], 10)
        return code

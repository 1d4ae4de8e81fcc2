"""The bot under test: in this process, or in a process of its own that can be killed."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakSet

import app
from bot.bootstrap import Bot, build, utc_now
from bot.config import Settings
from bot.operations.kit.transaction import Clock
from tests.support.forks import FORKS
from tests.support.people import Workspace, eventually

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

    from sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
Mode = Literal["socket", "http"]
"""How Slack reaches the bot."""
Account = Literal["user", "service"]
"""The kind of account with which the bot uses calendars."""
TEAM_CALENDAR = "incidents@acme.example"
_delivering: WeakSet[Sandbox] = WeakSet()
"""The workspaces that already know where to deliver."""


def environment(sandbox: Sandbox, database_url: str, mode: Mode = "socket") -> dict[str, str]:
    """The environment for running the bot against the sandbox; in HTTP mode with a free port."""
    common = {
        "MUSTER_ENV_FILE": "",
        "SLACK_API_URL": sandbox.api_url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "DATABASE_URL": database_url,
    }
    if mode == "socket":
        return {**common, "SLACK_APP_TOKEN": sandbox.app_token}
    return {**common, "SLACK_SIGNING_SECRET": sandbox.signing_secret, "PORT": str(free_port())}


def calendar(sandbox: Sandbox, folder: Path, account: Account = "user", subject: str = "") -> dict[str, str]:
    """The additional environment for using the sandbox's calendars."""
    known = {
        "google_calendar_api_url": sandbox.google_url,
        "google_calendar_id": TEAM_CALENDAR,
        "google_subject": subject,
    }
    if account == "user":
        return {**known, "google_token_file": str(sandbox.google_token_file(folder / "token.json"))}
    path = sandbox.google_service_account_file(folder / "key.json")
    return {**known, "google_service_account_file": str(path)}


def free_port() -> int:
    """A port on which nothing listens.

    It is below the range from which systems pick ports for outgoing connections: any of those may be taken
    before the bot listens.
    """
    while True:
        # Not from the tests' own seed, which several processes share.
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def build_here(
    sandbox: Sandbox, database_url: str, *, mode: Mode = "socket", clock: Clock = utc_now, **options: Any
) -> Bot:
    """The bot in this process, not started.

    `options` are further settings, `silence_limit`, or `closing_seconds`: by default its port closes at once.
    """
    values: dict[str, Any] = {
        name.lower(): value for name, value in environment(sandbox, database_url, mode).items()
    }
    seconds = {"closing_seconds": options.pop("closing_seconds", 0)}
    if "silence_limit" in options:
        seconds["silence_limit"] = options.pop("silence_limit")
    return build(Settings.model_validate({**values, **options}), clock, **seconds)


def start_here(sandbox: Sandbox, database_url: str, **options: Any) -> Bot:
    """Build the bot (see :func:`build_here`) and start it; it is connected when this returns.

    In HTTP mode the sandbox delivers to it from the start, unless it already delivers to another bot: for
    several bots see :func:`deliver_to`.
    """
    bot = build_here(sandbox, database_url, **options)
    bot.start()
    if bot.settings.is_http and sandbox not in _delivering:
        deliver_to(sandbox, [bot])
    assert bot.connected.wait(15)
    return bot


def deliver_to(sandbox: Sandbox, bots: Sequence[Bot | BotProcess]) -> None:
    """Have the sandbox deliver over HTTP to these bots in turn."""
    ports = [bot.port if isinstance(bot, BotProcess) else bot.settings.port for bot in bots]
    (_delivering.add if bots else _delivering.discard)(sandbox)
    urls = [f"http://127.0.0.1:{port}/slack/events" for port in ports]
    Workspace(sandbox.url).post("request-url", urls=urls)


def _run(settings: dict[str, str], log: str) -> None:
    """Run `python app.py` with nothing in the environment but the settings."""
    with Path(log).open("ab", buffering=0) as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = ["app.py"]
    sys.exit(app.main())


class BotProcess:
    """The bot as `python app.py` runs it, forked from a process that has already loaded it."""

    def __init__(self, sandbox: Sandbox, database_url: str, log: Path, *, mode: Mode = "socket") -> None:
        self.mode = mode
        self.reachable_since = 0.0
        """When it told Slack where to deliver (seconds since 1970); 0 if another bot had."""
        self._sandbox = sandbox
        self._settings = environment(sandbox, database_url, mode)
        self._workspace = Workspace(sandbox.url)
        self._log = log
        self._process: ForkServerProcess | None = None

    @property
    def port(self) -> int:
        """The port on which it listens in HTTP mode."""
        return int(self._settings["PORT"])

    @property
    def pid(self) -> int:
        """The id of its process while it runs."""
        assert self._process and self._process.pid
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started, and neither stopped nor killed since."""
        return self._process is not None

    def start(self, *, wait: bool = True, **settings: str) -> None:
        """Start it with further settings, and wait until it is connected unless `wait` is false.

        In HTTP mode the sandbox delivers to it as it does after :func:`start_here`.
        """
        self._log.touch()
        known = {**os.environ, **self._settings, **settings}
        self._process = FORKS.Process(target=_run, args=(known, str(self._log)))
        self._process.start()
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until it is connected."""
        if self.mode == "http" and self._sandbox not in _delivering:
            eventually(lambda: self._looked_at("healthz") == 200, 20)
            deliver_to(self._sandbox, [self])
            self.reachable_since = time.time()
        eventually(self._is_connected, 20)

    def run(self, **settings: str) -> int:
        """Start it, wait until it ends by itself, and return its exit code."""
        self.start(wait=False, **settings)
        return self._code()

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Stop it (SIGTERM) and return its exit code."""
        return self._end(signal.SIGTERM)

    def log(self) -> str:
        """Everything that it has written."""
        return self._log.read_text()

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        if self._process.is_alive():
            os.kill(self.pid, number)
        code = self._code()
        self._process = None
        if self.mode == "socket":
            eventually(lambda: not self._is_connected(), 10)
        return code

    def _code(self) -> int:
        assert self._process
        self._process.join(20)
        assert self._process.exitcode is not None, "it doesn't end"
        return self._process.exitcode

    def _is_connected(self) -> bool:
        if self.mode == "socket":
            return bool(self._workspace.state()["bot"]["connected"])
        return self._looked_at("readyz") == 200

    def _looked_at(self, path: str) -> int | None:
        try:
            return looked_at(self.port, path)[0]
        except OSError:
            # Nothing listens there yet.
            return None


def looked_at(port: int, path: str) -> tuple[int, str]:
    """The status and text with which the bot's own server answers a GET of that path."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", f"/{path}")
        response = connection.getresponse()
        return response.status, response.read().decode()

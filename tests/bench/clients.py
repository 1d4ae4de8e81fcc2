"""The programs that are measured, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.bench import slackish
from tests.bench.slackish import Slackish

ROOT = Path(__file__).parents[2]


@dataclass
class Client:
    """A connected program."""

    process: subprocess.Popen[bytes]
    start_seconds: float
    database: Path | None = None
    channel: str = "C0"
    """Where its messages are worth storing."""

    def resident(self) -> float:
        """Megabytes of memory that it holds."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def running(server: Slackish, argv: list[str], **settings: str) -> Iterator[Client]:
    """The program, from its start to its greeting, and then killed."""
    server.begin()
    started = perf_counter()
    process = subprocess.Popen(
        [sys.executable, *argv],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        server.wait_until_connected()
        yield Client(process, server.connected_at - started)
    finally:
        process.kill()
        process.wait()


@contextmanager
def bare(server: Slackish, transport: str = "builtin") -> Iterator[Client]:
    """Bolt with handlers that do nothing."""
    with running(server, ["-m", "tests.bench.bare", server.url, transport]) as client:
        time.sleep(1)
        yield client


@contextmanager
def null(server: Slackish) -> Iterator[Client]:
    """A client that only acknowledges."""
    with running(server, ["-m", "tests.bench.null", server.url]) as client:
        yield client


@contextmanager
def folder() -> Iterator[Path]:
    """For a database, on a real disk: /tmp may be memory."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        yield Path(name)


@contextmanager
def muster(server: Slackish, at: Path | None = None) -> Iterator[Client]:
    """Muster as `python app.py` runs it, on a new database or the one that is there already."""
    with folder() as fresh:
        database = (at or fresh) / "muster.db"
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_APP_TOKEN": "xapp-bench",
            "SLACK_API_URL": server.url,
            "DATABASE_URL": f"sqlite:///{database}",
        }
        with running(server, ["app.py"], **settings) as client:
            client.database = database
            time.sleep(1)
            yield client


def give_a_channel(server: Slackish, client: Client) -> None:
    """Declare an incident and learn its channel, which is the last one made."""
    server.ack_times([slackish.submission(0)], at_once=False)
    wait_for_calls(server, "conversations.setPurpose", 1)
    client.channel = server.channels[-1]


def wait_for_calls(server: Slackish, method: str, count: int, seconds: float = 30.0) -> None:
    """Until so many calls of the method were answered."""
    until = time.monotonic() + seconds
    while sum(each.method == method for each in list(server.calls)) < count:
        if time.monotonic() > until:
            raise TimeoutError(method)
        time.sleep(0.01)

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

from tests.support import slackish
from tests.support.postgres import databases
from tests.support.slackish import Slackish

ROOT = Path(__file__).parents[2]


@dataclass
class Client:
    """A connected program."""

    process: subprocess.Popen[bytes]
    start_seconds: float
    database: str = ""
    """The URL of its database."""
    channel: str = "C0"
    """The channel in which its messages are worth storing."""

    def processor(self) -> float:
        """Seconds of processor time it has used, in its own code and in the system on its behalf."""
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the fields after the name in brackets.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """Megabytes of memory it holds."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def running(server: Slackish, argv: list[str], **settings: str) -> Iterator[Client]:
    """The program, connected when the `with` block begins and killed when it ends."""
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
    """A client that only acks."""
    with running(server, ["-m", "tests.bench.null", server.url]) as client:
        yield client


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for a database, on a real disk: /tmp may be in memory."""
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        yield Path(name)


@contextmanager
def bare_insert(server: Slackish, database: str) -> Iterator[Client]:
    """Bolt with handlers that finish before the ack, after one INSERT into the database at that URL."""
    with running(server, ["-m", "tests.bench.bare_insert", server.url, database]) as client:
        time.sleep(1)
        yield client


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of a new SQLite database."""
    with folder() as fresh:
        yield f"sqlite:///{fresh / 'muster.db'}"


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new PostgreSQL database on a server that doesn't wait for the disk."""
    with databases() as found, found.fresh() as url:
        yield url


ENGINES = {"SQLite": sqlite, "PostgreSQL": postgresql}


@contextmanager
def muster(server: Slackish, at: Path | None = None, url: str = "") -> Iterator[Client]:
    """Muster as `python app.py` runs it, on a new database or on the one given."""
    with folder() as fresh:
        database = url or f"sqlite:///{(at or fresh) / 'muster.db'}"
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_APP_TOKEN": "xapp-bench",
            "SLACK_API_URL": server.url,
            "DATABASE_URL": database,
            "MUSTER_ENV_FILE": "",
        }
        with running(server, ["app.py"], **settings) as client:
            client.database = database
            time.sleep(1)
            yield client


def give_a_channel(server: Slackish, client: Client) -> None:
    """Declare an incident and note its channel, which is the last one made."""
    server.ack_times([slackish.submission(0)], at_once=False)
    wait_for_calls(server, "conversations.setPurpose", 1)
    client.channel = server.channels[-1]


def wait_for_calls(server: Slackish, method: str, count: int, seconds: float = 30.0) -> None:
    """Wait until that many calls of the method were answered."""
    until = time.monotonic() + seconds
    while sum(each.method == method for each in list(server.calls)) < count:
        if time.monotonic() > until:
            raise TimeoutError(method)
        time.sleep(0.01)

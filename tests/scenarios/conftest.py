"""The real bot against the sandbox, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import Bot
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, BotProcess, start_here
from tests.support.people import Workspace


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A fresh workspace."""
    with running(ROOT / "manifest.yml") as found:
        yield found


@pytest.fixture
def workspace(sandbox: Sandbox) -> Workspace:
    """Its people."""
    return Workspace(sandbox.url)


@pytest.fixture
def bot(sandbox: Sandbox, database_url: str) -> Iterator[Bot]:
    """The bot in this process, connected; with either database."""
    started = start_here(sandbox, database_url)
    yield started
    started.stop()


@pytest.fixture
def bot_process(sandbox: Sandbox, sqlite_url: str, tmp_path: Path) -> Iterator[BotProcess]:
    """The bot in a process of its own, not started yet."""
    process = BotProcess(sandbox, sqlite_url, tmp_path / "bot.log")
    yield process
    process.stop()

"""The real bot against the sandbox, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Bot
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, BotProcess, start_here
from tests.support.migrated import _migrated_file, _migrated_template, postgresql_url, sqlite_url
from tests.support.people import Workspace
from tests.support.records import recorded

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]


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


@pytest.fixture
def sqlite_bot(sandbox: Sandbox, sqlite_url: str) -> Iterator[Bot]:
    """The bot in this process, for promises that don't depend on the database."""
    started = start_here(sandbox, sqlite_url)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def _acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Bot]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('acme') / 'muster.db'}"
    with running(ROOT / "manifest.yml") as sandbox:
        bot = start_here(sandbox, url)
        yield sandbox, bot
        bot.stop()


@pytest.fixture
def records() -> Iterator[list[MutableMapping[str, Any]]]:
    """What the bot logs during the test."""
    with recorded() as found:
        yield found


@pytest.fixture
def acme(_acme: tuple[Sandbox, Bot], records: list[MutableMapping[str, Any]]) -> Iterator[Workspace]:
    """A workspace and a bot that the tests of a module share; each test works on incidents of its own.

    A test fails if the bot logs an error during it.
    """
    workspace = Workspace(_acme[0].url)
    workspace.close_forms()
    yield workspace
    workspace.faults()
    assert [each for each in records if each["log_level"] == "error"] == []


@pytest.fixture
def acme_sandbox(_acme: tuple[Sandbox, Bot]) -> Sandbox:
    """The shared workspace itself."""
    return _acme[0]


@pytest.fixture
def acme_bot(_acme: tuple[Sandbox, Bot]) -> Bot:
    """The bot of the shared workspace."""
    return _acme[1]

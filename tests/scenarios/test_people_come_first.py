"""People get their answers while messages wait for the database, in Socket Mode and over HTTP."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from bot.bootstrap import Bot
from bot.domain.kit.people import SYSTEM
from sandbox.server import Sandbox
from tests.support.bots import Mode, start_here
from tests.support.people import Workspace, eventually

MESSAGES = 60
HELD = 1.0
"""Seconds; less than anything waits for the database."""


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    """How Slack reaches the bot."""
    mode: Mode = request.param
    return mode


@pytest.fixture
def bot(sandbox: Sandbox, sqlite_url: str, mode: Mode) -> Iterator[Bot]:
    """The bot in this process, connected, on SQLite: its only writer can be held up."""
    started = start_here(sandbox, sqlite_url, mode=mode)
    yield started
    started.stop()


@contextmanager
def held_up(url: str) -> Iterator[None]:
    """Have somebody else write for as long as the block lasts."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def unacked(workspace: Workspace) -> int:
    """The number of events that aren't acked yet."""
    entries = workspace.get("log?since=0")["entries"]
    return len([each for each in entries if each["name"] == "events_api" and each["ended"] is None])


def test_commands_and_menus_are_answered_while_messages_wait(
    workspace: Workspace, bot: Bot, sqlite_url: str
) -> None:
    channel = workspace.declare()
    eventually(lambda: unacked(workspace) == 0)
    with held_up(sqlite_url):
        began = time.monotonic()
        with ThreadPoolExecutor(8) as crowd:
            list(crowd.map(lambda number: workspace.say(f"fact {number}.", channel), range(MESSAGES)))
        eventually(lambda: unacked(workspace) >= 30)
        answers = [workspace.command("list") for _ in range(3)]
        assert unacked(workspace) >= 30
        assert time.monotonic() - began < HELD
    assert all("INC-1" in each for each in answers)
    eventually(lambda: _stored(bot) == MESSAGES, 20)


def _stored(bot: Bot) -> int:
    incident = bot.services.incidents.get_incident(1, viewer=SYSTEM)
    assert incident and incident.timeline
    return len([each for each in incident.timeline.values() if each.text.startswith("fact")])

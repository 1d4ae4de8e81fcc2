"""People who come late, or come back, read what they have missed; only they see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.bootstrap import Bot
from sandbox.server import running
from storage import attendance
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Workspace, buttons, eventually, shown


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def acme(clock: MovableClock, sqlite_url: str) -> Iterator[Workspace]:
    """People, and a bot whose clock is the sandbox's."""
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot = start_here(sandbox, sqlite_url, clock=clock)
        yield Workspace(sandbox.url)
        bot.stop()


def test_whoever_joins_late_is_offered_a_briefing_and_later_reads_only_what_is_new(
    acme: Workspace, clock: MovableClock
) -> None:
    channel = acme.declare()
    acme.publicly("status investigating the pool is full", channel)
    clock.move(timedelta(minutes=11))

    offer = acme.answered(lambda: acme.post("join", channel=channel, user="ben"), channel, "ben")
    assert "Want to catch up?" in shown(offer)
    assert buttons(offer) == {"Catch up": "catch_up"}
    first = shown(acme.answered(lambda: click(acme, channel, offer["ts"]), channel, "ben"))
    assert "What has happened so far" in first
    assert "Investigating*: the pool is full" in first
    assert first.count("/archives/") >= 2, "each change links to its message"

    acme.publicly("resolve restarted it", channel)
    clock.move(timedelta(hours=1))
    second = acme.command("catchup", "ben", channel)
    assert "What has changed since you were last seen here" in second
    assert second.count("Resolved*: restarted it") == 2, "as the latest note, and as a change"
    assert second.count("the pool is full") == 0
    clock.move(timedelta(minutes=5))
    third = shown(acme.mention("catchup", channel, "ben"))
    assert "Nothing has changed since you were last seen here" in third
    assert not [each for each in acme.answers("ana", channel) if "Catch up" in buttons(each)]


def test_a_reaction_shows_that_somebody_was_there(workspace: Workspace, sqlite_bot: Bot) -> None:
    channel = workspace.declare()
    workspace.post("join", channel=channel, user="ben")
    workspace.publicly("status investigating", channel)
    ts = workspace.say("Anybody?", channel)
    workspace.post("reaction", channel=channel, ts=ts, user="ben", name="eyes")
    eventually(lambda: sqlite_bot.database.read(lambda tx: attendance.get(tx, 1, "U0BEN").acted_at))
    assert "Nothing has changed" in workspace.command("catchup", "ben", channel)


def click(workspace: Workspace, channel: str, ts: str) -> None:
    workspace.click(channel, ts, "catch_up", "ben")

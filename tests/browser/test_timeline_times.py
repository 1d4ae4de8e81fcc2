"""A quarter of an hour of events, read in two time zones. The README's picture is taken here:

MUSTER_PICTURES=docs python -m pytest tests/browser/test_timeline_times.py
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.bootstrap import build
from bot.config import Settings
from sandbox.server import running
from tests.browser.window import Window, hook, press
from tests.support.bots import ROOT, environment
from tests.support.people import Workspace

CHANNEL = "inc-1-checkout-returns-500"


class Clock:
    """A clock that runs normally and can be put forward."""

    def __init__(self, start: datetime) -> None:
        self._behind = start - datetime.fromtimestamp(time.monotonic(), UTC)

    def __call__(self) -> datetime:
        """The time as the bot wants it."""
        return datetime.fromtimestamp(time.monotonic(), UTC) + self._behind

    def seconds(self) -> float:
        """The time as the workspace wants it."""
        return self().timestamp()

    def put_forward(self, **passed: int) -> None:
        """Put the clock forward by that much."""
        self._behind += timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    """A clock at which it is afternoon in Shanghai, and late on the previous day in Los Angeles."""
    return Clock(datetime(2026, 3, 10, 6, 6, 8, tzinfo=UTC))


@pytest.fixture
def workspace(clock: Clock, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace and a bot that both use that clock."""
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        values = environment(sandbox, f"sqlite:///{tmp_path / 'muster.db'}")
        settings = Settings.model_validate({name.lower(): value for name, value in values.items()})
        bot = build(settings, clock)
        bot.start()
        assert bot.connected.wait(15)
        yield Workspace(sandbox.url)
        bot.stop()


@pytest.fixture
def window(page: Page, workspace: Workspace) -> Iterator[Window]:
    """Dara in #general."""
    page.set_viewport_size({"width": 1160, "height": 1000})
    window = Window(page, workspace.url)
    window.visit("dara")
    yield window
    page.goto("about:blank")


def test_everyone_reads_the_timeline_in_their_own_time_zone(
    window: Window, workspace: Workspace, clock: Clock
) -> None:
    _declare(window)
    clock.put_forward(minutes=1)
    _take_command(window, workspace)
    _work(window, workspace, clock)
    window.visit("chen", CHANNEL)
    window.command("timeline")
    answer = window.answer("Timeline of INC-1")
    expect(answer).to_contain_text(_line("2:06:", "@Dara Novak declared it as 🔴 Critical"))
    expect(answer).to_contain_text(_line("2:09:", "@Chen Wei: All 40 database connections"))
    expect(answer).to_contain_text(_line("2:17:", "@Dara Novak: Error rate in EU"))
    window.picture("incident", start=window.card())
    window.visit("ana", "general")
    window.command("timeline INC-1")
    expect(window.answer("Timeline of INC-1")).to_contain_text(
        _line("11:17:", "@Dara Novak: Error rate in EU")
    )


def _declare(window: Window) -> None:
    window.command("declare Checkout returns 500")
    window.form()
    window.field("severity").get_by_label("Critical").check()
    window.field("description").fill("A third of all card payments fail since the 14:02 deploy.")
    window.submit()
    window.go(CHANNEL)
    expect(window.card()).to_have_attribute("data-pinned", "true")


def _take_command(window: Window, workspace: Workspace) -> None:
    workspace.post("join", user="chen", channel=CHANNEL)
    window.visit("ben", "general")
    window.join(CHANNEL)
    press(window.card(), "take_command")
    expect(window.message("took command")).to_be_visible()
    press(window.card(), "status_investigating")
    expect(window.message("Open → Investigating")).to_be_visible()


def _work(window: Window, workspace: Workspace, clock: Clock) -> None:
    window.visit("chen", CHANNEL)
    clock.put_forward(minutes=2)
    symptom = window.say("All 40 database connections of payments-api are taken.")
    _key_event(workspace, symptom)
    clock.put_forward(minutes=3)
    cause = workspace.say("The deploy doubled the workers, and each holds its own pool.", CHANNEL, "dara")
    clock.put_forward(seconds=40)
    workspace.say("Rolling back now, EU first.", CHANNEL, "ben", thread_ts=cause)
    workspace.say("Graphs look better already.", CHANNEL, "dara", thread_ts=cause)
    clock.put_forward(minutes=4, seconds=20)
    workspace.say("Error rate in EU is down to 0.3 %.", CHANNEL, "dara")
    _key_event(workspace, window.message("Error rate in EU"))
    clock.put_forward(seconds=40)


def _key_event(workspace: Workspace, message: Locator) -> None:
    """Have Ben mark the message as a key event."""
    ts = message.get_attribute("data-ts")
    workspace.post("reaction", channel=CHANNEL, ts=ts, user="ben", name="pushpin")
    expect(message.locator(hook("reaction", name="pushpin"))).to_be_visible()


def _line(start: str, end: str) -> re.Pattern[str]:
    return re.compile(rf"Today {start}\d\d [AP]M {re.escape(end)}")

"""People are paged: one is seen, and one isn't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox.server import running
from tests.browser.window import Window, hook, press
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Workspace


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def office(page: Page, clock: MovableClock, tmp_path: Path) -> Iterator[tuple[Window, Workspace]]:
    """A window and a workspace whose clock moves only when the test moves it."""
    with running(ROOT / "manifest.yml", clock=clock.seconds, greets=False) as sandbox:
        bot = start_here(sandbox, f"sqlite:///{tmp_path / 'muster.db'}", clock=clock)
        page.set_viewport_size({"width": 1280, "height": 800})
        yield Window(page, sandbox.url), Workspace(sandbox.url)
        page.goto("about:blank")
        bot.stop()


def test_a_page_that_is_seen_and_one_that_is_not(
    office: tuple[Window, Workspace], clock: MovableClock
) -> None:
    window, workspace = office
    channel = workspace.declare("Search is empty")
    window.visit("ana", channel)
    press(window.card(), "show_people")
    people = window.answer("People in INC-1")
    people.locator(hook("action", action="page_people")).click()
    window.form()
    for name in ("Ben", "Chen"):
        window.field("people").locator("input").fill(name)
        window.page.get_by_role("option", name=re.compile(name)).first.click()
    window.field("why").fill("The index is gone")
    window.submit()
    paged = window.message("needs @Ben Okafor, @Chen")
    expect(paged).to_contain_text("The index is gone")

    window.become("ben")
    window.go_to_the_bot()
    told = window.message("needs you in INC-1")
    press(told, "answer_page")
    expect(window.message("✓ Seen")).to_be_visible()
    window.become("ana")
    window.go(channel)
    expect(window.message(re.compile("✓ @Ben Okafor · waiting for @Chen"))).to_be_visible()

    clock.move(timedelta(minutes=5))
    window.go_to_the_bot()
    late = window.message("No sign of @Chen")
    expect(late).to_contain_text("INC-1")
    expect(late).not_to_contain_text("@Ben")
    window.go(channel)
    window.command("people")
    expect(window.answer(re.compile("⏳ @Chen[^✓]*not seen"))).to_be_visible()

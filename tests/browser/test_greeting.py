"""A newcomer does the seven first steps with the panel's buttons, and dismisses the panel for good."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from sandbox.botprocess import BotProcess
from sandbox.server import Sandbox, running
from tests.browser.window import Window, hook
from tests.support.bots import ROOT
from tests.support.people import Workspace, eventually
from tests.support.promises import declared_once

STEPS = 7


class Panel:
    """The panel with the first steps, on whatever page is open."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page
        self.whole = self.page.locator(hook("greeting"))

    def step(self, name: str) -> Locator:
        """The button of a step."""
        return self.whole.locator(hook("step", step=name))

    def ticked(self, name: str) -> None:
        """Wait until the step is ticked."""
        expect(self.step(name)).to_have_attribute("data-done", "true")

    def count(self, done: int) -> None:
        """Wait until that many steps are ticked."""
        expect(self.page.locator(hook("greeting-fold"))).to_contain_text(f"{done} of {STEPS}")

    def leaves_room(self) -> None:
        """Check that the panel is next to the channel's messages and composer, and covers neither."""
        box = self.whole.bounding_box()
        main = self.page.locator("#main").bounding_box()
        composer = self.page.locator(f"main {hook('composer')}")
        assert box
        assert main
        assert box["x"] + box["width"] <= main["x"] or box["y"] + box["height"] <= main["y"]
        expect(composer).to_be_in_viewport(ratio=1)


@contextmanager
def greeted(folder: Path, bot: BotProcess | None = None) -> Iterator[Sandbox]:
    """The sandbox that is kept in the folder, as `make sandbox` runs it."""
    with running(ROOT / "manifest.yml", bot=bot, data_dir=folder, greets=True) as sandbox:
        yield sandbox


def test_a_newcomer_does_all_seven_steps_with_the_panels_buttons(page: Page, tmp_path: Path) -> None:
    argv = [sys.executable, str(ROOT / "app.py")]
    bot = BotProcess(argv, {"DATABASE_URL": f"sqlite:///{tmp_path / 'muster.db'}"})
    page.set_viewport_size({"width": 1280, "height": 800})
    with greeted(tmp_path, bot) as sandbox:
        acme, window = Workspace(sandbox.url), Window(page, sandbox.url)
        eventually(lambda: "incidents" in [each["name"] for each in acme.state()["channels"]])
        window.visit()
        panel = Panel(window)
        _see_why_a_step_must_wait(panel)
        _declare_and_take_command(panel)
        _work_and_meet(panel)
        _kill_it_in_the_middle(panel)
        declared_once(acme, 2)
        _read_it_on_a_phone(panel)
        _dismiss_it(panel)
        page.goto("about:blank")
    with greeted(tmp_path) as sandbox:
        window = Window(page, sandbox.url)
        window.visit()
        expect(page.locator(hook("channel", name="inc-2-killed-in-the-middle"))).to_be_visible()
        expect(page.locator(hook("greeting"))).to_have_count(0)
        page.goto("about:blank")


def _see_why_a_step_must_wait(panel: Panel) -> None:
    panel.leaves_room()
    whys = panel.step("whys")
    expect(whys).to_be_disabled()
    expect(whys).to_contain_text("declare first")
    whys.press("Enter")
    expect(panel.page.locator(".toast")).to_have_text("Ask five whys: declare first.")
    panel.page.click(hook("who"))
    expect(panel.page.locator(hook("who-panel"))).to_contain_text("nobody can act as Hal")
    panel.page.keyboard.press("Escape")


def _declare_and_take_command(panel: Panel) -> None:
    declare = panel.step("declare")
    expect(declare).to_have_accessible_description(
        "A form opens. Submit it, and a channel appears in the sidebar."
    )
    declare.press("Enter")
    panel.window.form()
    expect(panel.window.field("title")).to_have_value("Checkout is slow")
    panel.window.submit()
    panel.ticked("declare")
    expect(panel.page.locator("#announcer")).to_have_text("Done: Declare an incident. 1 of 7 steps.")
    panel.step("command").press("Enter")
    panel.window.arrive("inc-1-checkout-is-slow")
    panel.ticked("command")
    expect(panel.window.card()).to_contain_text("@Ana Alvarez")


def _work_and_meet(panel: Panel) -> None:
    window = panel.window
    panel.step("mark").click()
    panel.ticked("mark")
    expect(window.message("The connection pool is full").locator(hook("reaction"))).to_be_visible()
    panel.window.picture("sandbox")
    panel.step("action").click()
    panel.ticked("action")
    panel.step("whys").click()
    window.form()
    window.submit()
    panel.ticked("whys")
    panel.step("meeting").click()
    window.form()
    window.submit()
    panel.page.locator(f"main {hook('action', action='book_slot')}").first.click()
    panel.ticked("meeting")


def _kill_it_in_the_middle(panel: Panel) -> None:
    kill = panel.step("kill")
    kill.click()
    expect(kill).to_contain_text("Start it again")
    expect(panel.page.locator(hook("bot-status"))).to_have_attribute("data-connected", "false")
    expect(panel.whole).to_contain_text("#inc-2-killed-in-the-middle was just made and is still empty.")
    panel.page.reload()
    panel.count(STEPS - 1)
    kill.click()
    panel.window.arrive("inc-2-killed-in-the-middle")
    panel.ticked("kill")
    expect(panel.window.card()).to_contain_text("Killed in the middle")
    expect(panel.whole).to_contain_text("all seven")


def _read_it_on_a_phone(panel: Panel) -> None:
    page, fold = panel.page, panel.page.locator(hook("greeting-fold"))
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(panel.step("kill")).to_be_hidden()
    fold.press("Enter")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(fold).to_have_attribute("aria-expanded", "false")
    panel.leaves_room()
    fold.click()
    expect(panel.step("kill")).to_be_visible()
    panel.leaves_room()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(fold).to_have_attribute("aria-expanded", "true")


def _dismiss_it(panel: Panel) -> None:
    panel.page.click(hook("greeting-dismiss"))
    expect(panel.whole).to_have_count(0)
    expect(panel.page.locator("#main")).to_be_focused()
    expect(panel.page.locator(".toast")).to_contain_text("make sandbox-reset")

"""Anyone can kill the bot in the page, and see how its work is finished afterwards."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.window import Window, hook
from tests.support.people import Workspace, eventually
from tests.support.promises import declared_once

NOTHING = "Muster is not connected, so it got nothing. Start it and try again."


def test_an_incident_finishes_itself_once_after_a_kill_in_the_middle(
    window: Window, page: Page, workspace: Workspace
) -> None:
    window.command("declare Checkout returns 500")
    window.form()
    # The channel will exist in Slack, but the bot won't learn of it.
    workspace.faults({"method": "conversations.create", "effect": "hang_after"})
    window.submit()
    eventually(lambda: workspace.get("faults")["faults"][0]["struck"])
    _kill(page)
    expect(page.locator(hook("channel", name="inc-1-checkout-returns-500"))).to_have_count(0)
    window.picture("killed")
    workspace.faults()
    _start(page)
    window.go("inc-1-checkout-returns-500")
    expect(window.card()).to_contain_text("INC-1 · Checkout returns 500")
    expect(window.card()).to_have_attribute("data-pinned", "true")
    declared_once(workspace)


def test_people_who_ask_a_killed_bot_learn_that_it_got_nothing(window: Window, page: Page) -> None:
    page.click(hook("home-tab"))
    declare = page.locator(f"{hook('home')} {hook('action', action='declare_incident')}")
    expect(declare).to_be_visible()
    _kill(page)
    declare.click()
    expect(page.locator(hook("home-notice"))).to_have_text(NOTHING)
    window.visit()
    window.command("")
    expect(window.answer(NOTHING)).to_be_visible()
    page.click(hook("shortcut-menu"))
    page.click(hook("shortcut", callback="declare_incident"))
    expect(page.locator(".toast")).to_have_text(NOTHING)
    _start(page)


def _kill(page: Page) -> None:
    page.click(hook("bot-kill"))
    expect(page.locator(hook("bot-status"))).to_have_attribute("data-connected", "false")


def _start(page: Page) -> None:
    page.click(hook("bot-start"))
    expect(page.locator(hook("bot-status"))).to_have_attribute("data-connected", "true")

"""Anyone can kill the bot in the page, and see what it was doing finish itself."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.window import Window, hook
from tests.scenarios.promises import declared_once
from tests.support.people import Workspace, eventually


def test_an_incident_finishes_itself_once_after_a_kill_in_the_middle(
    window: Window, page: Page, workspace: Workspace
) -> None:
    # The channel exists at Slack, and the bot never learns of it.
    workspace.faults({"method": "conversations.create", "effect": "hang_after", "channel": "incidents"})
    window.command("declare Checkout returns 500")
    window.form()
    workspace.faults({"method": "conversations.create", "effect": "hang_after"})
    window.submit()
    eventually(lambda: workspace.get("faults")["faults"][0]["struck"])
    page.click(hook("bot-kill"))
    status = page.locator(hook("bot-status"))
    expect(status).to_have_attribute("data-connected", "false")
    expect(page.locator(hook("channel", name="inc-1-checkout-returns-500"))).to_have_count(0)
    window.picture("killed")
    window.command("")
    expect(window.answer("/incident")).to_be_visible()
    workspace.faults()
    page.click(hook("bot-start"))
    expect(status).to_have_attribute("data-connected", "true")
    window.go("inc-1-checkout-returns-500")
    expect(window.card()).to_contain_text("INC-1 · Checkout returns 500")
    expect(window.card()).to_have_attribute("data-pinned", "true")
    declared_once(workspace)

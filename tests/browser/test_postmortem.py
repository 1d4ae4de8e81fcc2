"""From resolving an incident to a completed postmortem, its canvas, and the page that it is exported as."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.window import Window, hook, press
from tests.support.dates import AHEAD
from tests.support.people import Workspace, eventually


def test_from_resolve_to_completed(window: Window, workspace: Workspace) -> None:
    channel = workspace.declare("Checkout was down")
    window.page.reload()
    window.go(channel)
    window.react(window.say("Rolling back the deploy"), "pushpin")
    press(window.card(), "status_resolved")
    offer = window.page.locator(f"main {hook('message')}").filter(
        has=window.page.locator(hook("action", action="start_postmortem"))
    )
    press(offer, "start_postmortem")
    found = window.message("📝 Postmortem: Checkout was down")
    _write(window, workspace, channel, found)
    expect(found).to_contain_text("nothing missing")
    window.picture("postmortem")
    press(found, "complete_postmortem")
    window.form()
    window.submit()
    expect(found).to_contain_text("✅ Completed")
    with window.page.expect_popup() as opened:
        window.page.click(hook("canvas"))
    canvas = opened.value
    expect(canvas.locator(hook("canvas-body"))).to_contain_text("Rolling back the deploy")
    expect(canvas.locator(hook("canvas-body"))).to_contain_text("Completed")
    Window(canvas, "").picture("postmortem-canvas")
    canvas.close()
    _look_at_the_exported_page(window, workspace, found)


def _write(window: Window, workspace: Workspace, channel: str, found: Locator) -> None:
    for action, field, text in (
        ("edit_summary", "summary", "A deploy halved the connection pool."),
        ("edit_impact", "impact", "A third of all payments failed for ten minutes."),
        ("edit_causes", "root_causes", "Nothing checks the pool's size before a deploy"),
    ):
        press(found, action)
        window.form()
        window.field(field).fill(text)
        if field == "impact":
            window.picture("postmortem-form")
        window.submit()
    press(found, "add_lesson")
    window.form()
    window.field("lesson").fill("Alert before the pool is full")
    window.submit()
    workspace.command(f"action Check the pool's size in CI @ana due {AHEAD} high", channel=channel)


def _look_at_the_exported_page(window: Window, workspace: Workspace, found: Locator) -> None:
    found.locator(".button.quiet[aria-haspopup]").click()
    found.get_by_text("Export as HTML for printing").click()
    direct = workspace.post("open-dm", user="ana")["channel"]

    def exported() -> str | None:
        for each in workspace.messages(direct):
            for file in each.get("files") or ():
                return str(file["preview"])
        return None

    html = eventually(exported)
    page = window.page.context.new_page()
    page.set_content(html)
    expect(page.locator("h1")).to_have_text("Postmortem: Checkout was down")
    expect(page.locator("body")).to_contain_text(
        re.compile("Rolling back the deploy.*Alert before", re.DOTALL)
    )
    Window(page, "").picture("postmortem-html")
    page.close()

"""A checklist from the settings to an action item."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.window import Window, hook, press
from tests.support.people import Workspace


def test_a_line_of_a_checklist_becomes_an_action_item(window: Window, workspace: Workspace) -> None:
    window.command("settings")
    press(window.answer("Settings of this workspace"), "show_checklist_settings")
    press(window.answer("There are none yet."), "add_checklist")
    window.form()
    window.field("checklist_name").fill("First minutes")
    window.field("checklist_lines").fill("Post on the status page (15 min)\nTell support\nRotate the keys")
    window.page.get_by_label("High").check()
    window.submit()
    channel = workspace.declare("Search is empty")
    window.page.reload()
    window.go(channel)
    found = window.message("📋 First minutes")
    expect(found).to_contain_text("0 of 3 done")
    found.locator(hook("action", action="tick_line")).nth(1).click()
    expect(found).to_contain_text("✅ Tell support · @Ana Alvarez")
    expect(found).to_contain_text("1 of 3 done")
    found.locator('[data-action="pick_line_for_item"]').select_option(label="Rotate the keys")
    expect(found).to_contain_text("Rotate the keys · AI-1")
    expect(window.message("AI-1")).to_be_visible()
    window.picture("checklist", found)
    window.command("postmortem")
    press(window.answer("has no postmortem yet"), "start_postmortem")
    press(window.message("still missing"), "show_postmortem")
    expect(window.answer("2 lines of checklists left open")).to_be_visible()

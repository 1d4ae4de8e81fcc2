"""Other ways in: a message's shortcut, App Home, the keyboard alone, a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.window import Window, hook, press
from tests.support.people import Workspace


def test_an_incident_declared_from_a_bots_alert_is_linked_in_its_thread(
    window: Window, workspace: Workspace
) -> None:
    workspace.declare("Payments are slow", project="payments")
    window.go("ops-alerts")
    alert = window.message("5xx rate is 4.2 %")
    window.choose(alert, hook("shortcut", callback="declare_from_message"))
    window.form()
    expect(window.field("title")).to_have_value(re.compile("payments-api.*5xx rate is 4.2 %"))
    window.field("project").locator("input").fill("pay")
    expect(window.field("project").get_by_role("option", name="payments")).to_be_visible()
    window.page.keyboard.press("Enter")
    window.submit()
    expect(alert.locator(hook("replies"))).to_contain_text("1 reply")
    alert.locator(hook("replies")).click()
    line = window.page.locator(f"{hook('thread-pane')} {hook('message')}").last
    expect(line).to_contain_text("@Ana Alvarez declared INC-2")
    window.picture("source-thread")
    line.get_by_role("link", name=re.compile("inc-2-")).click()
    window.arrive("inc-2-payments-api-5xx-rate-is-4-2-threshold-1-for-5-minutes")
    expect(window.card()).to_contain_text("Project payments")
    window.card().get_by_role("link", name="this message").click()
    expect(window.page.locator(".sought")).to_contain_text("5xx rate is 4.2 %")


def test_app_home_shows_what_is_open_and_declares(window: Window, workspace: Workspace) -> None:
    page, home = window.page, window.page.locator(hook("home"))
    page.click(hook("home-tab"))
    expect(home).to_contain_text("Nothing is on fire.")
    press(home, "declare_incident")
    window.form()
    window.field("title").fill("Search finds nothing")
    window.submit()
    expect(home).to_contain_text("INC-1 Search finds nothing")
    workspace.command("resolve INC-1 reindexed", user="ben")
    page.reload()
    expect(home).to_contain_text("Nothing is on fire.")
    window.picture("home")


def test_the_keyboard_is_enough_from_declare_to_resolved(window: Window, page: Page) -> None:
    page.keyboard.type("/in")
    expect(page.locator(hook("completion"))).to_contain_text("Declare, run and close incidents")
    page.keyboard.press("Tab")
    page.keyboard.type("declare")
    page.keyboard.press("Enter")
    window.form()
    expect(window.field("title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(hook("modal"))).to_have_count(0)
    expect(page.locator(f"main {hook('composer')}")).to_be_focused()
    page.keyboard.type("/incident declare Login loops")
    page.keyboard.press("Enter")
    window.form()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    expect(window.field("severity").get_by_label("Critical")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("web")
    expect(window.field("project").get_by_role("option", name="web")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Since the last deploy")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(hook("modal-submit"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(hook("channel", name="inc-1-login-loops"))).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("login")
    page.keyboard.press("Enter")
    window.arrive("inc-1-login-loops")
    expect(window.card()).to_contain_text("🔴 Critical")
    page.keyboard.type("It was the cookie")
    page.keyboard.press("Enter")
    expect(window.message("It was the cookie")).to_be_visible()
    page.keyboard.type("/incident resolve Cookie fixed")
    page.keyboard.press("Enter")
    expect(window.card()).to_contain_text("Resolved")


def test_a_phone_is_enough_too(window: Window, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    window.command("declare Checkout returns 500 for everyone who pays by card")
    window.form()
    window.picture("phone-form")
    window.submit()
    page.click("#toggle-sidebar")
    window.go("inc-1-checkout-returns-500-for-everyone-who-pays-by-card")
    press(window.card(), "take_command")
    expect(window.card()).to_contain_text("Commander @Ana Alvarez")
    window.say("Looking at the provider's status page: https://status.example.com/" + "x" * 80)
    window.command("timeline all")
    expect(window.answer("status.example.com")).to_be_visible()
    window.picture("phone")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    wide = "() => [...document.querySelectorAll('main *')].filter((e) => e.scrollWidth > 390).length"
    assert page.evaluate(wide) == 0

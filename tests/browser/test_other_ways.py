"""Other ways in: a message's shortcut, App Home, the keyboard alone, a phone, a hostile title."""

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
    window.field("project").get_by_role("option", name="payments").click()
    window.submit()
    expect(alert.locator(hook("replies"))).to_contain_text("1 reply")
    alert.locator(hook("replies")).click()
    line = window.page.locator(f"{hook('thread-pane')} {hook('message')}").last
    expect(line).to_contain_text("@Ana Alvarez declared")
    window.picture("source-thread")
    line.get_by_role("link", name="payments-api").click()
    expect(window.card()).to_contain_text(re.compile(r"Project\s+payments"))
    window.card().get_by_role("link", name="this message").click()
    expect(window.page.locator("[data-sought]")).to_contain_text("5xx rate is 4.2 %")


def test_app_home_shows_what_is_open_and_declares(window: Window, workspace: Workspace) -> None:
    page, home = window.page, window.page.locator(hook("home"))
    page.click(hook("home-tab"))
    press(home, "declare_incident")
    window.form()
    window.field("title").fill("Search finds nothing")
    window.submit()
    channel = page.locator(f"{hook('channel')}[data-name$=search-finds-nothing]")
    expect(channel).to_be_visible()
    page.reload()
    expect(home).to_contain_text("Search finds nothing")
    window.picture("home")
    workspace.command("resolve reindexed", channel=channel.get_attribute("data-name") or "")
    page.reload()
    expect(home).not_to_contain_text("Search finds nothing")


def test_the_keyboard_is_enough_from_declared_to_resolved(window: Window, page: Page) -> None:
    _open_the_form_twice_by_keyboard(window, page)
    _fill_it_in_by_keyboard(window, page)
    keys = page.keyboard
    keys.press("Control+k")
    keys.type("login")
    keys.press("Enter")
    expect(window.card()).to_contain_text("🔴 Critical")
    expect(page.locator(f"main {hook('composer')}")).to_be_focused()
    keys.type("It was the cookie")
    keys.press("Enter")
    _mark_the_last_message_by_keyboard(window, page)
    keys.type("/incident resolve Cookie fixed")
    keys.press("Enter")
    expect(window.card()).to_contain_text("Resolved")


def _open_the_form_twice_by_keyboard(window: Window, page: Page) -> None:
    """Open the form twice. Esc closes the first one, and what is typed next goes to the composer again."""
    keys = page.keyboard
    keys.type("/in")
    expect(page.locator(hook("completion"))).to_contain_text("Declare, run and close incidents")
    keys.press("Tab")
    keys.type("declare")
    keys.press("Enter")
    window.form()
    expect(window.field("title")).to_be_focused()
    keys.press("Escape")
    expect(page.locator(hook("modal"))).to_have_count(0)
    expect(page.locator(f"main {hook('composer')}")).to_be_focused()
    keys.type("/incident declare Login loops")
    keys.press("Enter")
    window.form()


def _fill_it_in_by_keyboard(window: Window, page: Page) -> None:
    keys = page.keyboard
    keys.press("Tab")
    keys.press("ArrowUp")
    expect(window.field("severity").get_by_label("Critical")).to_be_checked()
    keys.press("Tab")
    keys.type("web")
    expect(window.field("project").get_by_role("option", name="web")).to_be_visible()
    keys.press("Enter")
    keys.press("Tab")
    keys.type("Since the last deploy")
    keys.press("Tab")
    # Past the checkbox that makes it private, and Cancel.
    keys.press("Tab")
    keys.press("Tab")
    expect(page.locator(hook("modal-submit"))).to_be_focused()
    keys.press("Enter")
    expect(page.locator(f"{hook('channel')}[data-name$=login-loops]")).to_be_visible()


def _mark_the_last_message_by_keyboard(window: Window, page: Page) -> None:
    """Shift+Tab leads from the composer to the last message, R to its reactions, Tab back."""
    cause = window.message("It was the cookie")
    expect(cause).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(cause).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(hook("pick-reaction", name="pushpin"))).to_be_focused()
    page.keyboard.press("Enter")
    mark = cause.locator(hook("reaction", name="pushpin"))
    expect(mark).to_be_visible()
    expect(cause).to_be_focused()
    page.keyboard.press("Tab")
    expect(mark).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(f"main {hook('composer')}")).to_be_focused()


def test_a_phone_is_enough(window: Window, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    window.command("declare Refunds wait for everyone who paid by card")
    window.form()
    window.picture("phone-form")
    window.submit()
    page.click("#toggle-sidebar")
    channel = page.locator(f"{hook('channel')}[data-name$=refunds-wait-for-everyone-who-paid-by-card]")
    window.go(channel.get_attribute("data-name") or "")
    press(window.card(), "take_command")
    expect(window.card()).to_contain_text(re.compile(r"Commander\s+@Ana Alvarez"))
    window.say("See the provider's page: https://status.example.com/" + "x" * 80)
    window.command("timeline all")
    expect(window.answer("status.example.com")).to_be_visible()
    window.picture("phone")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    scroller = page.locator('[data-scroller="channel"]')
    assert scroller.evaluate("element => element.scrollWidth - element.clientWidth") == 0


def test_whatever_is_in_a_title_is_shown_as_it_was_typed(window: Window, page: Page) -> None:
    hostile = "<!channel> <@U0BEN> <https://evil.example|ok> '; DROP TABLE incidents; -- <b>now</b> &lt;"
    window.command(f"declare {hostile}")
    window.form()
    expect(window.field("title")).to_have_value(hostile)
    window.submit()
    channel = page.locator(f"{hook('channel')}[data-name*=evil-example]")
    expect(channel).to_be_visible()
    window.go(channel.get_attribute("data-name") or "")
    expect(window.card().locator(".block.header")).to_have_text(
        re.compile(rf"INC-\d+ · {re.escape(hostile)}")
    )
    window.command("")
    expect(window.answer(hostile)).to_be_visible()
    window.command("timeline")
    expect(window.answer(f"· {hostile}")).to_be_visible()
    expect(page.locator(hook("topic"))).to_contain_text(hostile)
    _nothing_of_it_works(page)
    window.join("incidents")
    expect(window.message(hostile)).to_be_visible()
    _nothing_of_it_works(page)


def _nothing_of_it_works(page: Page) -> None:
    """Check that there is no ping, no mention of Ben, no link to elsewhere, no tag."""
    expect(page.locator(hook("ping"))).to_have_count(0)
    expect(page.locator("main .mention").filter(has_text="Ben Okafor")).to_have_count(0)
    expect(page.locator('main [href*="evil"]')).to_have_count(0)

"""The whole path in the page, with the real bot: declared, worked on, resolved, closed, reopened, closed."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.window import Window, hook, press
from tests.support.people import Workspace

CHANNEL = "inc-1-checkout-returns-500"
RENAMED = "inc-1-checkout-returns-500-in-eu"


def test_an_incident_is_declared_worked_on_and_closed(window: Window, workspace: Workspace) -> None:
    _declare(window)
    _take_command(window)
    _work(window)
    _change_severity_and_title(window)
    _read_the_timeline(window)
    _resolve_as_somebody_who_joins(window)
    _be_refused_as_a_guest(window)
    _follow_the_announcement(window)
    _close_and_reopen(window)
    assert len(workspace.announcements()) == len(workspace.cards(RENAMED)) == 1


def _declare(window: Window) -> None:
    window.command("declare Checkout returns 500")
    form = window.form()
    expect(window.field("title")).to_have_value("Checkout returns 500")
    expect(form).to_contain_text("Service down, data loss")
    window.field("severity").get_by_label("Critical").check()
    window.type_project("checkout")
    window.field("description").fill("A third of all payments fail since the 14:02 deploy.")
    window.picture("form")
    window.submit()
    unread = window.page.locator(f"{hook('channel', name=CHANNEL)} {hook('unread')}")
    expect(unread).to_be_visible()
    window.go_to_the_bot()
    expect(window.message("INC-1 is open in")).to_be_visible()
    window.message("INC-1 is open in").get_by_role("link", name=CHANNEL).click()
    window.arrive(CHANNEL)
    expect(unread).to_have_count(0)


def _take_command(window: Window) -> None:
    card = window.card()
    for fact in ("INC-1 · Checkout returns 500", "Critical", "Nobody yet", "checkout", "14:02 deploy"):
        expect(card).to_contain_text(fact)
    expect(card).to_have_attribute("data-pinned", "true")
    # The topic changes at most once a minute, so what follows doesn't show in it yet.
    expect(window.page.locator(hook("topic"))).to_have_text(
        "INC-1 · 🔴 Critical · Open · Checkout returns 500"
    )
    press(card, "take_command")
    expect(card.locator(hook("action", action="take_command"))).to_have_count(0)
    expect(window.message("took command")).to_be_visible()
    press(card, "status_investigating")
    expect(card).to_contain_text("Investigating")


def _work(window: Window) -> None:
    page = window.page
    cause = window.say("The connection pool of payments-api is full.")
    window.react(cause, "pushpin")
    expect(cause.locator(hook("reaction", name="pushpin"))).to_have_attribute("aria-pressed", "true")
    cause.hover()
    cause.locator(hook("open-thread")).click()
    page.fill(hook("thread-composer"), "Rolling back the deploy in EU first.")
    page.click(hook("thread-send"))
    reply = page.locator(f"{hook('thread-pane')} {hook('message')}").last
    expect(reply).to_contain_text("Rolling back")
    window.react(reply, "pushpin")
    expect(reply.locator(hook("reaction", name="pushpin"))).to_be_visible()
    page.click(hook("thread-close"))
    expect(cause.locator(hook("replies"))).to_contain_text("1 reply")
    window.say("Error rate is down to 3 %")
    page.locator(f"main {hook('composer')}").press("ArrowUp")
    page.fill(hook("editor"), "Error rate is down to 0.3 %")
    page.keyboard.press("Enter")
    expect(window.message("down to 0.3 % (edited)")).to_be_visible()
    wrong = window.say("Wrong channel, sorry")
    window.choose(wrong, hook("menu-delete"))
    page.click(hook("confirm-yes"))
    expect(wrong).to_have_count(0)


def _change_severity_and_title(window: Window) -> None:
    window.command("severity high Only EU is affected")
    expect(window.message("→ 🟠 High")).to_be_visible()
    expect(window.card()).to_contain_text("🟠 High")
    press(window.card(), "edit_incident")
    window.form()
    expect(window.field("severity").get_by_label("High")).to_be_checked()
    window.field("title").fill("")
    window.page.click(hook("modal-submit"))
    expect(window.page.locator(hook("field-error"))).to_be_visible()
    window.field("title").fill("Checkout returns 500 in EU")
    window.field("severity").get_by_label("Medium").check()
    window.field("why").fill("A quarter of EU only")
    window.submit()
    expect(window.card()).to_contain_text("INC-1 · Checkout returns 500 in EU")
    expect(window.card()).to_contain_text("🟡 Medium")
    expect(window.page.locator(hook("channel", name=RENAMED))).to_be_visible()
    expect(window.page.get_by_label(f"Message #{RENAMED}")).to_be_visible()
    window.arrive(RENAMED)


def _read_the_timeline(window: Window) -> None:
    window.command("timeline")
    answer = window.answer("Timeline of INC-1")
    for fact in (
        "declared it as 🔴 Critical",
        "took command",
        "Open → Investigating",
        "pool of payments-api",
    ):
        expect(answer).to_contain_text(fact)
    for fact in ("High → 🟡 Medium: A quarter of EU only", "renamed it to", "Rolling back"):
        expect(answer).to_contain_text(fact)
    expect(answer).not_to_contain_text("Error rate")
    press(answer, "show_other")
    for fact in ("Error rate is down to 0.3 % (edited)", "message deleted"):
        expect(answer).to_contain_text(fact)
    expect(answer).not_to_contain_text("Wrong channel")
    window.picture("timeline")
    answer.locator('a[href*="thread="]').click()
    sought = window.page.locator(f"{hook('thread-pane')} [data-sought]")
    expect(sought).to_contain_text("Rolling back the deploy in EU first.")


def _resolve_as_somebody_who_joins(window: Window) -> None:
    window.visit("ben", "general")
    window.join(RENAMED)
    press(window.card(), "status_resolved")
    expect(window.card()).to_contain_text("Resolved")
    expect(window.message(re.compile("@Ben Okafor.*Investigating → Resolved"))).to_be_visible()


def _be_refused_as_a_guest(window: Window) -> None:
    window.visit("gus", "general")
    expect(window.page.locator(hook("channel", name=RENAMED))).to_have_count(0)
    window.command("close INC-1 I would like to")
    expect(window.answer("Only full members of this workspace can do that")).to_be_visible()
    window.command("declare")
    expect(window.page.locator(f"main {hook('message', ephemeral='true')}")).to_have_count(2)
    expect(window.page.locator(hook("modal"))).to_have_count(0)


def _follow_the_announcement(window: Window) -> None:
    window.visit("ana", "general")
    window.join("incidents")
    announcement = window.message("INC-1 · Checkout returns 500 in EU")
    expect(announcement).to_contain_text("🟡 Medium · Resolved")
    window.picture("announcement")
    announcement.get_by_role("link", name=RENAMED).click()
    window.arrive(RENAMED)


def _close_and_reopen(window: Window) -> None:
    card = window.card()
    press(card, "status_closed")
    expect(card).to_contain_text("Closed")
    press(card, "reopen_incident")
    window.form()
    window.page.click(hook("modal-submit"))
    expect(window.page.locator(hook("field-error"))).to_be_visible()
    window.field("why").fill("The errors are back")
    window.submit()
    expect(window.message("Closed → Open: The errors are back")).to_be_visible()
    window.command("resolve Bigger pool")
    expect(window.message("→ Resolved")).to_be_visible()
    window.command("close Nothing is left to do")
    expect(window.message("→ Closed")).to_be_visible()
    expect(card).to_contain_text("Closed")
    expect(card.locator(hook("action", action="reopen_incident"))).to_be_visible()
    window.go("incidents")
    expect(window.message("INC-1")).to_contain_text("Closed")
    expect(window.page.locator(f"main {hook('message')}").filter(has_text="INC-1 ·")).to_have_count(1)

"""Five whys in the page: five answers and a branch, down to an action item for the root cause."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.window import Window, hook, press
from tests.support.people import Workspace


class Thread:
    """The thread of a session, open next to the channel."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._pane = window.page.locator(hook("thread-pane"))

    def asked(self, text: str) -> Locator:
        """The latest message in the thread, once it asks that."""
        latest = self._pane.locator(hook("message")).last
        expect(latest).to_contain_text(re.compile(f"Muster.*{re.escape(text)}", re.DOTALL))
        return latest

    def answer(self, text: str) -> Locator:
        """Reply; the question that follows."""
        page = self._window.page
        page.fill(hook("thread-composer"), text)
        page.click(hook("thread-send"))
        expect(page.locator(hook("thread-composer"))).to_have_value("")
        return self.asked(text)


def test_five_whys_lead_to_an_action_item(window: Window, workspace: Workspace) -> None:
    channel = workspace.declare("Checkout was down")
    window.page.reload()
    window.go(channel)
    root = _start(window)
    thread = Thread(window)
    thread.asked("Reply here to answer")
    _ask_down_to_the_end_of_a_branch(window, thread)
    expect(root).to_contain_text("Nobody measured")
    window.picture("whys-tree", root)
    press(thread.asked("Is that the root cause?"), "whys_root_cause")
    thread.asked("One branch is still open")
    window.picture("whys-open-end")
    press(root, "whys_finish")
    _make_an_action_item_of_what_was_found(window)


def _start(window: Window) -> Locator:
    press(window.card(), "start_whys")
    window.form()
    expect(window.field("problem")).to_have_value("Checkout was down")
    window.picture("whys-form")
    window.submit()
    root = window.message("Why did this happen?")
    expect(root).to_contain_text("Checkout was down")
    root.hover()
    root.locator(hook("open-thread")).click()
    return root


def _ask_down_to_the_end_of_a_branch(window: Window, thread: Thread) -> None:
    for text in ("The connection pool ran out", "Traffic doubled", "The sale wasn't announced to us"):
        last = thread.answer(text)
    window.picture("whys-thread")
    press(last, "whys_branch")
    thread.asked("Looking for another cause. Traffic doubled. Why did that happen?")
    for text in ("The cache was cold", "Deploys empty it", "Nobody measured what that costs"):
        thread.answer(text)


def _make_an_action_item_of_what_was_found(window: Window) -> None:
    found = window.message("What we found")
    expect(found).to_contain_text("Root cause: Nobody measured what that costs")
    window.page.click(hook("thread-close"))
    found.scroll_into_view_if_needed()
    window.picture("whys-findings")
    press(found, "open_form")
    window.form()
    expect(window.field("title")).to_have_value("Nobody measured what that costs")
    window.submit()
    expect(window.message(re.compile("AI-1 · Nobody measured"))).to_be_visible()

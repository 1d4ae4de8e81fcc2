"""The sandbox's page in a real Chromium, in the words of the person who uses it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PICTURES = os.environ.get("MUSTER_PICTURES")
"""A folder for pictures of what the tests see; without it, none are taken."""


def hook(test: str, /, **attributes: str) -> str:
    """The selector of a data-test hook."""
    return f'[data-test="{test}"]' + "".join(f'[data-{key}="{value}"]' for key, value in attributes.items())


_HEIGHT_FROM = """(message) => {
    const [scroller, list] = [message.closest("[data-scroller]"), message.closest("[data-part]")];
    const shown = list.getBoundingClientRect().bottom - message.getBoundingClientRect().top;
    return Math.ceil(innerHeight - scroller.clientHeight + shown);
}"""
"""The height of a window in which a message and everything after it can be seen."""


class Window:
    """A browser tab in which somebody looks at a channel."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def visit(self, user: str = "ana", channel: str = "general") -> None:
        """Open the page as somebody, in a channel."""
        self.page.goto(f"{self._url}/as/{user}/{channel}")
        self._arrive()

    def become(self, user: str) -> None:
        """Switch to another person, staying in the channel."""
        self.page.click(hook("person-menu"))
        self.page.click(hook("person", user=user))
        self.page.wait_for_url(f"**/as/U0{user.upper()}/*")
        self._arrive()

    def go(self, channel: str) -> None:
        """Open a channel from the sidebar."""
        self.page.click(hook("channel", name=channel))
        self.arrive(channel)

    def go_to_the_bot(self) -> None:
        """Open the direct messages with the bot."""
        self.page.click(hook("dm", name="Muster"))
        self.arrive("Muster")

    def join(self, channel: str) -> None:
        """Find a channel by browsing, join it and open it."""
        self.page.click(hook("browse"))
        self.page.fill("#browse-filter", channel)
        self.page.click(hook("browse-join", name=channel))
        self.page.click(hook("browse-channel", name=channel))
        self.arrive(channel)

    def arrive(self, channel: str) -> None:
        """Wait until the page shows the channel and its script runs."""
        expect(self.page).to_have_title(re.compile(rf"(^|\) ){re.escape(channel)} "))
        self._arrive()

    def say(self, text: str) -> Locator:
        """Write a message; the message, once it is in the channel."""
        composer = self.page.locator(f"main {hook('composer')}")
        composer.fill(text)
        composer.press("Enter")
        expect(self.message(text)).to_be_visible()
        return self.message(text)

    def command(self, text: str) -> None:
        """Type `/incident …`."""
        self.page.fill(f"main {hook('composer')}", f"/incident {text}".rstrip())
        self.page.keyboard.press("Enter")

    def message(self, text: str | re.Pattern[str]) -> Locator:
        """The channel's last message that shows the text."""
        return self.page.locator(f"main {hook('message')}").filter(has_text=text).last

    def answer(self, text: str | re.Pattern[str]) -> Locator:
        """The last message that only this person sees and that shows the text."""
        return self.page.locator(f"main {hook('message', ephemeral='true')}").filter(has_text=text).last

    def card(self) -> Locator:
        """The live card of the incident whose channel is open."""
        return (
            self.page.locator(f"main {hook('message')}").filter(has=self.page.locator(".block.header")).first
        )

    def choose(self, message: Locator, item: str) -> None:
        """Choose an item in a message's menu."""
        message.hover()
        message.locator(hook("message-menu")).click()
        self.page.locator(f"#message-actions {item}").click()

    def react(self, message: Locator, name: str) -> None:
        """Add a reaction, or remove it."""
        message.hover()
        message.locator(hook("add-reaction")).click()
        self.page.click(hook("pick-reaction", name=name))

    def form(self) -> Locator:
        """The open form, once there is one."""
        self.page.wait_for_selector(hook("modal"))
        return self.page.locator(hook("modal"))

    def field(self, action: str) -> Locator:
        """An input of the open form; the buttons of a choice are found in it by their labels."""
        return self.page.locator(f'{hook("field", action=action)} [data-action="{action}"]')

    def type_project(self, name: str) -> None:
        """Type a project, and choose what is suggested for it."""
        self.field("project").locator("input").fill(name)
        self.page.get_by_role("option", name=re.compile(re.escape(name))).first.click()
        expect(self.field("project").locator("input")).to_have_value(name)

    def submit(self) -> None:
        """Submit the form; it closes."""
        self.page.click(hook("modal-submit"))
        expect(self.page.locator(hook("modal"))).to_have_count(0)

    def picture(self, name: str, start: Locator | None = None) -> None:
        """Save a picture of the window, if pictures are wanted; high enough to show all from `start` on."""
        if not PICTURES:
            return
        if start:
            self.show_from(start)
        self.page.screenshot(path=Path(PICTURES) / f"{name}.png", animations="disabled")

    def show_from(self, start: Locator) -> None:
        """Make the window high enough to show everything from that message on."""
        width = (self.page.viewport_size or {"width": 1280})["width"]
        self.page.set_viewport_size({"width": width, "height": start.evaluate(_HEIGHT_FROM)})
        expect(start).to_be_in_viewport(ratio=0.99)

    def _arrive(self) -> None:
        self.page.wait_for_selector("body[data-ready]")


def press(message: Locator, action: str) -> None:
    """Press a button of a message."""
    message.locator(hook("action", action=action)).click()

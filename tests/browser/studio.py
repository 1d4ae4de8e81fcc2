"""Where pictures are taken: a workspace with its clock, a window to see it through, and a camera."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser.window import Window, hook
from tests.support import bots, chromium, packages
from tests.support.clocks import MovableClock
from tests.support.people import Json, Workspace, eventually, shown

DOCS = bots.ROOT / "docs"
CHANNEL = "inc-1-checkout-returns-500"
WIDTH, HEIGHT = 1000, 900
COLOURS = 256
"""With more, a picture takes three times as many bytes, and looks the same."""
_EMOJI, _FONT = "🔴", "fonts-noto-color-emoji"


@dataclass
class Studio:
    """The workspace, its clock, and the window through which it is seen."""

    acme: Workspace
    clock: MovableClock
    window: Window

    def later(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**delta))

    def until(self, moment: datetime) -> None:
        """Let time pass until then."""
        self.clock.move(moment - self.clock())

    def visit(self, user: str, place: str = CHANNEL, width: int = WIDTH, height: int = HEIGHT) -> None:
        """See a channel as somebody, in a window of that size."""
        self.window.page.set_viewport_size({"width": width, "height": height})
        self.window.visit(user, place)

    def picture(self, name: str, of: Locator) -> None:
        """Take a picture of one thing on the page, as it looks when nobody points at it."""
        of.scroll_into_view_if_needed()
        save(f"pictures/{name}", of)

    def posted(self, text: str) -> None:
        """Wait until the bot has said this in the incident's channel: it posts at most once a second."""
        eventually(lambda: any(text in shown(each) for each in self.acme.messages(CHANNEL)))

    def newest(self, action: str) -> Json:
        """The newest message in the incident's channel that has a button with that action."""

        def found() -> Json | None:
            return next((m for m in reversed(self.acme.messages(CHANNEL, "ben")) if action in str(m)), None)

        return eventually(found)

    def press(self, action: str, user: str = "ben") -> None:
        """Press the newest button with that action in the incident's channel."""
        self.acme.click(CHANNEL, self.newest(action)["ts"], action, user)

    def offering(self, action: str) -> Locator:
        """The last message on the page that has a button with that action."""
        button = self.window.page.locator(hook("action", action=action))
        return self.window.page.locator(f"main {hook('message')}").filter(has=button).last


def save(name: str, of: Locator | Page) -> None:
    """Save a picture of it in docs/, with as few colours as will do."""
    page = of if isinstance(of, Page) else of.page
    page.mouse.move(0, 0)
    whole = Image.open(BytesIO(of.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    few = whole.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2)
    few.save(DOCS / f"{name}.png", optimize=True)


def can_draw_emoji() -> bool:
    """Whether Chromium can draw emoji, once a font was installed if that is permitted."""
    return _has_emoji() or (packages.install(_FONT) and _has_emoji())


def _has_emoji() -> bool:
    # Where there is no fontconfig, as on macOS, the system has them.
    if shutil.which("fc-list") is None:
        return True
    found = subprocess.run(["fc-list", f":charset={ord(_EMOJI):x}"], capture_output=True, check=True)
    return bool(found.stdout.strip())


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        path = chromium.find(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()

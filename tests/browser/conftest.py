"""The product as `make sandbox` runs it: the workspace, the bot as its child, and somebody who looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from sandbox.botprocess import BotProcess
from sandbox.server import Sandbox, running
from tests.browser.window import PICTURES, Window
from tests.support.bots import ROOT
from tests.support.people import Workspace, eventually

# The bot, Slack's pace of a message a second, and a busy machine all take time.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A fresh workspace with the bot connected, for a module; each test works on incidents of its own."""
    database = tmp_path_factory.mktemp("bot") / "muster.db"
    bot = BotProcess(
        [sys.executable, str(ROOT / "app.py")],
        {"MUSTER_ENV_FILE": "", "DATABASE_URL": f"sqlite:///{database}"},
    )
    # The first steps are in the way of nothing but pictures.
    with running(ROOT / "manifest.yml", bot=bot, greets=not PICTURES) as found:
        workspace = Workspace(found.url)
        eventually(lambda: workspace.state()["bot"]["connected"], 20)
        eventually(lambda: any(each["name"] == "incidents" for each in workspace.state()["channels"]))
        yield found


@pytest.fixture
def workspace(sandbox: Sandbox) -> Iterator[Workspace]:
    """Its people, for what a test needs but doesn't look at."""
    workspace = Workspace(sandbox.url)
    yield workspace
    workspace.faults()


@pytest.fixture
def window(page: Page, sandbox: Sandbox) -> Iterator[Window]:
    """Ana in #general, 1280 × 800; the page is closed before the sandbox stops."""
    page.set_viewport_size({"width": 1280, "height": 800})
    window = Window(page, sandbox.url)
    window.visit()
    yield window
    page.goto("about:blank")

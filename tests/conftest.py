"""Fixtures that every test may ask for: empty databases of both engines, a browser, a guarded network."""

from __future__ import annotations

import fcntl
import gc
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support import chromium, postgres, records, scratch
from tests.support.network import NetworkGuard, is_loopback

# The bot, the workspace and its people share an interpreter only here. By default a thread that computes may
# keep the others waiting too long: https://docs.python.org/3/library/sys.html#sys.setswitchinterval.
sys.setswitchinterval(0.0005)
# Whatever a test starts, it reads no `.env` of a real workspace.
os.environ["MUSTER_ENV_FILE"] = ""
records.install()
scratch.keep_in_memory()

# A slow machine is not a defect: pytest-timeout limits a test, not each of its examples.
slow_is_fine = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("muster", deadline=None, suppress_health_check=slow_is_fine)
hypothesis.settings.load_profile("muster")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests without looking for garbage, and never look for it among them afterwards.

    There are thousands, which live to the end: looking through them again and again takes a third of the time
    in which they are collected, and a tenth of the time in which they run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run one Chromium, or one test that measures seconds, at a time: a Chromium is several busy processes.

    This comes before everything else, so the wait doesn't count towards the test's time-out.
    """
    if "browser" not in getattr(item, "fixturenames", ()) and not item.get_closest_marker("measures_seconds"):
        return (yield)
    with Path(__file__).open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return (yield)


@pytest.fixture(scope="session")
def _network_guard() -> Iterator[NetworkGuard]:
    guard = NetworkGuard()
    guard.install()
    yield guard
    guard.active = False


@pytest.fixture(autouse=True)
def network_guard(_network_guard: NetworkGuard) -> Iterator[NetworkGuard]:
    """Fails a test that reached beyond loopback. A test that does so on purpose empties `refused`."""
    _network_guard.refused.clear()
    yield _network_guard
    assert not _network_guard.refused


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[postgres.Databases]:
    with postgres.databases() as found:
        yield found


@pytest.fixture
def postgresql_url(_postgresql: postgres.Databases) -> Iterator[str]:
    """An empty PostgreSQL database for this test alone, as `postgresql://…`."""
    with _postgresql.fresh() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database for this test alone, as `sqlite:///…`; the file doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'muster.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of either engine: a test that asks for it runs on both."""
    return str(request.getfixturevalue(f"{request.param}_url"))


# One per module, not per session: Playwright keeps an asyncio loop running in the main thread, and there
# asyncio.run() would fail in any other module's test.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium. Without one, the test is skipped with the reason; in CI it fails."""
    with ExitStack() as cleanup:
        playwright = cleanup.enter_context(sync_playwright())
        try:
            path = chromium.find(playwright)
        except chromium.NoChromium as error:
            cleanup.close()
            if os.environ.get("CI") == "true":
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        running = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        cleanup.callback(running.close)
        yield running


@pytest.fixture
def page_problems() -> list[str]:
    """What went wrong in this test's pages. A test that provokes an error clears the list."""
    return []


@pytest.fixture
def page(browser: Browser, page_problems: list[str]) -> Iterator[Page]:
    """An empty page in a profile of its own (`page.context.new_page()` opens more of them).

    The test fails if a script raised, something wrote an error to the console, or a page requested anything
    beyond loopback.
    """
    context = browser.new_context(locale="en-US", timezone_id="UTC")
    context.set_default_timeout(10_000)
    context.on("weberror", lambda error: page_problems.append(f"uncaught: {error.error}"))
    context.on("console", lambda line: page_problems.extend(_error(line)))
    context.on("request", lambda request: page_problems.extend(_beyond_loopback(request.url)))
    yield context.new_page()
    context.close()
    assert not page_problems


def _error(line: ConsoleMessage) -> list[str]:
    return [f"console: {line.text}"] if line.type == "error" else []


def _beyond_loopback(url: str) -> list[str]:
    parts = urlsplit(url)
    return [f"request: {url}"] if parts.hostname and not is_loopback(parts.hostname) else []

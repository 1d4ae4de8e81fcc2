"""A real Chromium for tests: found, or installed by `python -m tests.support.chromium`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator

from playwright.sync_api import Playwright, sync_playwright

from tests.support import packages

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PROGRAMS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

# Playwright itself adds --no-sandbox, without which Chromium doesn't start as root.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


class NoChromium(LookupError):
    """No Chromium starts; the message says what was tried."""


def find(playwright: Playwright) -> str:
    """The path of a Chromium that starts. Raises NoChromium.

    When CHROMIUM_PATH is set, only that browser is considered: people who set it want no other.
    """
    given = os.environ.get("CHROMIUM_PATH")
    tried = []
    for path in [given] if given else _candidates(playwright):
        problem = _problem(path)
        if problem is None:
            return path
        tried.append(f"{path}: {problem}")
    raise NoChromium("no Chromium that starts; tried " + "; ".join(tried))


def _candidates(playwright: Playwright) -> Iterator[str]:
    yield from filter(None, map(shutil.which, PROGRAMS))
    yield from filter(os.path.exists, MAC_PROGRAMS)
    yield playwright.chromium.executable_path


def _problem(path: str) -> str | None:
    """Why `path` can't be used, or None. Some only point to a store, like Ubuntu's chromium-browser."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if answer.returncode == 0 else (answer.stderr.strip() or f"exit code {answer.returncode}")


def install() -> None:
    """Install Debian's package if permitted, else Playwright's own download, and print what is being done."""
    print("Installing Chromium for the browser tests.", flush=True)
    if packages.install("chromium"):
        return
    is_root = packages.root_prefix() is not None
    libraries = ["--with-deps"] if is_root and platform.system() == "Linux" else []
    packages.runs([sys.executable, "-m", "playwright", "install", *libraries, "chromium"])


def main() -> None:
    """Install Chromium unless there is one. Never fails: the tests themselves report a missing browser."""
    with sync_playwright() as playwright:
        try:
            find(playwright)
        except NoChromium:
            if not os.environ.get("CHROMIUM_PATH"):
                install()


if __name__ == "__main__":
    main()

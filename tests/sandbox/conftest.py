"""A running sandbox, the app's own clients, and people who act in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient

from sandbox.server import Sandbox, running
from tests.sandbox.google import Clients
from tests.sandbox.peers import AppSocket, People

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


PRIVATE = ("groups:", "message.groups", "member_")
"""The beginnings of the scopes and events that only private incidents need."""


def modest() -> dict[str, Any]:
    """The project's manifest for public channels only: most tests also look at what an app isn't granted."""
    document: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    for holder, name in (
        (document["oauth_config"]["scopes"], "bot"),
        (document["settings"]["event_subscriptions"], "bot_events"),
    ):
        holder[name] = [each for each in holder[name] if not each.startswith(PRIVATE)]
    return document


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Starts a sandbox with the options that a test chooses; all of them are stopped when the test ends."""
    modestly = tmp_path / "modest.yml"
    modestly.write_text(yaml.safe_dump(modest()), encoding="utf-8")
    with ExitStack() as started:

        def start(manifest: Path = modestly, **options: Any) -> Sandbox:
            return started.enter_context(running(manifest, **{"post_limit": False, **options}))

        yield start


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    """A fresh sandbox with the project's own manifest and no limit on how fast the app posts."""
    return start()


@pytest.fixture
def google() -> Iterator[Clients]:
    """Google's own clients."""
    found = Clients()
    yield found
    found.close()


@pytest.fixture
def granting(tmp_path: Path) -> Callable[..., Path]:
    """Makes a copy of the manifest with more, or fewer, scopes and events."""

    def write(*scopes: str, without: tuple[str, ...] = (), events: tuple[str, ...] = ()) -> Path:
        document = modest()
        asked = document["oauth_config"]["scopes"]
        asked["bot"] = [*(set(asked["bot"]) - set(without)), *scopes]
        asked["bot_optional"] = [each for each in asked["bot_optional"] if each not in without]
        document["settings"]["event_subscriptions"]["bot_events"] += events
        path = tmp_path / "manifest.yml"
        path.write_text(yaml.safe_dump(document), encoding="utf-8")
        return path

    return write


def client_of(sandbox: Sandbox, token: str | None = None, **options: Any) -> WebClient:
    """Slack's own client; it tries everything once."""
    return WebClient(token or sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[], **options)


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    """The bot's Web API client."""
    return client_of(sandbox)


@pytest.fixture
def people(sandbox: Sandbox) -> People:
    """What people do, through the control API."""
    return People(sandbox)


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Callable[[], AppSocket]]:
    """Opens a Socket Mode connection of the app; all are closed when the test ends."""
    with ExitStack() as opened:

        def open_one() -> AppSocket:
            socket = AppSocket(sandbox)
            opened.callback(socket.close)
            return socket

        yield open_one


@pytest.fixture
def socket(connect: Callable[[], AppSocket]) -> AppSocket:
    """A connection of the app that has already received its hello."""
    return connect()

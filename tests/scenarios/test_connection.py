"""Connections come and go; what people do in between isn't lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

from bot.bootstrap import Bot
from bot.domain.kit.people import SYSTEM
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, start_here
from tests.support.people import Refused, Workspace, eventually
from tests.support.promises import declared_once

ANNOUNCED = 4.0
"""Seconds between Slack's announcement that a session will end and its end; Slack itself leaves about ten."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace that redelivers whatever isn't acked within seconds, where Slack takes minutes."""
    with running(ROOT / "manifest.yml", retry_after=(0.5, 1.0, 2.0)) as found:
        yield found


def test_a_disconnect_in_the_middle_of_a_declaration_loses_nothing(
    workspace: Workspace, sqlite_bot: Bot
) -> None:
    workspace.faults({"method": "*", "effect": "delay", "seconds": 0.2})
    workspace.open_form("declare")
    workspace.submit(title="Database is slow")
    workspace.faults({"socket": "disconnect"})
    eventually(lambda: len(workspace.calls("apps.connections.open")) >= 2)
    eventually(lambda: workspace.state()["bot"]["connected"])
    declared_once(workspace)


def test_messages_written_while_it_reconnects_are_stored_once(workspace: Workspace, bot: Bot) -> None:
    channel = workspace.declare()
    with ThreadPoolExecutor(4) as crowd:
        said = crowd.map(lambda number: workspace.say(f"fact {number:03}.", channel), range(200))
        for _ in range(3):
            eventually(lambda: _cut(workspace))
        list(said)
    stored = eventually(lambda: _stored(bot, 200), 20)
    assert sorted(stored) == [f"fact {number:03}." for number in range(200)]


def test_an_announced_disconnect_is_replaced_by_a_new_connection_in_time(
    sandbox: Sandbox, workspace: Workspace, sqlite_bot: Bot
) -> None:
    until = monotonic() + ANNOUNCED + 1
    workspace.faults({"socket": "disconnect", "seconds": ANNOUNCED})
    for _ in range(5):
        assert "No open incidents" in workspace.command("")
    while monotonic() < until:
        assert sandbox.socket_mode.connected
        sleep(0.005)
    assert len(workspace.calls("apps.connections.open")) == 2
    assert "No open incidents" in workspace.command("")


def test_it_waits_while_slack_is_unavailable(sandbox: Sandbox, workspace: Workspace, sqlite_url: str) -> None:
    workspace.faults(
        {"method": "auth.test", "effect": "reset_before", "times": 1},
        {"method": "apps.connections.open", "effect": "500", "times": 1},
        {"socket": "refuse", "seconds": 1.0},
    )
    bot = start_here(sandbox, sqlite_url)
    assert "No open incidents" in eventually(lambda: _answer(workspace))
    bot.stop()


def _cut(workspace: Workspace) -> bool:
    """Whether there was a connection for Slack to end."""
    workspace.faults({"socket": "disconnect"})
    return bool(workspace.get("faults")["faults"][0]["struck"])


def _answer(workspace: Workspace) -> str | None:
    try:
        return workspace.command("")
    except (AssertionError, Refused):
        return None


def _stored(bot: Bot, wanted: int) -> list[str] | None:
    incident = bot.services.incidents.get_incident(1, viewer=SYSTEM)
    assert incident and incident.timeline
    texts = [entry.text for entry in incident.timeline.values() if entry.text.startswith("fact")]
    return texts if len(texts) >= wanted else None

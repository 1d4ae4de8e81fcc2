"""The channel's topic shows the state, and changes so seldom that its lines are no noise."""

from __future__ import annotations

from datetime import timedelta

from sandbox.server import running
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Workspace, eventually, shown


def test_ten_changes_in_a_minute_change_the_topic_once_and_the_last_one_is_shown(sqlite_url: str) -> None:
    clock = MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot, workspace = start_here(sandbox, sqlite_url, clock=clock), Workspace(sandbox.url)
        channel = workspace.declare()
        eventually(lambda: "🟠 High · Open" in workspace.channel(channel)["topic"])
        for severity in ("low", "medium", "low", "medium", "critical"):
            workspace.command(f"severity {severity}", channel=channel)
        workspace.command("lead @ben", channel=channel)
        workspace.command("rename Cache is cold", channel=channel)
        eventually(lambda: "Cache is cold" in shown(workspace.card("inc-1-cache-is-cold") or {}))
        assert len(workspace.calls("conversations.setTopic")) == 1
        clock.move(timedelta(minutes=1))
        renamed = "inc-1-cache-is-cold"
        wanted = "INC-1 · 🔴 Critical · Open · Commander <@U0BEN> · Cache is cold"
        eventually(lambda: workspace.channel(renamed)["topic"] == wanted)
        assert len(workspace.calls("conversations.setTopic")) == 2
        bot.stop()

"""From `/incident declare` to closed, over real sockets."""

from __future__ import annotations

from bot.bootstrap import Bot
from tests.support.people import Workspace, eventually, shown


def test_an_incident_is_declared_worked_on_and_closed(workspace: Workspace, bot: Bot) -> None:
    channel = workspace.declare("Database connection timeout", severity="critical", description="Since 10:00")
    assert channel == "inc-1-database-connection-timeout"
    card = workspace.card(channel)
    assert card
    assert "INC-1 · Database connection timeout" in shown(card)
    assert "🔴 Critical" in shown(card)
    eventually(lambda: "U0ANA" in workspace.channel(channel)["members"])
    eventually(lambda: "INC-1 · 🔴 Critical · Open" in workspace.channel(channel)["topic"])
    eventually(lambda: workspace.channel(channel)["pins"])
    eventually(lambda: any("INC-1 is open in" in shown(each) for each in workspace.private("ana")))
    [announcement] = eventually(workspace.announcements)
    assert "INC-1" in shown(announcement)

    workspace.say("It is the pool", channel)
    workspace.click(channel, card["ts"], "take_command")
    workspace.click(channel, card["ts"], "status_investigating")
    eventually(lambda: "Investigating" in shown(workspace.card(channel) or {}))
    workspace.command("resolve bigger pool", channel=channel)
    workspace.command("close", channel=channel)
    eventually(lambda: "Closed" in shown(workspace.card(channel) or {}))
    eventually(lambda: "Closed" in shown(workspace.announcements()[0]))
    assert len(workspace.cards(channel)) == len(workspace.announcements()) == 1

    told = workspace.command("timeline all", channel=channel)
    for fact in ("declared it", "took command", "It is the pool", "bigger pool", "*Closed*"):
        assert fact in told

"""Checklists from the settings to the channel: ticked by two, turned into an item, nudged about once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox.server import running
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Json, Workspace, eventually, shown

LINES = "Post on the status page (15 min)\n- Tell support\nWrite to customers (1 h)"


def lists(workspace: Workspace, channel: str, name: str = "First minutes") -> list[Json]:
    return [each for each in workspace.messages(channel) if f"📋 *{name}* ·" in shown(each)]


def saying(workspace: Workspace, channel: str, wanted: str) -> Json:
    """The message, once it says that."""
    return eventually(
        lambda: next((each for each in workspace.messages(channel) if wanted in shown(each)), None)
    )


def next_to(message: Json, line: str) -> Json:
    """Where the button next to a line is."""
    block = next(each["block_id"] for each in message["blocks"] if line in shown({"blocks": [each]}))
    return {"message_ts": message["ts"], "block": block}


def add_list(workspace: Workspace, **typed: Any) -> dict[str, str]:
    """Write a list in the settings; the errors at the form's fields."""
    home = workspace.asked("settings")
    found = workspace.answered(
        lambda: workspace.click("general", home["ts"], "show_checklist_settings"), "general"
    )
    workspace.click("general", found["ts"], "add_checklist")
    eventually(lambda: workspace.form("ana"))
    return workspace.submit(**typed)


@pytest.mark.usefixtures("sqlite_bot")
def test_a_list_is_worked_on_by_two_and_a_line_becomes_an_item(workspace: Workspace) -> None:
    refused = add_list(workspace, checklist_name="First minutes", checklist_lines="x\n" * 200)
    assert "Split it into several checklists" in refused["checklist_lines"]
    typed: dict[str, Any] = {
        "checklist_name": "First minutes",
        "checklist_lines": LINES,
        "severities": ["high"],
    }
    assert not workspace.submit(**typed)
    channel = workspace.declare()
    workspace.post("join", channel=channel, user="ben")
    saying(workspace, channel, "*First minutes* · 0 of 3 done")
    [message] = lists(workspace, channel)
    # Both have seen the line open, and both press.
    pressing = {**next_to(message, "Tell support"), "channel": channel, "action": "tick_line"}
    workspace.post("interact", **pressing, user="ben")
    told = workspace.answered(lambda: workspace.post("interact", **pressing, user="ana"), channel, "ana")
    assert "<@U0BEN> has already ticked “Tell support”." in shown(told)
    saying(workspace, channel, "✅ Tell support · <@U0BEN>")
    picked = {"channel": channel, "message_ts": message["ts"], "action": "pick_line_for_item"}
    workspace.post("interact", **picked, user="ana", value="1/3")
    saying(workspace, channel, "Write to customers · *AI-1*")
    undoing = {**next_to(message, "Tell support"), "channel": channel, "action": "untick_line"}
    workspace.post("interact", **undoing, user="ana")
    saying(workspace, channel, "☐ Tell support")
    assert len(lists(workspace, channel)) == 1


@pytest.mark.usefixtures("sqlite_bot")
def test_a_list_is_posted_by_name_and_found_again(workspace: Workspace) -> None:
    assert not add_list(workspace, checklist_name="Handover", checklist_lines="Say what is open")
    channel = workspace.declare()
    assert "Did you mean “Handover”?" in workspace.command("checklist hadnover", channel=channel)
    workspace.publicly("checklist hand", channel)
    saying(workspace, channel, "*Handover* · 0 of 1 done")
    again = workspace.command("checklist handover", channel=channel)
    assert "is already in INC-1: 0 of 1 done. <http" in again
    assert "*Handover* · 0 of 1 done · <http" in workspace.command("checklist", channel=channel)
    assert "posted the checklist *Handover*" in workspace.timeline(channel, "posted the checklist")


def test_a_line_with_a_time_nudges_once_also_after_a_restart(sqlite_url: str) -> None:
    clock = MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot, workspace = start_here(sandbox, sqlite_url, clock=clock), Workspace(sandbox.url)
        add_list(workspace, checklist_name="First minutes", checklist_lines=LINES, severities=["high"])
        channel = workspace.declare()
        saying(workspace, channel, "*First minutes* · 0 of 3 done")
        bot.stop()
        clock.move(timedelta(minutes=15))
        bot = start_here(sandbox, sqlite_url, clock=clock)
        nudge = saying(workspace, channel, "<@U0ANA>, 1 line is still open after 15 min")
        [message] = lists(workspace, channel)
        assert nudge["thread_ts"] == message["ts"]
        workspace.click(channel, nudge["ts"], "tick_line")
        saying(workspace, channel, "None of these is open any longer")
        saying(workspace, channel, "✅ Post on the status page · <@U0ANA>")
        bot.stop()

"""kill -9 at each point of a declare, then a new start: everything is there, once."""

from __future__ import annotations

import pytest

from tests.scenarios.promises import declared_once
from tests.support.bots import BotProcess
from tests.support.people import Workspace, eventually

POINTS = [
    pytest.param("conversations.create", "hang_before", id="after the commit"),
    pytest.param(
        "conversations.create", "hang_after", id="after the channel exists, before its id is stored"
    ),
    pytest.param("chat.postMessage", "hang_before", id="before any post"),
    pytest.param("chat.postMessage", "hang_after", id="after a post, before its ts is stored"),
    pytest.param("pins.add", "hang_after", id="after the pin"),
    pytest.param("conversations.invite", "hang_after", id="after the invitation"),
    pytest.param("conversations.setTopic", "hang_after", id="after the topic"),
    pytest.param("conversations.open", "hang_before", id="before the direct message"),
]


@pytest.mark.parametrize(("method", "effect"), POINTS)
def test_a_declare_that_is_killed_finishes_itself_once_after_a_new_start(
    workspace: Workspace, bot_process: BotProcess, method: str, effect: str
) -> None:
    bot_process.start()
    eventually(lambda: any(each["name"] == "incidents" for each in workspace.state()["channels"]))
    workspace.faults({"method": method, "effect": effect})
    workspace.open_form("declare")
    workspace.post("view-submit", user="ana", values={"title": "Database is slow"})
    eventually(lambda: workspace.get("faults")["faults"][0]["struck"])
    bot_process.kill()
    workspace.faults()
    bot_process.start()
    declared_once(workspace)


def test_what_was_acknowledged_survives_a_kill(workspace: Workspace, bot_process: BotProcess) -> None:
    bot_process.start()
    channel = workspace.declare()
    facts = [f"fact {number}." for number in range(20)]
    for fact in facts:
        workspace.say(fact, channel)
    bot_process.kill()
    acked = [each for each in workspace.get("log?since=0")["entries"] if _is_acked_message(each)]
    bot_process.start()
    told = workspace.command("timeline all", channel=channel) + workspace.command(
        "timeline all", channel=channel, user="ben"
    )
    assert acked
    assert facts[0] in told or "Page 2 of 2" in told


def _is_acked_message(entry: dict[str, object]) -> bool:
    return entry["kind"] == "delivery" and entry.get("event_type") == "message" and entry.get("acked") is True

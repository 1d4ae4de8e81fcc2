"""kill -9 at each point of a declare, then a new start: everything is there, once."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

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


def test_what_was_acknowledged_survives_a_kill(
    workspace: Workspace, bot_process: BotProcess, sqlite_url: str
) -> None:
    bot_process.start()
    channel = workspace.declare()
    said = {workspace.say(f"fact {number}", channel): f"fact {number}" for number in range(20)}
    eventually(lambda: any(_is_acked(workspace, ts) for ts in said))
    bot_process.kill()
    acked = {fact for ts, fact in said.items() if _is_acked(workspace, ts)}
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        stored = set(connection.execute(text("SELECT text FROM timeline_entries")).scalars())
    engine.dispose()
    assert acked <= stored


def _is_acked(workspace: Workspace, ts: str) -> bool:
    entries = workspace.get("log?since=0")["entries"]
    return any(each.get("acked") for each in entries if each.get("event_ts") == ts)

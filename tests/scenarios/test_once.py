"""Whatever arrives twice, late or out of order counts once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from bot.bootstrap import Bot
from bot.domain.kit.people import SYSTEM
from tests.support.people import Workspace, eventually, shown
from tests.support.promises import declared_once


def test_a_form_that_is_delivered_three_times_makes_one_incident(workspace: Workspace, bot: Bot) -> None:
    workspace.open_form("declare")
    workspace.faults({"envelope": "interactive", "effect": "duplicate", "copies": 2, "new_ids": True})
    workspace.post("view-submit", user="ana", values={"title": "Database is slow"})
    declared_once(workspace)
    assert len(workspace.incident_channels()) == 1


STEP = ": Open → *Resolved*"


def test_if_two_people_resolve_the_second_learns_who_was_first(workspace: Workspace, bot: Bot) -> None:
    channel = workspace.declare()
    workspace.post("join", channel=channel, user="ben")
    ts = (workspace.card(channel) or {})["ts"]
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda user: workspace.click(channel, ts, "status_resolved", user), ["ana", "ben"]))
    loser = eventually(lambda: _told_second(workspace, channel))
    winner = "U0BEN" if loser == "ana" else "U0ANA"
    assert f"<@{winner}> got there first" in "\n".join(workspace.only_for(loser, channel))
    eventually(lambda: "Resolved" in shown(workspace.card(channel) or {}))
    steps = eventually(lambda: [each for each in workspace.messages(channel) if STEP in shown(each)])
    assert len(steps) == 1
    assert workspace.command("timeline", channel=channel).count("*Resolved*") == 1
    assert len(workspace.announcements()) == 1


def test_an_edit_and_a_deletion_before_their_message_leave_one_correct_entry(
    workspace: Workspace, bot: Bot
) -> None:
    channel = workspace.declare()
    workspace.faults({"envelope": "events_api", "effect": "reorder", "times": 1})
    edited = workspace.say("the cache", channel)
    workspace.post("edit-message", channel=channel, ts=edited, user="ana", text="the pool")
    eventually(lambda: "the pool _(edited)_" in workspace.command("timeline all", channel=channel))
    workspace.faults({"envelope": "events_api", "effect": "reorder", "times": 1})
    deleted = workspace.say("a secret", channel)
    workspace.post("delete-message", channel=channel, ts=deleted, user="ana")
    eventually(lambda: "_message deleted_" in workspace.command("timeline all", channel=channel))
    workspace.say("last", channel)
    told = eventually(lambda: _with(workspace.command("timeline all", channel=channel), "last"))
    assert "the cache" not in told
    assert "a secret" not in told
    assert told.count("the pool") == told.count("message deleted") == 1


def test_a_message_whose_listener_raised_is_redelivered_and_stored(workspace: Workspace, bot: Bot) -> None:
    channel = workspace.declare()
    with bot.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE timeline_entries RENAME TO away"))
    ts = workspace.say("do not lose me", channel)
    try:
        # Slack waits three seconds before it redelivers.
        time.sleep(1)
        assert not _acked(workspace, ts)
    finally:
        with bot.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO timeline_entries"))
    eventually(lambda: "do not lose me" in workspace.command("timeline all", channel=channel), 15)


def test_a_burst_of_a_thousand_messages_is_stored_once_each(workspace: Workspace, bot: Bot) -> None:
    channel = workspace.declare()
    workspace.faults({"envelope": "events_api", "effect": "duplicate", "every": 10, "new_ids": True})
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda number: workspace.say(f"fact {number:04}.", channel), range(1000)))
    stored = eventually(lambda: _stored(bot, 1000), 40)
    assert sorted(stored) == [f"fact {number:04}." for number in range(1000)]


def _told_second(workspace: Workspace, channel: str) -> str | None:
    for user in ("ana", "ben"):
        if any("got there first" in each for each in workspace.only_for(user, channel)):
            return user
    return None


def _with(answer: str, wanted: str) -> str | None:
    return answer if wanted in answer else None


def _acked(workspace: Workspace, ts: str) -> bool:
    """Whether the app has acked the message."""
    entries = workspace.get("log?since=0")["entries"]
    return any(each.get("acked") for each in entries if each.get("event_ts") == ts)


def _stored(bot: Bot, wanted: int) -> list[str] | None:
    incident = bot.services.incidents.get_incident(1, viewer=SYSTEM)
    assert incident and incident.timeline
    texts = [entry.text for entry in incident.timeline.values() if entry.text.startswith("fact")]
    return texts if len(texts) >= wanted else None

"""Every envelope four times under new ids, some minutes later; only a retry; one event at two replicas.

Promised: each counts once, whichever arrives. (The six minutes pass on a controlled clock.)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.arena import Arena
from tests.faults.arena import arena as make
from tests.faults.conftest import checked
from tests.faults.people import all_recorded, changes, incidents_channel, texts
from tests.scenarios.promises import declared_once
from tests.support.people import eventually


def test_every_envelope_four_times(arena: Arena) -> None:
    arena.bot()
    incidents_channel(arena)
    arena.workspace.open_form("declare")
    arena.workspace.faults({"envelope": "*", "effect": "duplicate", "copies": 3, "new_ids": True})
    arena.submit(title="Database is slow")
    channel = arena.channel()
    for number in range(10):
        arena.workspace.say(f"fact {number}", channel)
    arena.workspace.command("resolve", channel=channel)
    all_recorded(arena, 10)
    declared_once(arena.workspace)
    assert changes(arena, "resolved") == 1


def test_a_copy_that_comes_minutes_later_changes_nothing(arena: Arena) -> None:
    [bot] = arena.bots(1)
    arena.declare()
    channel = arena.channel()
    arena.workspace.say("once", channel)
    all_recorded(arena, 1)
    [stored] = arena.rows("SELECT channel_id, ts FROM timeline_entries WHERE kind = 'message'")
    # A request that is on its way would be six minutes old.
    arena.settle()
    arena.clock.move(timedelta(minutes=6))
    arena.workspace.faults({"envelope": "events_api", "effect": "duplicate", "copies": 3, "new_ids": True})
    arena.workspace.say("and again", channel)
    all_recorded(arena, 2)
    assert texts(arena) == ["once", "and again"]
    assert stored.ts in {row.ts for row in arena.rows("SELECT ts FROM timeline_entries")}
    assert bot.connected.is_set()


@pytest.fixture
def lossy(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    """A workspace whose Slack waits for an ack for a moment only, and then delivers again."""
    with make(sqlite_url, "socket", tmp_path, ack_within=0.3, retry_after=(0.1, 0.1, 0.1)) as made:
        yield from checked(made)


def test_only_a_retry_arrives(lossy: Arena) -> None:
    lossy.bot()
    lossy.declare()
    channel = lossy.channel()
    lossy.settle()
    lossy.workspace.faults({"envelope": "events_api", "effect": "drop", "times": 1})
    lossy.workspace.say("only as a retry", channel)
    all_recorded(lossy, 1)
    retries = [each for each in lossy.log() if each.get("acked") and each.get("retry_attempt")]
    assert [each["retry_attempt"] for each in retries] == [1]


def test_one_event_at_two_replicas_at_once(large: Arena) -> None:
    large.bots(2)
    large.declare()
    channel = large.channel()
    large.workspace.faults({"envelope": "*", "effect": "duplicate", "copies": 1, "new_ids": True})
    for number in range(30):
        large.workspace.say(f"fact {number}", channel)
    large.workspace.mention("severity critical", channel)
    all_recorded(large, 31)
    large.settle()
    assert changes(large, "critical") == 1
    assert len(texts(large)) == len(set(texts(large)))


def test_two_clicks_on_resolve_at_two_replicas(large: Arena) -> None:
    large.bots(2)
    large.declare()
    channel, slack = large.channel(), large.workspace
    slack.post("join", channel=channel, user="ben")
    ts = eventually(lambda: slack.card(channel))["ts"]
    large.settle()
    slack.click(channel, ts, "status_resolved", "ana")
    slack.click(channel, ts, "status_resolved", "ben")
    slack.click(channel, ts, "status_resolved", "ana")
    eventually(lambda: [each for each in slack.only_for("ben", channel) if "was first" in each])
    large.settle()
    assert changes(large, "resolved") == 1

"""Every envelope four times under new ids, the last after six minutes; only a retry; two replicas at once.

Promised: each counts once, whichever arrives, and undoes nothing that has changed since; of two people who
resolve at two replicas, the second is told who was first. (The six minutes pass on a controlled clock.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.conftest import checked
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.asking import all_recorded, changes, incidents_channel, texts
from tests.support.people import Workspace, eventually
from tests.support.promises import declared_once

Act = Callable[[Workspace, str, str], object]
"""What somebody does in a channel with a card."""


def test_an_envelope_delivered_four_times_over_six_minutes_counts_once(arena: Arena) -> None:
    arena.bot()
    incidents_channel(arena)
    arena.workspace.open_form("declare")
    arena.workspace.faults(
        {"envelope": "*", "effect": "duplicate", "copies": 3, "new_ids": True, "late": True}
    )
    arena.submit(title="Database is slow")
    channel = arena.channel()
    facts = [f"fact {number}" for number in range(10)]
    said = [arena.workspace.say(text, channel) for text in facts]
    all_recorded(arena, 10)
    # A late delivery must not undo what has changed since.
    arena.workspace.post("edit-message", channel=channel, ts=said[0], user="ana", text="as it is now")
    eventually(lambda: "as it is now" in texts(arena))
    arena.workspace.told_everybody(lambda: arena.workspace.say("@Muster severity critical", channel), channel)
    arena.workspace.told_everybody(lambda: arena.workspace.say("@Muster severity low", channel), channel)
    arena.workspace.command("resolve", channel=channel)
    all_recorded(arena, 12)
    arena.settle()
    arena.clock.move(timedelta(minutes=6))
    arena.workspace.faults()
    late = eventually(lambda: [each for each in arena.log() if each.get("fault") == "late"])
    arena.settle()
    assert all(each["acked"] for each in arena.log() if each.get("fault") == "late")
    assert {each["name"] for each in late} == {"events_api", "interactive", "slash_commands"}
    declared_once(arena.workspace)
    assert [changes(arena, value) for value in ("critical", "low", "resolved")] == [1, 1, 1]
    assert texts(arena)[:10] == ["as it is now", *facts[1:]]


@pytest.fixture
def lossy(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    """A workspace whose Slack waits only a moment for an ack before it redelivers."""
    with make(sqlite_url, "socket", tmp_path, ack_within=0.3, retry_after=(0.1, 0.1, 0.1)) as made:
        yield from checked(made)


def test_a_retry_counts_if_nothing_else_arrives(lossy: Arena) -> None:
    lossy.bot()
    lossy.declare()
    channel = lossy.channel()
    lossy.settle()
    lossy.workspace.faults({"envelope": "events_api", "effect": "drop", "times": 1})
    lossy.workspace.say("only as a retry", channel)
    all_recorded(lossy, 1)
    retries = [each for each in lossy.log() if each.get("acked") and each.get("retry_attempt")]
    assert [each["retry_attempt"] for each in retries] == [1]


def test_an_event_at_two_replicas_at_once_counts_once(large: Arena) -> None:
    large.bots(2)
    large.declare()
    channel = large.channel()
    large.workspace.faults({"envelope": "*", "effect": "duplicate", "copies": 1, "new_ids": True})
    for number in range(30):
        large.workspace.say(f"fact {number}", channel)
    large.workspace.told_everybody(lambda: large.workspace.say("@Muster severity critical", channel), channel)
    all_recorded(large, 31)
    large.settle()
    assert changes(large, "critical") == 1
    assert len(texts(large)) == len(set(texts(large)))


def click(user: str) -> Act:
    """Presses Resolve on the card."""
    return lambda slack, channel, ts: slack.click(channel, ts, "status_resolved", user)


def command(user: str) -> Act:
    """Types `/incident resolve`."""
    return lambda slack, channel, _ts: slack.command("resolve", user, channel)


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        pytest.param((click("ana"), click("ben")), 1, id="two people click"),
        pytest.param((click("ana"), command("ben")), 1, id="one clicks, one types"),
        pytest.param((click("ana"), click("ana")), 0, id="one person clicks twice"),
        pytest.param((click("ana"), command("ana")), 0, id="one person clicks and types"),
    ],
)
def test_if_two_people_resolve_at_two_replicas_the_second_learns_who_was_first(
    large: Arena, acts: tuple[Act, Act], told: int
) -> None:
    large.bots(2)
    large.declare()
    channel, slack = large.channel(), large.workspace
    slack.post("join", channel=channel, user="ben")
    ts = eventually(lambda: slack.card(channel))["ts"]
    large.settle()
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda act: act(slack, channel, ts), acts))
    large.settle()
    assert changes(large, "resolved") == 1
    answers = [text for user in ("ana", "ben") for text in slack.only_for(user, channel)]
    assert len([text for text in answers if "got there first" in text]) == told

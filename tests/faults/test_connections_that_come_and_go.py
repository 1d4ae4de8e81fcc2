"""`disconnect` while a handler runs; a socket that never pongs or is silent; events out of order.

Promised: what Slack redelivers is stored once; a dead socket is replaced within a minute. (Shortened: silence
counts after a second here, and Slack redelivers after fractions of one.)
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import checked
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.asking import all_recorded, texts
from tests.support.people import eventually
from tests.support.promises import declared_once


@pytest.fixture
def lively(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    """A workspace whose Slack soon redelivers what wasn't acked."""
    again = (0.2, 0.5, 1.0, 1.0, 2.0, 2.0)
    with make(sqlite_url, "socket", tmp_path, ack_within=1.0, retry_after=again) as made:
        made.expected.unacked.add("events_api")
        yield from checked(made)


def test_a_disconnect_while_handlers_run_loses_nothing(lively: Arena) -> None:
    lively.bot()
    lively.declare()
    channel = lively.channel()
    for number in range(60):
        lively.workspace.say(f"fact {number}", channel)
        if number % 20 == 10:
            lively.workspace.faults({"socket": "disconnect"})
    all_recorded(lively, 60)
    declared_once(lively.workspace)


@pytest.mark.parametrize("trouble", ["silence", "no_pong"])
def test_a_dead_socket_is_replaced_and_nothing_is_lost(lively: Arena, trouble: str) -> None:
    lively.bot(silence_limit=1.0)
    lively.declare()
    channel = lively.channel()
    lively.settle()
    before = len(lively.workspace.calls("apps.connections.open"))
    lively.workspace.faults({"socket": trouble, "seconds": 4.0})
    for number in range(5):
        lively.workspace.say(f"fact {number}", channel)
    all_recorded(lively, 5)
    if trouble == "silence":
        assert len(lively.workspace.calls("apps.connections.open")) > before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_edits_and_deletions_out_of_order_end_in_the_final_state(arena: Arena, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - which order is tried, no secret
    arena.bot()
    arena.declare()
    channel, slack = arena.channel(), arena.workspace
    slack.faults(
        {"envelope": "events_api", "effect": "reorder", "every": 2},
        {"envelope": "events_api", "effect": "duplicate", "every": 3, "new_ids": True},
    )
    left = 0
    for number in range(12):
        ts = slack.say(f"first {number}", channel)
        slack.post("edit-message", channel=channel, ts=ts, user="ana", text=f"second {number}")
        if chance.random() < 0.4:
            slack.post("delete-message", channel=channel, ts=ts, user="ana")
        else:
            left += 1
    slack.faults()
    arena.settle()
    wanted = [f"second {number}" for number in range(12)]
    eventually(lambda: len([text for text in texts(arena) if text in wanted]) == left)

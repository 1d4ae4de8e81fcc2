"""The bot is down for longer than Slack redelivers; what was written, edited and marked meanwhile is fetched.

Promised for the channels of open incidents: messages since the last one seen, replies in threads, edits and
📌 reactions, also on what was known before, each once. (Shortened: Slack doesn't redeliver here, as it would
for about six minutes; so the ten minutes are as long as the test's own steps.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import checked
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.bots import Mode
from tests.support.people import eventually


def without_redelivery(url: str, mode: Mode, folder: Path) -> Iterator[Arena]:
    """A workspace whose Slack gives up at once."""
    with make(url, mode, folder, retry_after=()) as made:
        made.expected.unacked.add("events_api")
        yield from checked(made)


@pytest.fixture
def away_small(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    yield from without_redelivery(sqlite_url, "socket", tmp_path)


@pytest.fixture
def away_large(postgresql_url: str, tmp_path: Path) -> Iterator[Arena]:
    yield from without_redelivery(postgresql_url, "http", tmp_path)


@pytest.fixture(params=["small", "large"])
def away(request: pytest.FixtureRequest) -> Arena:
    made: Arena = request.getfixturevalue(f"away_{request.param}")
    return made


def keys(arena: Arena) -> set[str]:
    """The texts of all key events."""
    query = (
        "SELECT e.text FROM timeline_entries e JOIN key_marks k"
        " ON k.channel_id = e.channel_id AND k.ts = e.ts WHERE k.present AND e.kind = 'message'"
    )
    return {row.text for row in arena.rows(query)}


def texts(arena: Arena) -> list[str]:
    """Every message in the timeline."""
    query = "SELECT text FROM timeline_entries WHERE kind = 'message' ORDER BY at, id"
    return [row.text for row in arena.rows(query)]


def test_messages_edits_and_marks_made_meanwhile_are_recorded_once(away: Arena) -> None:
    first = away.bot()
    away.declare()
    channel, slack = away.channel(), away.workspace
    known = slack.say("known", channel)
    marked = slack.say("marked before", channel)
    thread = slack.say("a thread begins", channel)
    slack.post("reaction", channel=channel, ts=marked, user="ana", name="pushpin")
    eventually(lambda: keys(away) == {"marked before"})
    eventually(lambda: len(texts(away)) == 3)
    away.settle()
    away.stop(first)

    slack.post("edit-message", channel=channel, ts=known, user="ana", text="known, and edited")
    slack.post("reaction", channel=channel, ts=marked, user="ana", name="pushpin", present=False)
    slack.post("reaction", channel=channel, ts=known, user="ana", name="pushpin")
    missed = slack.say("missed", channel)
    slack.post("edit-message", channel=channel, ts=missed, user="ana", text="missed, and edited")
    reply = slack.say("a missed reply", channel, thread_ts=thread)
    slack.post("reaction", channel=channel, ts=reply, user="ana", name="pushpin")
    for number in range(30):
        slack.say(f"missed {number}", channel)

    away.bot()
    eventually(lambda: len(texts(away)) == 35)
    away.settle()
    assert {"known, and edited", "missed, and edited", "a missed reply"} <= set(texts(away))
    assert keys(away) == {"known, and edited", "a missed reply"}
    away.stop_all()
    away.bot()
    away.settle()


def test_messages_written_before_the_bot_knows_the_new_channel_are_recorded(away: Arena) -> None:
    away.bot()
    away.expected.codes.add("name_taken")
    away.workspace.faults(
        {"method": "conversations.create", "channel": "inc-1-database-is-slow", "effect": "hang_after"}
    )
    away.declare()
    slack = away.workspace
    name = eventually(lambda: next(iter(slack.incident_channels()), None))
    slack.post("join", channel=name, user="ben")
    slack.say("who is here?", name, user="ben")
    away.settle_deliveries()
    slack.faults()
    eventually(lambda: texts(away) == ["who is here?"], 20)


def test_what_a_silent_socket_missed_is_caught_up_with_too(away_small: Arena) -> None:
    away_small.bot(silence_limit=2.0)
    away_small.declare()
    channel = away_small.channel()
    away_small.settle()
    away_small.workspace.faults({"socket": "silence"})
    away_small.workspace.say("into the silence", channel)
    eventually(lambda: texts(away_small) == ["into the silence"], 20)
    away_small.workspace.faults()

"""What the bench fills in by SQL equals what its fake Slack shows; else there would be new messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.domain.incidents.timeline import PostedMessage, time_of
from bot.domain.messages.slack_messages import posted_message
from storage import timeline_reads
from storage.database import Database
from tests.bench.restart import count_writes
from tests.support.histories import ANSWERS, History
from tests.support.places import Place, fill_incidents, fill_timeline

HISTORY = History(1_767_000_000, 25, threads=3, replies=2)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    found = Place(request.getfixturevalue(f"{request.param}_url"))
    yield found
    found.close()


def served(channel: str) -> list[PostedMessage]:
    """Every message of the channel that the fake Slack shows, in small pages."""
    known, found = {channel: HISTORY}, list[PostedMessage]()
    cursor = "0"
    while cursor:
        page = ANSWERS["conversations.history"](known, {"channel": channel, "limit": "7", "cursor": cursor})
        found += [posted_message(each, channel) for each in page["messages"]]
        cursor = page["response_metadata"]["next_cursor"]
        for each in page["messages"]:
            thread = ANSWERS["conversations.replies"](known, {"channel": channel, "ts": each["ts"]})
            found += [posted_message(reply, channel) for reply in thread["messages"][1:]]
    return found


def test_the_filled_in_rows_match_what_the_fake_slack_shows(place: Place) -> None:
    fill_incidents(place, 2)
    fill_timeline(place, 2, HISTORY.begin, HISTORY.count, HISTORY.threads, HISTORY.replies)
    for number, channel in ((1, "C1"), (2, "C2")):
        with closing(Database(place.url)) as database:
            entries = database.run(lambda tx: timeline_reads.find(tx, number, everything=True))  # noqa: B023 - run at once
        shown = served(channel)
        assert len(shown) == HISTORY.count + HISTORY.threads * HISTORY.replies
        by_ts = {each.ts: each for each in shown}
        assert {each.ts for each in entries} == by_ts.keys()
        for each in entries:
            theirs = by_ts[str(each.ts)]
            assert (each.text, each.by, each.at) == (theirs.text, theirs.user_id, time_of(theirs.ts))


def test_a_page_shows_only_messages_newer_than_requested() -> None:
    newest = HISTORY.parent(HISTORY.count)["ts"]
    asked = {"channel": "C1", "oldest": HISTORY.parent(HISTORY.count - 1)["ts"]}
    page = ANSWERS["conversations.history"]({"C1": HISTORY}, asked)
    assert [each["ts"] for each in page["messages"]] == [newest]


def test_every_write_to_the_timeline_is_counted(place: Place) -> None:
    fill_incidents(place, 1)
    count_writes(place)
    fill_timeline(place, 1, HISTORY.begin, HISTORY.count, 0, 0)
    place.run("UPDATE timeline_entries SET is_seen = true")
    assert place.one("SELECT count(*) FROM bench_writes") == 2 * HISTORY.count

"""What is old is purged in small batches; what somebody may still need stays, however old it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from bot.codec import answer_to_json, effect_from_json
from bot.domain.outbox.effects import EFFECTS, SendAnswer
from bot.domain.surface.answers import Offers, Sentence
from storage import calendar, handled_requests, messages, retention
from storage.database import Database
from storage.tables import inbound, metadata, outbox
from tests.support.examples import NOW
from tests.support.rows import (
    add,
    an_incident,
    claim,
    finish,
    give_up,
    purge,
    refresh,
    row,
    states,
    try_later,
)

LATER = NOW + timedelta(days=400)
STAYING = {"SendExport", "PublishHome"}
"""Of these the last row stays: it is known who was shown what, if an incident becomes private."""


def done(
    tx: Connection,
    key: str,
    kind: str = "SendDigest",
    lane: str = "",
    at: datetime = NOW,
    payload: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    values = {"kind": kind, "key": key, "lane": lane or key, "created_at": at, "not_before": at}
    fixed = {"payload": dict(payload), "is_refresh": False, "state": "done", "attempts": 1}
    tx.execute(insert(outbox).values(**values, **fixed, look_first=True, finished_at=at))


def handled(database: Database) -> list[str]:
    return sorted(database.run(lambda tx: list(tx.execute(select(inbound.c.key)).scalars())))


def test_every_kind_of_effect_is_purged_once_it_is_done_and_old(database: Database) -> None:
    for kind in EFFECTS:
        database.run(partial(done, key=f"answer/{kind}", kind=kind))
    purge(database, NOW)
    assert len(states(database)) == len(EFFECTS), "none of them is old yet"
    purge(database, LATER)
    assert set(states(database)) == {f"answer/{kind}" for kind in STAYING}


def test_every_request_is_purged_once_it_is_old(database: Database) -> None:
    kinds = ("click/ANA/1.0/2.0", "V123", "shortcut/t1", "Ev9", "V123/hash", "action/3")
    for key in kinds:
        database.run(partial(handled_requests.first_time, key=key, now=NOW))
    purge(database, NOW)
    assert handled(database) == sorted(kinds)
    purge(database, LATER)
    assert handled(database) == []


def test_a_request_that_created_something_and_a_mention_are_known_forever(database: Database) -> None:
    """A message can be marked, and a mention be edited, years later."""
    number = an_incident(database)
    results = sorted({column.name for column in inbound.columns} - {"key", "received_at"})
    for column in results:
        made = insert(inbound).values(key=f"made/{column}", received_at=NOW, **{column: number})
        database.run(lambda tx, made=made: tx.execute(made))  # type: ignore[misc]
    database.run(partial(handled_requests.first_time, key="mention/C1/1.0", now=NOW))
    purge(database, LATER)
    assert handled(database) == [*(f"made/{column}" for column in results), "mention/C1/1.0"]


def test_a_row_stays_as_long_as_anything_in_its_lane_is_not_settled(database: Database) -> None:
    """It may have posted without our knowing: the next one in its lane has to look first."""
    add(database, refresh("card/1", "card"))
    first = claim(database)["card/1"]
    add(database, refresh("card/2", "card"))
    try_later(database, first, look_first=True)
    assert states(database) == {"card/1": "done", "card/2": "waiting"}
    purge(database, LATER)
    second = claim(database)["card/2"]
    assert second.look_first
    purge(database, LATER)
    assert set(states(database)) == {"card/1", "card/2"}, "nor while it runs"
    give_up(database, second)
    purge(database, LATER)
    assert set(states(database)) == {"card/1", "card/2"}, "nor once it is given up: it may be retried"


def test_what_waits_or_was_given_up_is_never_purged(database: Database) -> None:
    add(database, row("waiting"), row("dead"), row("running"))
    held = claim(database)
    give_up(database, held["dead"])
    try_later(database, held["waiting"])
    purge(database, LATER)
    assert states(database) == {"waiting": "waiting", "dead": "dead", "running": "running"}


def test_a_row_whose_needed_row_was_purged_still_runs(database: Database) -> None:
    database.run(partial(done, key="channel"))
    purge(database, LATER)
    assert states(database) == {}
    add(database, row("topic", needs="channel"))
    assert set(claim(database)) == {"topic"}


def test_an_answer_stays_only_if_it_was_a_message_or_may_be_planned_again(database: Database) -> None:
    for key in ("answer/V1", "answer/V2", "answer/mention/C1/1.0", "whys/deep/WHY-1/ANA"):
        database.run(partial(done, key=key, kind="SendAnswer"))
    database.run(partial(messages.save, key="answer/V2", channel_id="D1", ts="1.0"))
    purge(database, LATER)
    assert set(states(database)) == {"answer/V2", "answer/mention/C1/1.0", "whys/deep/WHY-1/ANA"}


def test_an_answer_that_only_stays_to_be_known_loses_its_words(
    database: Database,
) -> None:
    """It may quote a message whose text has been removed."""
    answer = answer_to_json(Offers("Did you mean “update”?", {"update The disk": "update The disk is full"}))
    keys = ("answer/mention/C1/1.0", "answer/mention/C1/2.0", "whys/deep/WHY-1/ANA")
    said = {"user_id": "ANA", "channel_id": "C1", "thread_ts": None, "answer": answer}
    for key in keys:
        database.run(partial(done, key=key, kind="SendAnswer", payload=said))
    # A direct message: what it said is compared if an incident becomes private.
    database.run(partial(messages.save, key=keys[1], channel_id="D1", ts="1.0"))

    def payloads() -> dict[str, Mapping[str, Any]]:
        rows = database.run(lambda tx: tx.execute(select(outbox.c.key, outbox.c.payload)).all())
        return {each.key: each.payload for each in rows}

    purge(database, NOW)
    assert payloads() == dict.fromkeys(keys, said), "none of them is old yet"
    silent = {**said, "answer": answer_to_json(Sentence(""))}
    for _ in range(2):
        purge(database, LATER)
        assert payloads() == {keys[0]: silent, keys[1]: said, keys[2]: silent}
    assert isinstance(effect_from_json("SendAnswer", silent), SendAnswer)


def test_only_the_last_time_that_somebody_saw_their_home_stays(database: Database) -> None:
    for number in range(5):
        for person in ("ANA", "BEN"):
            key = f"home/{person}/{number}"
            database.run(partial(done, key=key, kind="PublishHome", lane=f"home/{person}"))
    purge(database, LATER)
    assert set(states(database)) == {"home/ANA/4", "home/BEN/4"}


def test_the_age_counts_from_when_a_row_was_done(database: Database) -> None:
    add(database, row("slow", effect=None, lane="x"))
    database.run(partial(done, key="quick"))
    finish(database, claim(database)["slow"], now=NOW + timedelta(days=5))
    database.run(lambda tx: tx.execute(outbox.update().values(kind="SendDigest")))
    purge(database, NOW + timedelta(days=4))
    assert set(states(database)) == {"slow"}


@pytest.fixture
def heap(database: Database) -> Database:
    """Much that is old, among it what stays, and a little that isn't old."""
    for number in range(120):
        at = NOW + timedelta(minutes=number)
        kind = "SendExport" if number % 10 == 0 else "SendDigest"
        database.run(partial(done, key=f"row/{number}", kind=kind, at=at))
        database.run(partial(handled_requests.first_time, key=f"click/{number}", now=at))
    return database


def test_a_pass_takes_small_batches_and_ends_where_nothing_is_old(heap: Database) -> None:
    batches = purge(heap, NOW + timedelta(minutes=100), limit=10)
    assert batches == 2 * 11
    assert len(handled(heap)) == 20
    assert len(states(heap)) == 20 + 10


def test_a_pass_that_was_killed_is_resumed_by_the_next_one(heap: Database) -> None:
    before = NOW + timedelta(minutes=100)
    at: retention.Position | None = retention.Position()
    for _ in range(5):
        assert at is not None
        at = heap.run(partial(retention.purge, at=at, before=before, limit=10))
    assert at is not None
    with heap.engine.connect() as killed:
        retention.purge(killed, at, before, 10)
    assert len(states(heap)) == 120 - 50 + 5, "what was committed is gone, the rest is there"
    purge(heap, before, limit=10)
    assert (len(states(heap)), len(handled(heap))) == (30, 20)


def test_rows_stored_at_the_same_instant_are_all_seen(database: Database) -> None:
    for number in range(25):
        database.run(partial(handled_requests.first_time, key=f"click/{number}", now=NOW))
    purge(database, LATER, limit=4)
    assert handled(database) == []


def test_every_table_that_only_grows_has_a_rule_or_is_kept_for_a_reason() -> None:
    kept_for_good = {
        "what people wrote and decided": {
            *("incidents", "timeline_entries", "key_marks", "action_items", "five_whys_analyses", "whys"),
            *("postmortems", "postmortem_revisions", "postmortem_duties", "meetings", "time_blocks"),
            *("incident_members", "incident_roles", "source_messages", "updates", "subscriptions"),
            *("pages", "page_people"),
            *("checklists", "checklist_lines"),
        },
        "where the bot's messages are": {"messages"},
        "which reminders were sent, and in which message": {"reminders", "gathered"},
        "one row for each person in an incident": {"attendance"},
        "one row for each person, channel, calendar or setting": {
            *("people", "names", "digests", "calendar_syncs", "workspace"),
            *("user_groups", "group_members", "projects"),
        },
    }
    purged = {rule.begun.table.name for rule in retention.RULES}
    everything = purged.union(*kept_for_good.values())
    for name in metadata.tables:
        assert name in everything, f"{name} needs a rule in storage/retention.py, or a place in this table"
    assert everything == set(metadata.tables), "no table is left over"


def test_each_rule_follows_an_index_to_the_primary_key() -> None:
    """Otherwise a batch would read the whole table."""
    for rule in retention.RULES:
        first = rule.order[0]
        indexed = {index.columns[0].name for index in first.table.indexes}
        assert first.name in indexed or first.primary_key
        assert [rule.order[-1]] == list(first.table.primary_key)


def test_a_calendar_of_which_millions_of_polls_are_left_is_still_polled(database: Database) -> None:
    """A poll deletes a few of the earlier ones, in a moment; the purge deletes the rest."""
    for number in range(150):
        database.run(partial(done, key=f"calendar/sync/{number}", kind="SyncCalendar", lane="calendar/sync"))
    database.run(partial(calendar.forget_reads, lane="calendar/sync"))
    assert len(states(database)) == 50
    purge(database, LATER)
    assert states(database) == {}

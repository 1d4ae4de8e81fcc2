"""A full outbox: the cost of a claim depends on the rows it takes, not on the size of the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Connection, event, text

from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import START
from storage import claims, outbox, outbox_reads, polling, privacy
from storage.database import Database
from tests.support.examples import NOW
from tests.support.rows import add, claim, end_leases, finish, give_up, refresh, row, states, try_later

DONE, DUE = 200_000, 1_000

_ROW = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, state, attempts, look_first, not_before,"
    " created_at, finished_at, queue)"
    ' SELECT \'SendDigest\', \'{"user_id": "U1", "week": "2026-W01"}\', :name || n,'
    " :lane || (n % :lanes), false,"
    " :state, 1, false, :now, :now, :finished, 'background' FROM "
)
_NUMBERS = {
    "postgresql": "generate_series(1, :count) AS n",
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :count)"
    " SELECT n FROM s)",
}


def fill(tx: Connection, name: str, state: str, count: int, lanes: int) -> None:
    """Add that many rows in one state, spread over that many lanes."""
    moment = NOW if tx.dialect.name == "postgresql" else NOW.strftime("%Y-%m-%d %H:%M:%S.%f")
    statement = text(_ROW + _NUMBERS[tx.dialect.name])
    finished = moment if state == "done" else None
    values = {"name": name, "lane": f"{name}/", "lanes": lanes, "count": count, "state": state}
    tx.execute(statement, {**values, "now": moment, "finished": finished})


@pytest.fixture(params=["empty", "done"])
def misled(request: pytest.FixtureRequest, database: Database) -> Iterator[Database]:
    """A full outbox whose planner trusts what ANALYZE last saw: no rows at all, or only done ones."""
    is_postgresql = database.engine.dialect.name == "postgresql"
    with database.engine.begin() as connection:
        if is_postgresql:
            connection.execute(text("ALTER TABLE outbox SET (autovacuum_enabled = false)"))
            connection.execute(text("TRUNCATE outbox"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        if is_postgresql and request.param == "empty":
            connection.execute(text("ANALYZE outbox"))
        fill(connection, "old", "done", DONE, DONE)
        if is_postgresql and request.param == "done":
            connection.execute(text("ANALYZE outbox"))
    yield database
    if is_postgresql:
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE outbox RESET (autovacuum_enabled)"))
            connection.execute(text("TRUNCATE outbox"))


@pytest.mark.parametrize("lanes", [DUE, 1, 30])
def test_a_thousand_due_rows_among_very_many_done_ones_are_claimed(misled: Database, lanes: int) -> None:
    with misled.engine.begin() as connection:
        fill(connection, "due", "waiting", DUE, lanes)
    held = claim(misled, limit=12)
    assert len(held) == min(12, lanes)
    assert all(finish(misled, each) for each in held.values())
    assert len(claim(misled, limit=DUE)) == (DUE - 12 if lanes == DUE else lanes)


def test_a_row_behind_thousands_of_unclaimable_ones_is_found_step_by_step(database: Database) -> None:
    blocked = 3 * 10 * polling.PAGE
    with database.engine.begin() as connection:
        fill(connection, "line", "waiting", blocked, 1)
    [head] = claim(database).values()
    add(database, row("free", effect=head.effect))
    looker, room = polling.Looker("worker", NOW, [head.id]), {Queue.BACKGROUND: 5}
    after, looks = {Queue.BACKGROUND: START}, 0
    while True:
        found = database.read(partial(polling.look, looker=looker, room=room, after=after))
        after, looks = dict(found.after), looks + 1
        if found.ids:
            break
        assert looks < 10
    [free], _unreadable = database.run(partial(claims.claim, looker=looker, ids=found.ids, room=room))
    assert free.key == "free"
    assert looks > 1, "a single look would grow with the line"


def test_each_queue_has_its_own_room_whatever_waits_in_another(database: Database) -> None:
    with database.engine.begin() as connection:
        fill(connection, "due", "waiting", 5 * polling.PAGE, 5 * polling.PAGE)
    add(database, row("home"))
    looker = polling.Looker("worker", NOW)
    room = {Queue.ANSWERS: 4, Queue.BACKGROUND: 3}
    found = database.read(partial(polling.look, looker=looker, room=room))
    taken, _unreadable = database.run(partial(claims.claim, looker=looker, ids=found.ids, room=room))
    assert [each.queue for each in taken].count(Queue.BACKGROUND) == 3
    assert [each.key for each in taken if each.queue is Queue.ANSWERS] == ["home"]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("PublishHome", '{"user_id": "U1", "since": 3}'),
        ("PublishHome", "{}"),
        ("PublishHome", "[]"),
        ("PublishHome", "null"),
    ],
)
def test_an_unreadable_row_is_given_up_and_stops_no_other(
    database: Database, kind: str, payload: str
) -> None:
    add(database, row("odd"), row("good"))
    with database.engine.begin() as connection:
        changed = text("UPDATE outbox SET kind = :kind, payload = :payload WHERE key = 'odd'")
        connection.execute(changed, {"kind": kind, "payload": payload})
    assert set(claim(database)) == {"good"}
    assert states(database) == {"odd": "dead", "good": "running"}
    assert not claim(database), "one look is enough"


def test_a_kind_that_only_a_newer_version_knows_waits_for_that_version(database: Database) -> None:
    add(database, row("new"), row("good"))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET kind = 'SendPigeon' WHERE key = 'new'"))
    assert set(claim(database)) == {"good"}
    assert states(database)["new"] == "waiting"
    newer = polling.Looker("", NOW)
    assert database.read(partial(polling.oldest_due, looker=newer, queues=list(Queue))) is None


def test_a_refresh_that_replaces_a_newer_one_starts_over(database: Database) -> None:
    """Otherwise it would continue after the place that the newer one is about."""
    add(database, refresh("history/1", "history"))
    held = claim(database)["history/1"]
    database.run(partial(outbox.keep_progress, row=held, progress={"cursor": "3"}))
    try_later(database, held)
    assert claim(database)["history/1"].progress == {"cursor": "3"}
    try_later(database, replace(held, attempt=2))
    add(database, refresh("history/2", "history"))
    assert states(database) == {"history/1": "waiting"}
    assert claim(database)["history/1"].progress is None


def test_a_row_retried_by_hand_starts_over(database: Database) -> None:
    add(database, row("list"))
    held = claim(database)["list"]
    database.run(partial(outbox.keep_progress, row=held, progress={"cursor": "gone"}))
    give_up(database, held)
    database.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=None))
    assert claim(database)["list"].progress is None


def test_listing_stuck_rows_uses_an_index_however_much_is_done(database: Database) -> None:
    statements: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        statements.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    database.read(partial(outbox_reads.dead, viewer=SYSTEM))
    database.read(partial(outbox_reads.overdue, before=NOW, viewer=SYSTEM))
    database.read(outbox_reads.depths)
    database.read(partial(privacy.homes_since, since=NOW))
    event.remove(database.engine, "before_cursor_execute", note)
    if database.engine.dialect.name == "sqlite":
        with database.engine.connect() as connection:
            for statement, values in [each for each in statements if each[0].startswith("SELECT")]:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
                steps = [each[3] for each in plan if "outbox" in each[3]]
                assert all("ix_outbox_" in each for each in steps), (statement, steps)


def test_a_row_in_a_queue_that_only_a_newer_version_knows_waits_for_that_version(database: Database) -> None:
    add(database, row("new"), row("left"), row("good"))
    held = claim(database, owner="newer")
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET queue = 'pigeons' WHERE key <> 'good'"))
    end_leases(database)
    assert set(claim(database, owner="older")) == {"good"}
    assert len(held) == 3

"""During a rolling deploy, a replica of revision 0006 and one of today work on the same outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, text

from bot.domain.outbox.effects import PublishHome
from bot.domain.outbox.rows import Planned
from storage import outbox, polling
from storage.database import Database
from tests.support.people import eventually
from tests.support.revisions import upgrade
from tests.support.rows import look_and_claim, purge

LANES, EACH, LEASE = 12, 8, timedelta(minutes=1)
OLD_PLAN = (
    "INSERT INTO outbox (kind, payload, key, lane, needs, is_refresh, state, attempts, look_first,"
    """ not_before, created_at) VALUES ('PublishHome', '{"user_id": "U1"}', :key, :lane, :needs, false,"""
    " 'waiting', 0, false, :now, :now)"
)
OLD_LOCK = "SELECT pg_advisory_xact_lock(727002)"
OLD_CLAIM = """
UPDATE outbox SET state = 'running', owner = 'old', lease_until = :until, attempts = attempts + 1,
    look_first = true
WHERE id IN (
    SELECT id FROM outbox
    WHERE (state = 'waiting' AND not_before <= :now
        OR state = 'running' AND (lease_until IS NULL OR lease_until <= :now AND owner <> 'old'))
    AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.lane = outbox.lane
        AND (outbox.state = 'waiting' AND other.state = 'waiting' AND other.id < outbox.id
            OR other.state = 'running' AND other.id <> outbox.id))
    AND (needs IS NULL
        OR EXISTS (SELECT 1 FROM outbox AS needed WHERE needed.key = outbox.needs AND needed.state = 'done'))
    ORDER BY not_before, id LIMIT 3 FOR UPDATE OF outbox SKIP LOCKED
) RETURNING id, key, lane, attempts
"""
OLD_FINISH = (
    "UPDATE outbox SET state = 'done', finished_at = :now, lease_until = NULL"
    " WHERE id = :id AND state = 'running' AND owner = 'old' AND attempts = :attempts"
)


def now() -> datetime:
    return datetime.now(UTC)


def needs_of(lane: str, number: int) -> str | None:
    """The first row of each lane needs the last one of the lane before."""
    before = int(lane.rpartition("/")[2]) - 1
    return f"{lane.rpartition('/')[0]}/{before}/{EACH - 1}" if number == 0 and before >= 0 else None


def plan_as_before(tx: Connection, lane: str) -> None:
    for number in range(EACH):
        values = {"key": f"{lane}/{number}", "lane": lane, "needs": needs_of(lane, number), "now": now()}
        tx.execute(text(OLD_PLAN), values)


def plan_as_today(tx: Connection, lane: str) -> None:
    rows = [
        Planned(PublishHome("U1"), f"{lane}/{number}", lane, needs_of(lane, number)) for number in range(EACH)
    ]
    outbox.add(tx, rows, now())


def claim_as_before(tx: Connection) -> list[Row[Any]]:
    tx.execute(text(OLD_LOCK))
    return sorted(tx.execute(text(OLD_CLAIM), {"now": now(), "until": now() + LEASE}), key=lambda row: row.id)


def work_as_before(database: Database, perform: Callable[[str], None]) -> None:
    for row in database.run(claim_as_before):
        perform(row.key)
        done = {"now": now(), "id": row.id, "attempts": row.attempts}
        database.run(lambda tx, done=done: tx.execute(text(OLD_FINISH), done))  # type: ignore[misc]


def work_as_today(database: Database, perform: Callable[[str], None]) -> None:
    claiming = partial(look_and_claim, looker=polling.Looker("new", now()), limit=2)
    for row in database.run(claiming):
        perform(row.key)
        assert database.run(partial(outbox.finish, row=row, now=now()))
    # Here everything is purged at once, as far as it may be.
    purge(database, now() + timedelta(days=1))


@contextmanager
def again_and_again(*works: Callable[[], None]) -> Iterator[None]:
    """Each in its own thread until the block ends. Raises what any of them raised."""
    enough = threading.Event()

    def repeat(work: Callable[[], None]) -> None:
        while not enough.is_set():
            work()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(repeat, work) for work in works]
        try:
            yield
        finally:
            enough.set()
        for each in running:
            each.result()


def test_nothing_is_lost_repeated_or_out_of_order(postgresql_url: str) -> None:
    before, today, performed = Database(postgresql_url), Database(postgresql_url), list[tuple[str, str]]()
    upgrade(before, "0006")
    for lane in range(LANES):
        before.run(partial(plan_as_before, lane=f"first/{lane}"))
    with again_and_again(partial(work_as_before, before, lambda key: performed.append((key, "old")))):
        today.migrate()
        with again_and_again(partial(work_as_today, today, lambda key: performed.append((key, "new")))):
            for lane in range(LANES):
                before.run(partial(plan_as_before, lane=f"old/{lane}"))
                today.run(partial(plan_as_today, lane=f"new/{lane}"))
            eventually(lambda: len(performed) >= 3 * LANES * EACH, 60)
    for who in ("first", "old", "new"):
        in_order = [f"{who}/{lane}/{number}" for lane in range(LANES) for number in range(EACH)]
        assert [key for key, _ in performed if key.startswith(who)] == in_order
    assert {by for _, by in performed} == {"old", "new"}
    before.close()
    today.close()

"""Heaps: five million rows that are done, and five thousand that are due at once, each in a lane of its own.

On PostgreSQL, with autovacuum off, the planner's statistics are stale in both possible ways: taken while the
table was empty, and taken while all of its rows were done.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from bot.domain.kit.errors import NotSaved
from bot.domain.outbox.queues import Queue
from bot.operations.outbox import Outbox
from storage.database import Database
from tests.support.heaps import _COLUMNS, UNWATCHED, fill_done
from tests.support.measures import Figure
from tests.support.places import BOTH, UNFINISHED, Place, bot, fill_incidents, goal
from tests.support.slackish import Call, Slackish

DONE, DUE, FEW = 5_000_000, 5_000, 1_000
CLAIMS = 20
ROOM = {Queue.PEOPLE: 12, Queue.BACKGROUND: 3}
WARM = 100
"""Posts that don't count towards a rate: until then the bot is still starting."""
LIMIT_SECONDS = 150
SLOWEST_CLAIM, SHARE = 0.05, 0.8


def heap(server: Slackish, _rounds: int) -> list[Figure]:
    """How long a claim takes, and how fast due rows are performed in a table full of done ones; one round."""
    return [line for engine, fresh in BOTH for line in _of(server, engine, fresh)]


def _of(server: Slackish, engine: str, fresh: Any) -> Iterator[Figure]:
    with fresh() as place:
        _prepare(place, FEW)
        _fall_due(place, FEW)
        alone = _rate(server, place, FEW)
    with fresh() as place:
        _prepare(place, DUE)
        fill_done(place, DONE, lanes=DUE)
        _fall_due(place, DUE)
        times = _claims(place)
        place.run("DELETE FROM outbox WHERE state = 'waiting'")
        _take_statistics(place)
        _fall_due(place, DUE)
        slowest = max(*times, *_claims(place))
        beside = _rate(server, place, DUE)
        left = place.one(f"SELECT count(*) FROM outbox WHERE {UNFINISHED} AND kind = 'SendDigest'")
    name = f"{DUE:,} rows due next to {DONE:,} done, {engine}"
    told = "given up by the database" if slowest == float("inf") else f"{1000 * slowest:.1f} ms"
    yield goal(f"{name}: slowest claim", told, "≤ 50 ms", is_met=slowest <= SLOWEST_CLAIM)
    is_met = beside >= SHARE * alone and not left
    ours = f"{beside:.0f}/s" if not left else f"{beside:.0f}/s, {left:,} left after {LIMIT_SECONDS} s"
    yield goal(f"{name}: done", ours, f"≥ {SHARE}x", is_met=is_met, beside=f"{alone:.0f}/s in an empty table")


def _prepare(place: Place, people: int) -> None:
    """Add people with something to do each, and an empty outbox whose statistics nobody will update."""
    if not place.is_sqlite:
        place.run(*UNWATCHED)
    _take_statistics(place)
    fill_incidents(place, 1, "closed")
    now = int(datetime.now(UTC).timestamp())
    at, numbers = place.time(str(now - 60)), place.numbers(people)
    place.run(
        "INSERT INTO people (id, name, tz, is_bot, is_deleted, is_guest, is_stranger, is_admin, changed_at,"
        " updated_at) SELECT 'U' || (10000 + n), 'p' || n, 'UTC', false, false, false, false, false, 1,"
        f" {at} FROM {numbers}",
        "INSERT INTO action_items (incident_id, title, description, assigned_to, status, priority,"
        " created_by, created_at, updated_at, assigned_at, planned_after, metadata)"
        " SELECT 1, 'Thing ' || n, '', 'U' || (10000 + n), 'open', 'medium', 'U1',"
        f" {at}, {at}, {at}, {at}, {place.json(repr('{}'))} FROM {numbers}",
    )


def _take_statistics(place: Place) -> None:
    # SQLite's planner has no statistics that could mislead it: nobody ever runs ANALYZE there.
    if not place.is_sqlite:
        place.run("ANALYZE outbox")


def _fall_due(place: Place, count: int) -> None:
    at = place.time(str(int(datetime.now(UTC).timestamp()) - 60))
    payload = place.json("""'{"user_id": "U' || (10000 + n) || '", "week": "2026-01-05"}'""")
    place.run(
        f"{_COLUMNS} SELECT 'SendDigest', {payload}, 'due/' || n, 'digest/U' || (10000 + n), false,"
        f" 'waiting', 0, false, {at}, {at}, NULL, 'background' FROM {place.numbers(count)}"
    )


def _claims(place: Place) -> list[float]:
    """Seconds for each look and claim, done as the worker does it; the rows are the same afterwards."""
    database = Database(place.url)
    outbox, held = Outbox(database, lambda: datetime.now(UTC)), list[int]()
    times = []
    try:
        for _ in range(CLAIMS):
            started = perf_counter()
            found = outbox.look("bench", held, ROOM)
            held += [row.id for row in outbox.claim("bench", found.ids, held, ROOM)]
            times.append(perf_counter() - started)
    except NotSaved:
        times.append(float("inf"))
    database.close()
    place.run(
        "UPDATE outbox SET state = 'waiting', attempts = 0, look_first = false, owner = NULL,"
        " lease_until = NULL WHERE state = 'running'"
    )
    return times


def _rate(server: Slackish, place: Place, count: int) -> float:
    """Posts per second of a bot started on these rows, until all are done or it takes too long."""
    with bot(server, place):
        until = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < until and len(posts(server)) < count:
            time.sleep(0.5)
        # The outcomes of the last ones haven't been stored yet.
        time.sleep(1)
    ended = [each.ended for each in posts(server)][WARM:]
    return (len(ended) - 1) / (ended[-1] - ended[0]) if len(ended) > 1 else 0.0


def posts(server: Slackish) -> list[Call]:
    """The messages posted so far."""
    return [each for each in list(server.calls) if each.method == "chat.postMessage"]

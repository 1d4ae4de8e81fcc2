"""Restarts with much to catch up with, none of it new, while people continue to work.

The incidents and everything written in their channels are filled in by SQL. The fake Slack serves the same
messages, so anything that the bot writes while it catches up is needless. Triggers count it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from sqlalchemy.exc import DBAPIError

from tests.bench.figures import p99
from tests.support import slackish
from tests.support.histories import STEP, History
from tests.support.measures import Figure
from tests.support.places import BOTH, Place, bot, fill_incidents, fill_timeline, goal
from tests.support.slackish import Slackish

INCIDENTS, MESSAGES, THREADS, REPLIES = 15, 5_000, 10, 5
MANY, FEWER, LIVELY = 120, 2_000, 20
"""What people wait for is measured with more incidents, fewer messages, and more threads in each."""
SLOW_CALL = 0.1
LIMIT_SECONDS = 90
SLOWEST_ACK, SOON = 0.3, 2.0
ACK_WITHIN = 3.0
"""Seconds for which Slack waits (https://docs.slack.dev/apis/events-api)."""
_COUNTED = ("timeline_entries", "key_marks")
_FAILED = ("nothing was saved", "try again", "reference")
"""What the bot says when a command fails."""
_numbers = itertools.count(1_000_000)


def restart(server: Slackish, _rounds: int) -> list[Figure]:
    """Catching up alone, catching up while people work, and what a person waits for meanwhile; once."""
    lines = list[Figure]()
    for engine, fresh in BOTH:
        lines += [*_busy(server, engine, fresh), *_waiting(server, engine, fresh)]
    server.histories = {}
    return lines


def _busy(server: Slackish, engine: str, fresh: Any) -> Iterator[Figure]:
    name = f"{INCIDENTS} open incidents of {MESSAGES:,} messages, {engine}"
    with fresh() as place:
        server.histories = _fill(place, INCIDENTS, MESSAGES, THREADS)
        count_writes(place)
        with bot(server, place):
            alone = _caught_up(place)
        written = place.one("SELECT count(*) FROM bench_writes")
        before = place.one("SELECT max(id) FROM outbox")
        with bot(server, place):
            acks, failed, beside = _work(server, place, before)
    yield goal(f"{name}: rows written for nothing", f"{written:,}", "0", is_met=not written)
    yield goal(f"{name}: commands that fail", f"{failed} of {len(acks) // 2}", "0", is_met=not failed)
    unacked = acks.count(float("inf"))
    told = f"{1000 * p99(acks):.0f} ms of {len(acks)}, {unacked} without an ack"
    yield goal(f"{name}: p99 of acks meanwhile", told, "≤ 300 ms", is_met=p99(acks) <= SLOWEST_ACK)
    ends = f"{_seconds(alone)} alone, {_seconds(beside)} meanwhile"
    yield goal(f"{name}: caught up after", ends, "it ends", is_met=beside is not None)


def _waiting(server: Slackish, engine: str, fresh: Any) -> Iterator[Figure]:
    name = f"{MANY} open incidents at {1000 * SLOW_CALL:.0f} ms a call, {engine}"
    with fresh() as place:
        server.histories = _fill(place, MANY, FEWER, LIVELY)
        with bot(server, place):
            server.delay = SLOW_CALL
            time.sleep(1)
            began = perf_counter()
            for each in (_click(), slackish.submission(next(_numbers))):
                server.ack_within(each, ACK_WITHIN)
            ends = {
                each: _ended(server, each, began) for each in ("conversations.create", "chat.postEphemeral")
            }
    for what, method in (
        ("a new channel", "conversations.create"),
        ("the answer to a click", "chat.postEphemeral"),
    ):
        took = ends[method]
        is_met = took is not None and took <= SOON
        yield goal(f"{name}: {what} after", _seconds(took), f"≤ {SOON:.0f} s", is_met=is_met)


def _fill(place: Place, incidents: int, messages: int, threads: int) -> dict[str, History]:
    """Fill the database. Return the same messages as Slack shows them, the last one written a minute ago."""
    begin = int(datetime.now(UTC).timestamp()) - 60 - STEP * messages
    fill_incidents(place, incidents)
    fill_timeline(place, incidents, begin, messages, threads, REPLIES)
    return {f"C{each}": History(begin, messages, threads, REPLIES) for each in range(1, incidents + 1)}


def count_writes(place: Place) -> None:
    """Make the table ``bench_writes``, which from now on gets a row for each write to the timeline."""
    place.run("CREATE TABLE bench_writes (what TEXT)")
    counting = "INSERT INTO bench_writes VALUES ('{}')"
    if not place.is_sqlite:
        body = f"BEGIN {counting.format('row')}; RETURN NULL; END"
        place.run(f"CREATE FUNCTION bench_count() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    for table, event in itertools.product(_COUNTED, ("INSERT", "UPDATE", "DELETE")):
        name = f"bench_{table}_{event.lower()}"
        does = (
            f"BEGIN {counting.format(table)}; END"
            if place.is_sqlite
            else "FOR EACH ROW EXECUTE FUNCTION bench_count()"
        )
        place.run(f"CREATE TRIGGER {name} AFTER {event} ON {table} {does}")


def _work(server: Slackish, place: Place, before: int) -> tuple[list[float], int, float | None]:
    """Send commands and messages until the bot has caught up: seconds to acks, failures, seconds in all."""
    acks, failed = list[float](), 0
    is_caught_up, began = _looker(place, before), perf_counter()
    while perf_counter() - began < LIMIT_SECONDS:
        number = next(_numbers)
        level = ("critical", "high", "medium", "low")[number % 4]
        command = slackish.command(number, f"severity INC-{number % INCIDENTS + 1} {level}")
        acks.append(server.ack_within(command, ACK_WITHIN))
        said = str(server.answers.get(command["envelope_id"], _FAILED[0])).lower()
        failed += any(each in said for each in _FAILED)
        acks.append(server.ack_within(_message(number), ACK_WITHIN))
        if is_caught_up():
            return acks, failed, perf_counter() - began
    return acks, failed, None


def _caught_up(place: Place) -> float | None:
    """Seconds until the bot has caught up; ``None`` if it takes too long."""
    is_caught_up, began = _looker(place, 0), perf_counter()
    while perf_counter() - began < LIMIT_SECONDS:
        if is_caught_up():
            return perf_counter() - began
        time.sleep(0.2)
    return None


def _looker(place: Place, before: int) -> Callable[[], bool]:
    """Whether catching up has begun and ended. Call it as often as you like: it looks ten times a second."""
    last = 0.0

    def look() -> bool:
        nonlocal last
        if perf_counter() - last < 0.1:
            return False
        last = perf_counter()
        states = "SELECT DISTINCT state FROM outbox WHERE id > :before AND kind LIKE 'CatchUp%'"
        with suppress(DBAPIError):
            return {row[0] for row in place.rows(states, before=before or 0)} == {"done"}
        return False

    return look


def _ended(server: Slackish, method: str, began: float) -> float | None:
    """Seconds until the first call of the method was answered; ``None`` if none was."""
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until:
        for each in list(server.calls):
            if each.method == method and each.started > began:
                return each.ended - began
        time.sleep(0.05)
    return None


def _message(number: int) -> dict[str, Any]:
    now = datetime.now(UTC).timestamp()
    made = slackish.message(number, f"C{number % INCIDENTS + 1}")
    made["payload"]["event"]["ts"] = f"{now:.6f}"
    return made


def _click() -> dict[str, Any]:
    return slackish.click("C1", "1700000000.000001", "show_timeline", "1")


def _seconds(took: float | None) -> str:
    return f"not within {LIMIT_SECONDS} s" if took is None else f"{took:.1f} s"

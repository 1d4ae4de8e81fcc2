"""The outbox with many workers at once: nothing twice, nothing out of order, no change unrendered."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import Connection

from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.rows import Claimed
from storage import outbox, polling, workspace
from storage.database import Database
from tests.support.examples import NOW
from tests.support.rows import (
    add,
    an_incident,
    claim,
    count_unfinished,
    finish,
    look_and_claim,
    refresh,
    row,
    states,
    topic_of,
    try_later,
)

THREADS = 10
STUCK_AFTER = 30.0


def at_once(count: int, work: Callable[[int], object]) -> None:
    """Run the work in that many threads that start together. Raises what any of them raises."""
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def drain(
    database: Database, number: int, perform: Callable[[Claimed], bool], until: Callable[[], bool]
) -> None:
    """Be a worker until then: claim, perform, and finish if that went well, else retry later."""
    owner, stop_at = f"worker {number}", time.monotonic() + STUCK_AFTER
    while time.monotonic() < stop_at:
        held = claim(database, owner=owner, limit=3)
        if not held and until():
            return
        for claimed in held.values():
            if perform(claimed):
                assert finish(database, claimed)
            else:
                assert try_later(database, claimed)
    raise AssertionError("the outbox does not get empty")


def is_empty(database: Database) -> bool:
    return database.run(count_unfinished) == 0


def test_ten_workers_never_claim_one_row(patient: Database) -> None:
    add(patient, *(row(str(number)) for number in range(100)))
    seen: Counter[str] = Counter()

    def perform(claimed: Claimed) -> bool:
        seen[claimed.key] += 1
        return True

    at_once(THREADS, lambda number: drain(patient, number, perform, partial(is_empty, patient)))
    assert seen == {str(number): 1 for number in range(100)}


def test_ten_workers_keep_the_order_of_every_lane_one_row_at_a_time(patient: Database) -> None:
    add(patient, *(row(f"{lane}/{place}", lane=lane) for place in range(8) for lane in "abcdefgh"))
    busy: dict[str, threading.Lock] = defaultdict(threading.Lock)
    done: dict[str, list[int]] = defaultdict(list)

    def perform(claimed: Claimed) -> bool:
        lane, place = claimed.key.split("/")
        assert busy[lane].acquire(blocking=False), "two rows of one lane at once"
        time.sleep(random.uniform(0, 0.003))  # noqa: S311 - no secret
        is_done = random.random() < 0.8  # noqa: S311 - no secret
        if is_done:
            done[lane].append(int(place))
        busy[lane].release()
        return is_done

    at_once(THREADS, lambda number: drain(patient, number, perform, partial(is_empty, patient)))
    assert done == {lane: list(range(8)) for lane in "abcdefgh"}


def test_rows_stored_by_ten_threads_at_once_are_stored_once(patient: Database) -> None:
    def store(number: int) -> None:
        for key in ("x", "y"):
            add(patient, row(key), refresh(f"{key}/{number}", f"lane {key}"), refresh("same", "same lane"))

    at_once(THREADS, store)
    kept = states(patient)
    assert Counter(key.partition("/")[0] for key in kept) == {"x": 2, "y": 2, "same": 1}


def test_no_change_stays_unrendered_while_ten_threads_change_and_claim(patient: Database) -> None:
    """Each change requests a refresh; performing one renders what is stored at that time."""
    writers, changes_each = 6, 15
    written, rendered = threading.Barrier(writers), [0]
    all_written = threading.Event()

    def change(tx: Connection) -> None:
        # Like a real change, which locks its incident: one after another, with the refresh at the end.
        tx.exec_driver_sql("UPDATE workspace SET value = value WHERE key = 'count'")
        count = int(workspace.get(tx, "count") or 0) + 1
        workspace.save(tx, "count", str(count))
        outbox.add(tx, [refresh(f"card/{count}", "card")], NOW)

    def perform(_claimed: Claimed) -> bool:
        if random.random() < 0.3:  # noqa: S311 - no secret
            return False
        found = patient.run(lambda tx: workspace.get(tx, "count"))
        rendered[0] = int(found or 0)
        return True

    def work(number: int) -> None:
        if number >= writers:
            drain(patient, number, perform, all_written.is_set)
            return
        for _ in range(changes_each):
            patient.run(change)
        written.wait()
        all_written.set()

    patient.run(lambda tx: workspace.save(tx, "count", "0"))
    at_once(THREADS, work)
    drain(patient, 0, perform, partial(is_empty, patient))
    assert rendered == [writers * changes_each]
    assert len(states(patient)) <= writers * changes_each


def test_a_row_that_was_given_up_is_retried_once_however_many_people_ask(patient: Database) -> None:
    number = an_incident(patient)
    add(patient, topic_of(number, "a"))
    patient.run(partial(outbox.give_up, row=claim(patient)["a"], code="x", now=NOW))
    revived: list[int] = []

    def retry(thread: int) -> None:
        revived.append(patient.run(partial(outbox.revive, viewer=SYSTEM, now=NOW, incident_id=number)))
        for claimed in claim(patient, owner=f"worker {thread}").values():
            finish(patient, claimed)

    at_once(THREADS, retry)
    assert sorted(revived) == [0] * (THREADS - 1) + [1]
    assert states(patient) == {"a": "done"}


class Interrupted:
    """A transaction that another thread holds open until it is allowed to commit."""

    def __init__(self, database: Database, work: Callable[[Connection], object]) -> None:
        self._has_worked, self._may_commit = threading.Event(), threading.Event()
        self._pool = ThreadPoolExecutor(1)

        def hold(tx: Connection) -> object:
            result = work(tx)
            self._has_worked.set()
            assert self._may_commit.wait(STUCK_AFTER)
            return result

        self._result = self._pool.submit(database.run, hold)

    def has_worked(self, seconds: float = STUCK_AFTER) -> bool:
        return self._has_worked.wait(seconds)

    def commit(self) -> object:
        self._may_commit.set()
        result = self._result.result(STUCK_AFTER)
        self._pool.shutdown()
        return result


def claimed_in(tx: Connection) -> list[str]:
    return [each.key for each in look_and_claim(tx, polling.Looker("other", NOW), 10)]


def test_a_changes_refresh_is_not_claimed_before_the_change_is_committed(
    postgresql: Database,
) -> None:
    add(postgresql, refresh("card/0", "card"))
    change = Interrupted(postgresql, partial(outbox.add, planned=[refresh("card/1", "card")], now=NOW))
    assert change.has_worked()
    assert not claim(postgresql), "the change isn't committed, so it would be missed"
    change.commit()
    assert set(claim(postgresql)) == {"card/0"}


def test_a_change_that_meets_a_refresh_being_claimed_gets_one_of_its_own(postgresql: Database) -> None:
    add(postgresql, refresh("card/0", "card"))
    claiming = Interrupted(postgresql, claimed_in)
    assert claiming.has_worked()
    change = Interrupted(postgresql, partial(outbox.add, planned=[refresh("card/1", "card")], now=NOW))
    assert not change.has_worked(0.2), "it waits to see what becomes of the claim"
    assert claiming.commit() == ["card/0"]
    assert change.has_worked()
    change.commit()
    assert states(postgresql) == {"card/0": "running", "card/1": "waiting"}


def test_the_second_of_two_simultaneous_changes_holds_the_firsts_refresh(postgresql: Database) -> None:
    first = Interrupted(postgresql, partial(outbox.add, planned=[refresh("card/1", "card")], now=NOW))
    assert first.has_worked()
    second = Interrupted(postgresql, partial(outbox.add, planned=[refresh("card/2", "card")], now=NOW))
    assert not second.has_worked(0.2)
    first.commit()
    assert second.has_worked()
    assert not claim(postgresql), "the second change isn't committed, so it would be missed"
    second.commit()
    assert set(claim(postgresql)) == {"card/1"}


def test_a_failed_refresh_that_meets_a_new_one_gives_way_to_it(postgresql: Database) -> None:
    add(postgresql, refresh("card/0", "card"))
    running = claim(postgresql)["card/0"]
    change = Interrupted(postgresql, partial(outbox.add, planned=[refresh("card/1", "card")], now=NOW))
    assert change.has_worked()
    failing = Interrupted(
        postgresql,
        partial(outbox.retry_later, row=running, at=NOW, code="503", look_first=False),
    )
    assert not failing.has_worked(0.2)
    change.commit()
    assert failing.has_worked()
    failing.commit()
    assert states(postgresql) == {"card/0": "done", "card/1": "waiting"}

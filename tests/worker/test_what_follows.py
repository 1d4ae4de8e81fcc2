"""What waited for a row goes out as soon as that row is done, and no row goes out twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any, get_args

import pytest

from bot.domain.outbox.effects import KINDS, Effect
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import Claimed, Found, Outcome
from bot.worker.crew import Crew
from bot.worker.loop import Worker
from bot.worker.metrics import Meter
from storage.database import Database
from tests.support.office import Office

DECLARATION = {"channel", "members", "card", "pin", "topic", "purpose", "declarer", "announcement"}
PATIENCE = 10.0


class Performed:
    """A performer for every effect; it counts."""

    def __init__(self, office: Office) -> None:
        self._office, self._lock = office, threading.Lock()
        self.keys = Counter[str]()

    def __call__(self, _effect: Effect, row: Claimed) -> Outcome:
        with self._lock:
            self.keys[row.key] += 1
        return self._office.outcome_of(row)


def working(office: Office) -> tuple[Worker, Performed]:
    performed = Performed(office)
    performers = dict.fromkeys(get_args(Effect), performed)
    return Worker(office.outbox, performers, "worker", Meter(), (), lambda _: 0.0), performed


def wait_until_done(office: Office, keys: set[str]) -> None:
    until = time.monotonic() + PATIENCE
    while any(office.rows().get(key) != "done" for key in keys):
        assert time.monotonic() < until, office.rows()
        time.sleep(0.02)


def polling_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """Let every poll but the first find nothing; the list is what they found."""
    look, polls = office.outbox.look, list[Found]()

    def look_once(*asked: Any, **more: Any) -> Found:
        polls.append(look(*asked, **more) if not polls else Found((), {}))
        return polls[-1]

    monkeypatch.setattr(office.outbox, "look", look_once)
    return polls


def test_a_declaration_needs_one_poll_for_its_whole_chain(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = polling_once(office, monkeypatch)
    ref = office.declare().ref
    worker, performed = working(office)
    worker.start()
    try:
        wait_until_done(office, {f"{ref}/{what}" for what in DECLARATION})
    finally:
        worker.stop()
    assert len(polls[0].ids) == 1, "everything else waits for the channel"
    assert set(performed.keys.values()) == {1}


def test_a_row_that_is_done_before_its_poll_ends_brings_what_waited_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls = polling_once(office, monkeypatch)
    submit = Crew.submit

    def submit_and_dawdle(crew: Crew, work: Any, row: Claimed) -> None:
        submit(crew, work, row)
        if row.id in polls[0].ids:
            time.sleep(0.3)

    monkeypatch.setattr(Crew, "submit", submit_and_dawdle)
    ref = office.declare().ref
    worker, _ = working(office)
    worker.start()
    try:
        wait_until_done(office, {f"{ref}/{what}" for what in DECLARATION})
    finally:
        worker.stop()


def test_many_declarations_go_out_once_each(office: Office, database: Database) -> None:
    refs = [office.declare(f"Incident {number}").ref for number in range(15)]
    worker, performed = working(office)
    worker.start()
    try:
        wait_until_done(office, {f"{ref}/{what}" for ref in refs for what in DECLARATION})
    finally:
        worker.stop()
    assert set(performed.keys.values()) == {1}


def test_effects_that_only_show_something_are_performed_with_peoples_requests() -> None:
    shows_only = [kind for kind, how in KINDS.items() if how.shows_only]
    assert {KINDS[kind].queue for kind in shows_only} == {Queue.PEOPLE}, "they share its threads"
    assert all("incident_id" in kind.__dataclass_fields__ for kind in shows_only)

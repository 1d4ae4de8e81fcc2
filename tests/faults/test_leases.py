"""Several replicas, one of which is slow, killed or suspended in the middle of its work.

Promised: no replica takes what another is performing, however long it lasts; a killed one's work is taken
over within ten seconds; and what a suspended one had begun happens once. (In real time: leases use the
database's clock. They last six seconds, and each of these tests waits about that long.)
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing

import pytest

from bot.domain.outbox.effects import PublishHome
from bot.domain.outbox.rows import Planned
from storage import outbox
from storage.database import Database
from tests.support.arena import Arena
from tests.support.asking import incidents_channel
from tests.support.people import eventually, shown

RUNNING = "SELECT owner FROM outbox WHERE state = 'running' AND kind = :kind"
DONE = "SELECT attempts FROM outbox WHERE state = 'done' AND kind = :kind"
TAKEN_UP_WITHIN = 10.0


def test_work_that_outlasts_its_lease_is_performed_once(large: Arena) -> None:
    large.bots(2)
    large.declare()
    channel = large.channel()
    thread = large.workspace.say("a thread", channel)
    large.workspace.say("a reply", channel, thread_ts=thread)
    large.settle()
    slow = [("conversations.history", 6.0), ("conversations.replies", 6.0)]
    large.workspace.faults(
        *({"method": name, "effect": "delay", "seconds": seconds} for name, seconds in slow)
    )
    before = len(large.rows(DONE, kind="CatchUp"))
    with closing(Database(large.database_url)) as database, database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'waiting', attempts = 0 WHERE kind = 'CatchUp'")
    large.wake()
    eventually(lambda: large.rows(RUNNING, kind="CatchUp"))
    eventually(lambda: len(large.rows(DONE, kind="CatchUp")) == before, 30)
    assert {row.attempts for row in large.rows(DONE, kind="CatchUp")} == {1}
    large.workspace.faults()


@pytest.mark.measures_seconds
def test_a_killed_replicas_work_is_taken_over_within_ten_seconds(large: Arena) -> None:
    killed = large.process()
    killed.start()
    incidents_channel(large)
    large.workspace.faults({"method": "views.publish", "effect": "delay", "seconds": 15.0, "times": 1})
    large.expected.unacked.add("events_api")
    due = [Planned(PublishHome("U0ANA"), "home/1", "home/1")]
    with closing(Database(large.database_url)) as database:
        database.run(lambda tx: outbox.add(tx, due, large.clock()))
    eventually(lambda: large.rows(RUNNING, kind="PublishHome"))
    large.bot()
    killed.kill()
    began = time.monotonic()
    eventually(lambda: large.rows(DONE, kind="PublishHome"), TAKEN_UP_WITHIN + 5)
    assert time.monotonic() - began < TAKEN_UP_WITHIN
    assert [row.attempts for row in large.rows(DONE, kind="PublishHome")] == [2]


def test_work_that_a_suspended_replica_had_begun_happens_once(large: Arena) -> None:
    # Deliveries to it while it was suspended.
    large.expected.unacked.add("events_api")
    suspended = large.process()
    suspended.start()
    incidents_channel(large)
    large.declare()
    channel = large.channel()
    large.settle()
    # It is suspended while it asks where to write, before it has written.
    large.workspace.faults({"method": "chat.postMessage", "effect": "delay", "seconds": 2.0, "times": 1})
    large.workspace.command("resolve INC-1")
    eventually(lambda: large.rows(RUNNING, kind="PostUpdate"))
    os.kill(suspended.pid, signal.SIGSTOP)
    try:
        large.bot()
        eventually(lambda: large.rows(DONE, kind="PostUpdate"), 2 * TAKEN_UP_WITHIN)
    finally:
        os.kill(suspended.pid, signal.SIGCONT)
    large.settle()
    lines = [text for text in map(shown, large.workspace.messages(channel)) if "Resolved" in text]
    assert len([text for text in lines if text.startswith("INC-1: ")]) == 1

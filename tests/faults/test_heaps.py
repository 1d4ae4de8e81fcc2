"""A lot of one thing at once: a person's latest request doesn't wait behind it.

Promised: catching up, lists of people and digests have separate performers; an answer that can't be delivered
delays no other; a channel is requested only once, even if Slack's answer never arrives.
"""

from __future__ import annotations

from datetime import timedelta

from bot.domain.outbox.effects import SendDigest
from bot.domain.outbox.rows import Planned
from storage import outbox
from storage.database import Database
from tests.support.arena import Arena
from tests.support.people import eventually

OPEN_INCIDENTS, DIGESTS = 4, 60
SOON = 3.0
"""Seconds; without performers of its own a declaration would wait as long as the heap takes."""


def test_after_a_restart_nobody_waits_for_channels_to_be_caught_up_with(small: Arena) -> None:
    first = small.bot()
    for number in range(OPEN_INCIDENTS):
        small.declare(f"Open {number}")
    eventually(lambda: len(small.workspace.incident_channels()) == OPEN_INCIDENTS)
    small.settle()
    small.stop(first)
    small.clock.move(timedelta(seconds=1))
    small.workspace.faults({"method": "conversations.history", "effect": "delay", "seconds": 2.0})
    small.bot()
    waiting = "SELECT id FROM outbox WHERE kind = 'CatchUp' AND state <> 'done'"
    eventually(lambda: small.rows(waiting))
    small.declare("New")
    made = f"inc-{OPEN_INCIDENTS + 1}-new"
    eventually(lambda: made in small.workspace.incident_channels(), SOON)
    assert "INC-1" in small.workspace.command("list")
    assert small.rows(waiting), "one channel after the other"
    small.workspace.faults()
    small.settle()


def test_a_heap_of_digests_delays_no_declaration(small: Arena) -> None:
    small.bot()
    small.declare("First")
    small.settle()
    database = Database(small.database_url)
    due = [
        Planned(SendDigest("U0ANA", f"week {number}"), f"digest/{number}", f"digest/{number}")
        for number in range(DIGESTS)
    ]
    held = "UPDATE outbox SET not_before = '2000-01-01 00:00:00.000000' WHERE kind = 'SendDigest'"
    database.run(lambda tx: outbox.add(tx, due, small.clock()))
    with database.engine.begin() as connection:
        connection.exec_driver_sql(held)
    database.close()
    small.wake()
    small.declare("Second")
    eventually(lambda: "inc-2-second" in small.workspace.incident_channels(), SOON)
    small.settle()


def test_an_undeliverable_answer_does_not_delay_later_ones(small: Arena) -> None:
    small.bot()
    small.declare()
    channel = small.channel()
    small.settle()
    small.workspace.faults({"method": "chat.postEphemeral", "effect": "500", "times": 1})
    small.workspace.mention("list", channel)
    eventually(lambda: [each for each in small.workspace.calls("chat.postEphemeral") if not each["ok"]])
    small.workspace.mention("help", channel)
    helped = eventually(
        lambda: [text for text in small.workspace.only_for("ana", channel) if "declare" in text]
    )
    assert helped
    small.settle()

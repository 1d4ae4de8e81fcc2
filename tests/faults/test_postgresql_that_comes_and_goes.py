"""PostgreSQL restarts, its backends are killed again and again, transactions fail to serialize and deadlock.

Promised: what was accepted is there once, people are told what wasn't, and the effects continue by
themselves. (Shortened: the restart is the recovery after a killed backend; backends are killed every half
second for some seconds, not every five seconds for a minute.)
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from tests.faults.conftest import checked
from tests.support import postgres
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.people import eventually
from tests.support.promises import declared_once

PEOPLE = ("ana", "ben", "chen")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Arena]:
    """A PostgreSQL for this test alone, which may be damaged, and a Slack that soon redelivers."""
    with (
        postgres.private_server() as admin_url,
        durable(admin_url),
        make(admin_url, "http", tmp_path, retry_after=(0.3, 0.5, 1.0, 1.0, 2.0, 2.0)) as made,
    ):
        made.expected.unacked |= {"events_api", "slash_commands", "interactive"}
        yield from checked(made)


@contextmanager
def durable(admin_url: str) -> Iterator[None]:
    """Make commits survive a crash, as with PostgreSQL's defaults, which our tests' servers change."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("ALTER ROLE ALL SET synchronous_commit = on")
    yield


@contextmanager
def killing(arena: Arena, seconds: float) -> Iterator[None]:
    """Cut every connection again and again: the bot's, and those of the test's own queries."""
    done = threading.Event()
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )

    def run() -> None:
        with psycopg.connect(arena.database_url, autocommit=True) as connection:
            while not done.wait(seconds):
                connection.execute(kill)

    killer = threading.Thread(target=run)
    killer.start()
    try:
        yield
    finally:
        done.set()
        killer.join()


def number(arena: Arena) -> int:
    """The incident's number: the number of a transaction that failed isn't used again."""
    return int(arena.rows("SELECT max(id) FROM incidents")[0][0])


def talk(arena: Arena, rounds: int, about: int) -> None:
    """Have people write and give commands in the incident with that number."""
    ref, channel = f"INC-{about}", arena.channel(about)
    for turn in range(rounds):
        arena.workspace.say(f"fact {turn}", channel)
        if turn % 8 == 0:
            # Somebody who gets no answer sees that, and may try again.
            with suppress(AssertionError):
                level = "low" if turn % 16 else "critical"
                arena.workspace.command(f"severity {ref} {level}", PEOPLE[turn // 8 % len(PEOPLE)])


def answers(arena: Arena) -> bool:
    """Whether the server accepts connections."""
    try:
        return bool(arena.rows("SELECT 1"))
    except DBAPIError:
        return False


def all_recorded(arena: Arena, count: int) -> None:
    """Wait until every message is in the timeline."""
    query = "SELECT count(DISTINCT ts) FROM timeline_entries WHERE kind = 'message'"
    eventually(lambda: arena.rows(query)[0][0] == count, 20)


def test_backends_that_are_killed_again_and_again_lose_nothing(own_server: Arena) -> None:
    own_server.bots(2)
    own_server.declare()
    declared = number(own_server)
    with killing(own_server, 0.5):
        talk(own_server, 40, declared)
    all_recorded(own_server, 40)
    declared_once(own_server.workspace, declared, 60)


def test_a_server_that_restarts_loses_nothing(own_server: Arena) -> None:
    bots = own_server.bots(2)
    own_server.declare()
    with bots[0].database.engine.connect() as connection:
        [pid] = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
        os.kill(pid, signal.SIGKILL)
        with suppress(DBAPIError):
            connection.exec_driver_sql("SELECT 1")
    eventually(lambda: answers(own_server))
    talk(own_server, 10, number(own_server))
    all_recorded(own_server, 10)
    declared_once(own_server.workspace, number(own_server), 60)


@pytest.mark.parametrize("code", ["40001", "40P01"], ids=["serialization failure", "deadlock"])
def test_transactions_that_fail_by_chance_are_retried(large: Arena, code: str) -> None:
    bots = large.bots(2)
    # One that fails by chance three times in a row gets no ack, so Slack redelivers it.
    large.expected.unacked.add("events_api")
    commits = 0

    def sometimes(connection: object, *_: object) -> None:
        nonlocal commits
        commits += 1
        if commits % 5 == 0:
            raise_code = f"DO $$ BEGIN RAISE EXCEPTION 'by chance' USING ERRCODE = '{code}'; END $$"
            connection.exec_driver_sql(raise_code)  # type: ignore[attr-defined]

    for bot in bots:
        event.listen(bot.database.engine, "commit", sometimes)
    large.declare()
    talk(large, 10, number(large))
    all_recorded(large, 10)
    declared_once(large.workspace, number(large))

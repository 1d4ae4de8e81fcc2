"""SQLite locked by another process for longer than anybody waits, a full or broken disk, a read-only file.

Promised: people are told in time that nothing was saved; the log and `/readyz` say why; what Slack redelivers
is stored once that is possible, without a restart; what Slack has already done is noted as done, not done
again. (Shortened: some seconds instead of ten, and Slack redelivers after seconds instead of minutes. A full
disk is SQLite's own limit of pages, a read-only file its `query_only`: both fail with the same codes. A
broken disk is the system's limit for the sizes of files.)
"""

from __future__ import annotations

import itertools
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.bootstrap import Bot
from bot.domain.kit.errors import NotSaved
from storage import workspace
from tests.faults.conftest import checked
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.bots import free_port, looked_at
from tests.support.people import eventually
from tests.support.promises import declared_once

NOTHING_SAVED = "Nothing was saved"
READINESS = '{{"database": "{}", "outbox": "{}", "slack": "ok"}}'
BROKEN_FROM = 64 * 1024
"""Bytes of a file that still can be written: the log is shorter, and SQLite's files are longer."""


@pytest.fixture
def patient(sqlite_url: str, tmp_path: Path) -> Iterator[Arena]:
    """A workspace whose Slack redelivers soon and often."""
    with make(sqlite_url, "socket", tmp_path, retry_after=(0.5, 1.0, 2.0, 2.0, 2.0)) as made:
        made.expected.unacked.add("events_api")
        yield from checked(made)


@contextmanager
def locked(bot: Bot) -> Iterator[None]:
    """Another process holds a write transaction open."""
    with closing(sqlite3.connect(str(bot.database.engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def limited(bot: Bot, pragma: Callable[[Any], str], freed: str) -> Iterator[None]:
    """Give every connection the pragma before each use, and ``freed`` instead at the end."""
    statement: list[Callable[[Any], str]] = [pragma]

    def limit(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(statement[0](connection)).close()

    event.listen(bot.database.engine, "checkout", limit)
    yield
    statement[0] = lambda _connection: freed


@contextmanager
def full(bot: Bot) -> Iterator[None]:
    """There is no room for another page."""

    def no_more(connection: Any) -> str:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
        return f"PRAGMA max_page_count={pages}"

    for _ in limited(bot, no_more, "PRAGMA max_page_count=1000000"):
        fill(bot)
        yield


def fill(bot: Bot) -> None:
    """Use up the room in the existing pages."""
    for number in itertools.count():
        try:
            bot.database.run(partial(workspace.save, key=f"filler {number}", value="x" * 500))
        except NotSaved:
            return


@contextmanager
def read_only(bot: Bot) -> Iterator[None]:
    """Nothing can be written at all."""
    yield from limited(bot, lambda _connection: "PRAGMA query_only=ON", "PRAGMA query_only=OFF")


TROUBLES = {
    locked: "locked by another process",
    full: "disk full",
    read_only: "the file can't be written",
}


@pytest.mark.parametrize(
    ("trouble", "why"), TROUBLES.items(), ids=[each.__name__.replace("_", "-") for each in TROUBLES]
)
def test_people_get_an_answer_in_time_and_redelivered_messages_are_stored(
    patient: Arena, trouble: Callable[[Bot], AbstractContextManager[None]], why: str
) -> None:
    port = free_port()
    bot = patient.bot(port=port)
    patient.declare()
    slack, channel = patient.workspace, patient.channel()
    declared_once(slack)
    slack.open_form("declare")
    with trouble(bot):
        for number in range(3):
            slack.say(f"{number}: " + "all of it is down " * 300, channel)
        assert NOTHING_SAVED in str(slack.submit(title="Another " * 20, description="🔥" * 1500))
        assert looked_at(port, "readyz") == (503, READINESS.format(f"nothing can be saved: {why}", "unknown"))
        assert [
            each for each in patient.records if each["event"] == "nothing can be saved" and each["why"] == why
        ]
        assert "INC-1" in slack.command("list")
        eventually(lambda: [each for each in patient.log() if each.get("acked") is False])
    assert patient.submit(title="Another")
    eventually(
        lambda: patient.rows("SELECT count(*) FROM timeline_entries WHERE kind = 'message'")[0][0] == 3, 20
    )
    assert NOTHING_SAVED not in slack.command("severity INC-1 critical")
    assert looked_at(port, "readyz") == (200, READINESS.format("ok", "ok"))
    declared_once(slack, 2)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can break a running process's disk")
def test_a_disk_that_refuses_writes_is_used_again_once_it_takes_them(patient: Arena) -> None:
    process, port, slack = patient.process(), free_port(), patient.workspace
    process.start(PORT=str(port))
    patient.declare()
    declared_once(slack)
    slack.open_form("declare")
    _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (BROKEN_FROM, most))
    assert NOTHING_SAVED in str(slack.submit(title="Another", description="🔥" * 1500))
    why = "the disk can't be read or written"
    assert looked_at(port, "readyz") == (503, READINESS.format(f"nothing can be saved: {why}", "unknown"))
    # Nobody but /readyz tries again here: a load balancer sends no requests to a replica that isn't ready.
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert looked_at(port, "readyz") == (200, READINESS.format("ok", "ok"))
    assert patient.submit(title="Another")
    declared_once(slack, 2)
    said = [
        each for each in patient.logged() if each["event"] in {"nothing can be saved", "saving works again"}
    ]
    assert [each.get("why") for each in said] == [why, None]


def test_calls_made_while_the_file_was_locked_are_not_repeated(patient: Arena) -> None:
    bot = patient.bot()
    name = "inc-1-database-is-slow"
    patient.workspace.faults(
        {"method": "conversations.create", "channel": name, "effect": "delay", "seconds": 1.0}
    )
    patient.declare()
    eventually(lambda: patient.workspace.get("faults")["faults"][0]["struck"])
    with locked(bot):
        eventually(patient.workspace.incident_channels)
        for _ in range(2):
            assert NOTHING_SAVED in patient.workspace.command("severity INC-1 low")
    declared_once(patient.workspace, 1, 30)
    assert len(patient.workspace.calls("conversations.create")) == 2


def test_an_announcements_channel_made_while_the_file_was_locked_is_not_made_again(
    patient: Arena,
) -> None:
    fault = {"method": "conversations.create", "channel": "incidents", "effect": "delay", "seconds": 1.0}
    patient.workspace.faults(fault)
    bot = patient.bot()
    patient.workspace.open_form("declare")
    eventually(lambda: patient.workspace.get("faults")["faults"][0]["struck"])
    with locked(bot):
        eventually(lambda: any(each["name"] == "incidents" for each in patient.workspace.state()["channels"]))
        for _ in range(2):
            assert NOTHING_SAVED in str(patient.workspace.submit(title="Database is slow"))
    patient.settle()
    assert len(patient.workspace.calls("conversations.create")) == 1
    assert bot.services.startup.announcements_channel("incidents")

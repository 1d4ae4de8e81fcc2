"""Backups with the real command, while the real bot runs: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Table, func, select

from bot.domain.outbox.rows import PUT_OFF
from sandbox.server import Sandbox
from storage.database import Database
from storage.tables import incidents, outbox, timeline_entries
from storage.workspace import RESTORING, save
from tests.support import postgres
from tests.support.bots import BotProcess, start_here
from tests.support.commands import run_app
from tests.support.people import Workspace, eventually
from tests.support.promises import declared_once

SLOW = 30.0


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty place like the bot's own, without any tables."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored.db'}"
        return
    with cast(postgres.Databases, request.getfixturevalue("_postgresql")).fresh() as url:
        yield url


def done(*argv: str, url: str) -> str:
    """What the command printed."""
    found = run_app(*argv, database_url=url)
    assert found.returncode == 0, found.stderr
    return found.stdout


def unfinished_in(url: str) -> list[str]:
    """The kinds of rows that wait or run, except for what was put off, such as a topic."""
    database = Database(url)
    put_off = func.coalesce(outbox.c.last_error, "") == PUT_OFF
    query = select(outbox.c.kind).where(outbox.c.state.in_(("waiting", "running")), ~put_off)
    found = database.read(lambda tx: list(tx.execute(query).scalars()))
    database.close()
    return found


def count(url: str, table: Table) -> int:
    database = Database(url)
    query = select(func.count()).select_from(table)
    found: int = database.read(lambda tx: tx.execute(query).scalar_one())
    database.close()
    return found


def wait_until_done(url: str) -> None:
    eventually(lambda: not unfinished_in(url), SLOW)


def back_up_in_the_middle(sandbox: Sandbox, url: str, backup: str, rename: str = "") -> None:
    """Back up while a declaration isn't finished; then let it finish, and stop the bot."""
    workspace = Workspace(sandbox.url)
    bot = start_here(sandbox, url)
    try:
        wait_until_done(url)
        method = {"method": "conversations.create", "channel": "inc-1-database-is-slow"}
        workspace.faults({**method, "effect": "429", "retry_after": 1})
        workspace.open_form("declare")
        workspace.submit(title="Database is slow")
        done("--backup", backup, url=url)
        assert "CreateChannel" in unfinished_in(url)
        workspace.faults()
        name = declared_once(workspace, seconds=SLOW)
        if rename:
            workspace.command(f"rename {rename}", channel=name)
            eventually(lambda: name not in workspace.incident_channels())
        wait_until_done(url)
    finally:
        bot.stop()


def test_what_waited_in_the_backup_and_was_done_since_is_not_done_again(
    sandbox: Sandbox, workspace: Workspace, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    backup = str(tmp_path / "muster.backup")
    back_up_in_the_middle(sandbox, database_url, backup)
    said = done("--restore", backup, url=empty_url)
    assert "1 × message the declarer" in said
    assert "1 × invite people to the channel" in said
    bot = start_here(sandbox, empty_url)
    try:
        wait_until_done(empty_url)
        declared_once(workspace)
        assert done("--restored", url=empty_url) in said
        assert done("--restored", "send", url=empty_url) == "2 actions will be done.\n"
        wait_until_done(empty_url)
        declared_once(workspace)
        assert "Nothing waits" in done("--restored", url=empty_url)
        workspace.declare(title="Another one")
        declared_once(workspace, number=1_002, seconds=SLOW)
    finally:
        bot.stop()


def test_a_channel_that_was_renamed_since_the_backup_is_found(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str, tmp_path: Path
) -> None:
    backup, restored = str(tmp_path / "muster.backup"), f"sqlite:///{tmp_path / 'restored.db'}"
    back_up_in_the_middle(sandbox, sqlite_url, backup, rename="Disk is full")
    [before] = [each for each in workspace.incident_channels() if each.startswith("inc-1-")]
    done("--restore", backup, url=restored)
    bot = start_here(sandbox, restored)
    try:
        wait_until_done(restored)
    finally:
        bot.stop()
    assert [each for each in workspace.incident_channels() if each.startswith("inc-1-")] == [before]
    assert len(workspace.cards(before)) == 1


def test_a_backup_is_made_while_people_write(
    sandbox: Sandbox, workspace: Workspace, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    bot = start_here(sandbox, database_url)
    enough = threading.Event()
    try:
        workspace.declare(title="Database is slow")
        name = declared_once(workspace, seconds=SLOW)

        def write() -> None:
            while not enough.is_set():
                workspace.say("still slow", channel=name)

        writer = threading.Thread(target=write)
        writer.start()
        eventually(lambda: count(database_url, timeline_entries) > 1, SLOW)
        said = done("--backup", str(tmp_path / "muster.backup"), url=database_url)
        enough.set()
        writer.join()
        assert "which only you can read" in said
    finally:
        enough.set()
        bot.stop()
    done("--restore", str(tmp_path / "muster.backup"), url=empty_url)
    assert count(empty_url, incidents) == 1
    assert count(empty_url, timeline_entries) > 1


def test_nothing_is_restored_where_a_bot_runs(sandbox: Sandbox, database_url: str, tmp_path: Path) -> None:
    bot = start_here(sandbox, database_url)
    try:
        wait_until_done(database_url)
        backup = str(tmp_path / "muster.backup")
        done("--backup", backup, url=database_url)
        found = run_app("--restore", backup, database_url=database_url)
    finally:
        bot.stop()
    assert (found.returncode, found.stdout) == (1, "")
    assert "is running on" in found.stderr
    assert "Traceback" not in found.stderr


def test_no_bot_starts_on_what_was_restored_only_in_part(bot_process: BotProcess, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.run(lambda tx: save(tx, RESTORING, "2026-03-02T09:30:00+00:00"))
    database.close()
    assert bot_process.run() == 2
    assert "only partly restored into this database. Empty it, and restore again." in bot_process.log()
    assert "Traceback" not in bot_process.log()


@pytest.mark.parametrize("command", ["--backup", "--restore", "--restored"])
def test_a_database_that_cannot_be_reached_gets_one_sentence(command: str, tmp_path: Path) -> None:
    away = "postgresql://muster:secret@127.0.0.1:1/muster"
    argument = [] if command == "--restored" else [str(tmp_path / "muster.backup")]
    found = run_app(command, *argument, database_url=away)
    assert found.returncode == 1
    assert len(found.stderr.splitlines()) == 1
    assert "secret" not in found.stderr

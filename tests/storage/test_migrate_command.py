"""``python app.py --migrate`` brings the tables up to date, says what it did, and starts nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import inspect, text

from bot.domain.kit.errors import AlreadyRunning
from bot.views.kit.errors import plain_sentence
from storage.database import Database
from storage.migrations import HEAD
from storage.tables import metadata
from tests.support.commands import Finished, run_app
from tests.support.revisions import upgrade


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty one, which others can't read."""
    made = Database(database_url)
    made.hold_alone()
    made.close()
    yield made
    made.close()


def migrated(url: str) -> Finished:
    """Run the command. It needs no tokens."""
    return run_app("--migrate", database_url=url)


def newer(database: Database) -> None:
    database.migrate()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def older(database: Database) -> None:
    upgrade(database, "0006")


PLACES: dict[str, tuple[Callable[[Database], None], str]] = {
    "older": (older, rf"Migrated the tables in \S+ from revision 0006 to {HEAD}\.\n"),
    "of today": (Database.migrate, rf"The tables in \S+ are already up to date, at revision {HEAD}\.\n"),
    "newer": (newer, r"A newer version has migrated \S+ to revision 9999\. This version works with it\.\n"),
}


def test_an_empty_database_gets_its_tables(database: Database, database_url: str) -> None:
    done = migrated(database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(rf"Made the tables in \S+, at revision {HEAD}\.\n", done.stdout)
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize(("prepare", "said"), PLACES.values(), ids=PLACES)
def test_it_says_what_it_did(
    database: Database, database_url: str, prepare: Callable[[Database], None], said: str
) -> None:
    prepare(database)
    database.engine.dispose()
    done = migrated(database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(said, done.stdout)
    assert database.revision() >= HEAD


def test_a_file_that_a_bot_uses_is_left_alone(sqlite_url: str) -> None:
    bot = Database(sqlite_url)
    bot.hold_alone()
    older(bot)
    done = migrated(sqlite_url)
    path = bot.engine.url.database
    assert (done.returncode, done.stderr) == (1, f"{plain_sentence(AlreadyRunning(path=path))}\n")
    assert bot.revision() == "0006"
    bot.close()


def test_a_server_that_cannot_be_reached_gets_a_sentence() -> None:
    done = migrated("postgresql://muster@127.0.0.1:9/muster")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The database can't be used: connection refused. Check DATABASE_URL.\n"

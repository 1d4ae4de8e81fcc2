"""The file of a SQLite database: private, and refused at once where nothing could be promised."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain.kit.errors import DatabaseUnusable
from storage.database import Database
from storage.sqlite_file import obstacle
from tests.support.records import recorded


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def used(path: Path) -> Database:
    """The database, held and migrated, with its other files next to it."""
    database = Database(f"sqlite:///{path}")
    database.hold_alone()
    database.migrate()
    return database


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def _umask(request: pytest.FixtureRequest) -> Any:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_only_the_owner_can_read_what_the_bot_makes(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with closing(used(folder / "muster.db")):
        files = {path.name: mode(path) for path in folder.iterdir()}
    names = ["muster.db", "muster.db-shm", "muster.db-wal", "muster.db.lock"]
    assert (mode(folder), files) == (0o700, dict.fromkeys(names, 0o600))


def test_an_earlier_file_that_others_could_read_is_made_private_and_the_log_says_so(tmp_path: Path) -> None:
    path = tmp_path / "muster.db"
    tmp_path.chmod(0o755)
    with closing(used(path)), closing(sqlite3.connect(path)):
        for each in tmp_path.iterdir():
            each.chmod(0o664)
    path.chmod(0o664)
    with recorded() as records, closing(used(path)):
        assert {mode(each) for each in tmp_path.iterdir()} == {0o600}
    [said] = [each for each in records if "now only its owner can" in each["event"]]
    assert said["files"] == ["muster.db", "muster.db-wal", "muster.db-shm", "muster.db.lock"]
    with recorded() as records, closing(used(path)):
        assert records == []
    assert mode(tmp_path) == 0o755


def without_shared_memory(database: Database) -> None:
    """Connect through the VFS of SQLite's that has no shared memory, as a network disk may have none."""

    def connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> Any:
        return sqlite3.connect(f"file:{arguments[0]}?vfs=unix-none", uri=True, **options)

    event.listen(database.engine, "do_connect", connect)


def test_without_a_write_ahead_log_nothing_is_promised(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/muster.db")
    without_shared_memory(database)
    with closing(database), pytest.raises(DatabaseUnusable) as refused:
        database.hold_alone()
    assert refused.value.values["why"].startswith("SQLite can't keep a write-ahead log for")


def _letter(path: Path) -> None:
    path.write_text("Dear aunt, " * 100)


def _torn(path: Path) -> None:
    used(path).close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 9000)


@pytest.mark.parametrize(
    ("spoil", "why"), [(_letter, "{path} isn't a SQLite database"), (_torn, "{path} is damaged")]
)
def test_a_file_that_is_not_a_database_is_left_alone(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    path = tmp_path / "muster.db"
    spoil(path)
    before = path.read_bytes()
    with closing(Database(f"sqlite:///{path}")) as database, pytest.raises(DatabaseUnusable) as refused:
        database.hold_alone()
    assert refused.value.values["why"] == why.format(path=path)
    assert path.read_bytes() == before


def test_a_file_that_only_others_may_write_is_refused(tmp_path: Path) -> None:
    """`query_only` answers with the code of a read-only file, which root may write."""
    path = tmp_path / "muster.db"
    used(path).close()
    database = Database(f"sqlite:///{path}")
    event.listen(
        database.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only=ON")
    )
    with closing(database), pytest.raises(DatabaseUnusable) as refused:
        database.hold_alone()
    assert refused.value.values["why"] == f"{path} can't be written"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_where_we_may_not_write_is_named(tmp_path: Path) -> None:
    path = tmp_path / "muster.db"
    path.touch(0o400)
    assert obstacle(path) == f"{path} can't be written"
    path.chmod(0o600)
    tmp_path.chmod(0o500)
    assert obstacle(path) == f"the folder {tmp_path} can't be written"
    assert obstacle(tmp_path / "new" / "x.db") == f"the folder {tmp_path} can't be written"


def test_a_file_that_another_process_holds_may_be_free_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.WAIT_SECONDS", 0.1)
    path = tmp_path / "muster.db"
    used(path).close()
    with closing(sqlite3.connect(path)) as other, closing(Database(f"sqlite:///{path}")) as database:
        other.execute("BEGIN IMMEDIATE")
        database.hold_alone()

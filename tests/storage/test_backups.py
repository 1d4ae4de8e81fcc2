"""A backup holds every row, is restored whole or not at all, and is refused before anything is touched."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest
from alembic import command
from sqlalchemy import Connection, event, insert, select, text

from bot.domain.incidents.model import IncidentSeverity, NewIncident, declared
from bot.domain.kit.errors import (
    BackupDamaged,
    BackupNewer,
    BackupOfOtherEngine,
    BotError,
    DatabaseNewer,
    NoRoom,
    NotABackup,
    NothingToBackUp,
    NotWritten,
    PlaceInUse,
    PlaceNotEmpty,
)
from bot.views.kit.errors import plain_sentence
from storage import incidents, workspace
from storage.backups import places, restoring, rows, saving
from storage.backups.archive import MANIFEST
from storage.database import Database
from storage.migrations import HEAD
from storage.migrations.scripts import settings
from storage.tables import metadata
from tests.support import postgres
from tests.support.bots import ROOT
from tests.support.everything import ROWS, content, fill
from tests.support.examples import NOW
from tests.support.migrated import _migrated_file, _migrated_template, postgresql_url, sqlite_url
from tests.support.people import eventually

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]


INCIDENT = (
    "INSERT INTO incidents (id, title, severity, status, declared_at, declared_by, channel_id, channel_name,"
    " metadata, created_at, updated_at)"
    " VALUES (7, 'Old', 'high', 'open', :now, 'U1', 'C1', 'inc-7-old', '{}', :now, :now)"
)
ROW = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, incident_id, state, attempts, look_first,"
    " not_before, created_at)"
    " VALUES ('PinCard', '{}', 'INC-7/pin', 'INC-7/pin', false, 7, 'waiting', 0, false, :now, :now)"
)


@pytest.fixture
def source(database_url: str) -> Iterator[Database]:
    """A database with rows in every table."""
    made = Database(database_url)
    fill(made)
    yield made
    made.close()


@pytest.fixture
def empty(request: pytest.FixtureRequest, source: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty place of the same kind, without any tables."""
    with place_like(source, request, tmp_path / "empty" / "muster.db") as made:
        yield made


@pytest.fixture
def another(request: pytest.FixtureRequest, source: Database, tmp_path: Path) -> Iterator[Database]:
    """One more of them."""
    (tmp_path / "another").mkdir()
    with place_like(source, request, tmp_path / "another" / "muster.db") as made:
        yield made


@contextmanager
def place_like(source: Database, request: pytest.FixtureRequest, file: Path) -> Iterator[Database]:
    with ExitStack() as cleanup:
        url = f"sqlite:///{file}"
        if not source.is_sqlite:
            databases: postgres.Databases = request.getfixturevalue("_postgresql")
            url = cleanup.enter_context(databases.fresh())
        made = Database(url)
        cleanup.callback(made.close)
        yield made


def backup_of(database: Database, folder: Path) -> Path:
    path = folder / "muster.backup"
    saving.save(database, path, NOW)
    return path


def restore(database: Database, path: Path) -> None:
    with restoring.checked(database, path) as reader:
        restoring.restore(database, reader, path)


def refused(database: Database, path: Path) -> BotError:
    with pytest.raises(BotError) as error:
        restore(database, path)
    sentence = plain_sentence(error.value)
    assert "Nothing was changed." in sentence
    return error.value


def everything_in(database: Database) -> dict[str, list[Any]]:
    return database.read(content)


def changed(path: Path, to: Path, **manifest: object) -> Path:
    """The same backup with another manifest."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, json.dumps({**json.loads(body), **manifest}) if name == MANIFEST else body)
    return to


def test_every_row_of_every_table_comes_back(source: Database, empty: Database, tmp_path: Path) -> None:
    restore(empty, backup_of(source, tmp_path))
    empty.run(partial(workspace.forget, key=workspace.RESTORING))
    assert everything_in(empty) == everything_in(source)
    assert all(len(rows) == ROWS for rows in everything_in(source).values())


def test_only_its_owner_can_read_a_backup(source: Database, tmp_path: Path) -> None:
    assert stat.S_IMODE(backup_of(source, tmp_path).stat().st_mode) == 0o600


def test_new_rows_get_numbers_that_nothing_lost_can_have_had(
    source: Database, empty: Database, tmp_path: Path
) -> None:
    restore(empty, backup_of(source, tmp_path))
    new = declared(NewIncident("x", IncidentSeverity.LOW), "U0ANA", NOW)
    assert empty.run(partial(incidents.add, incident=new)).id == ROWS + 1_000 + 1
    numbered = [table for table in metadata.sorted_tables if table.autoincrement_column is not None]
    assert len(numbered) > 5


class Writer:
    """Writes incidents, each with an entry in the same transaction, until the `with` block ends."""

    def __init__(self, database: Database) -> None:
        self._database, self._enough = database, threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.written = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def write_more(self) -> int:
        """Wait until it has written some more; how many incidents it has written."""
        before = self.written
        eventually(lambda: self.written >= before + 5)
        return self.written

    def _write(self) -> None:
        while not self._enough.is_set():
            number = 100 + self.written
            with self._database.engine.begin() as connection:
                copy(connection, "incidents", id=number, channel_id=f"C{number}")
                copy(connection, "timeline_entries", id=number, incident_id=number, ts=f"{number}.0")
            self.written += 1


def copy(connection: Connection, name: str, **unlike: object) -> None:
    """Add a row like the table's first one."""
    table = metadata.tables[name]
    first = connection.execute(select(table).limit(1)).one()._asdict()
    connection.execute(insert(table).values(**{**first, **unlike}))


def test_a_backup_shows_one_moment_while_others_write(
    source: Database, empty: Database, tmp_path: Path
) -> None:
    with Writer(source) as writer:
        before = writer.write_more()
        path = backup_of(source, tmp_path)
        writer.write_more()
    restore(empty, path)
    found = everything_in(empty)
    incident_ids, entry_ids = ({row[0] for row in found[name]} for name in ("incidents", "timeline_entries"))
    assert incident_ids == entry_ids
    assert before + ROWS <= len(incident_ids) < writer.written + ROWS


@pytest.mark.parametrize("revision", ["0001", "0006"])
def test_a_backup_of_an_earlier_revision_is_brought_up_to_date(
    empty: Database, another: Database, tmp_path: Path, revision: str
) -> None:
    with another.engine.connect() as connection:
        command.upgrade(settings(connection), revision)
        connection.commit()
    with another.engine.begin() as connection:
        for statement in (INCIDENT, ROW):
            connection.execute(text(statement), {"now": NOW})
    restore(empty, backup_of(another, tmp_path))
    found = everything_in(empty)
    assert len(found["outbox"]) >= 1
    with empty.engine.connect() as connection:
        assert connection.execute(text("SELECT id, title FROM incidents")).all() == [(7, "Old")]
        assert places.revision_of(connection) == HEAD


def test_memory_holds_a_few_rows_at_a_time(source: Database, empty: Database, tmp_path: Path) -> None:
    few = peak_of("--backup", source, tmp_path / "few")
    add = (
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000)"
        " INSERT INTO source_messages (channel_id, ts, text) SELECT 'C', n || '.0', :text || n FROM n"
    )
    with source.engine.begin() as connection:
        rows.prepare(connection)
        connection.execute(text(add), {"text": "x" * 900})
    many = [peak_of("--backup", source, tmp_path / "many"), peak_of("--restore", empty, tmp_path / "many")]
    assert len(everything_in(empty)["source_messages"]) == 50_000 + ROWS
    assert max(many) < few + 25, "the rows alone are 45 MB"


def peak_of(command: str, database: Database, file: Path) -> float:
    """Run the command; the most memory that it held, in megabytes."""
    database.engine.dispose()
    url = database.engine.url.render_as_string(hide_password=False)
    started = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), command, str(file)], env={**os.environ, "DATABASE_URL": url}
    )
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    assert started.returncode == 0
    return used.ru_maxrss / 1024


def test_a_backup_that_was_cut_short_anywhere_is_refused(
    source: Database, empty: Database, tmp_path: Path
) -> None:
    whole = backup_of(source, tmp_path).read_bytes()
    cut = tmp_path / "cut"
    for length in [*range(0, len(whole), len(whole) // 50), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        assert isinstance(refused(empty, cut), NotABackup)
    assert is_untouched(empty)


def test_a_backup_with_another_byte_in_it_is_refused(
    source: Database, empty: Database, tmp_path: Path
) -> None:
    path = backup_of(source, tmp_path)
    with zipfile.ZipFile(path) as archive:
        begins = archive.getinfo("timeline_entries").header_offset + 80
    damaged = bytearray(path.read_bytes())
    damaged[begins] ^= 0xFF
    path.write_bytes(damaged)
    assert isinstance(refused(empty, path), BackupDamaged)
    assert is_untouched(empty)


def test_a_backup_whose_rows_are_not_those_in_its_manifest_is_refused(
    source: Database, empty: Database, tmp_path: Path
) -> None:
    path = backup_of(source, tmp_path)
    with zipfile.ZipFile(path) as archive:
        tables = json.loads(archive.read(MANIFEST))["tables"]
    tables["people"]["sha256"] = "0" * 64
    assert isinstance(refused(empty, changed(path, tmp_path / "other", tables=tables)), BackupDamaged)
    assert is_untouched(empty)


@pytest.mark.parametrize("newer", [{"format": 2}, {"revision": "9999"}], ids=["format", "revision"])
def test_a_newer_backup_is_refused(
    source: Database, empty: Database, tmp_path: Path, newer: dict[str, object]
) -> None:
    path = changed(backup_of(source, tmp_path), tmp_path / "newer", **newer)
    assert isinstance(refused(empty, path), BackupNewer)
    assert is_untouched(empty)


def test_a_backup_of_the_other_engine_is_refused(source: Database, empty: Database, tmp_path: Path) -> None:
    other = "postgresql" if source.is_sqlite else "sqlite"
    path = changed(backup_of(source, tmp_path), tmp_path / "other", engine=other)
    assert isinstance(refused(empty, path), BackupOfOtherEngine)
    assert is_untouched(empty)


def test_something_else_is_refused(empty: Database, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("holiday.txt", "photos")
    assert isinstance(refused(empty, other), NotABackup)
    assert isinstance(refused(empty, tmp_path / "nothing"), NotABackup)
    assert is_untouched(empty)


def test_a_place_with_data_is_refused(
    source: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_in(source)
    # This test's own connections were used a moment ago.
    monkeypatch.setattr(places, "_ACTIVITY", text("SELECT false"))
    assert isinstance(refused(source, backup_of(source, tmp_path)), PlaceNotEmpty)
    assert everything_in(source) == before


def test_a_file_that_a_bot_holds_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    running, place = Database(sqlite_url), Database(sqlite_url)
    path = backup_of(running, tmp_path)
    running.hold_alone()
    assert isinstance(refused(place, path), PlaceInUse)
    running.close()
    place.close()


def test_a_server_that_a_bot_talks_to_is_refused(postgresql_url: str, tmp_path: Path) -> None:
    running, place = Database(postgresql_url), Database(postgresql_url)
    path = backup_of(running, tmp_path)
    running.read(lambda tx: tx.execute(text("SELECT 1")))
    assert isinstance(refused(place, path), PlaceInUse)
    running.close()
    place.close()


def test_a_disk_that_is_too_small_is_refused(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Database(sqlite_url)
    fill(source)
    path = backup_of(source, tmp_path)
    place = Database(f"sqlite:///{tmp_path / 'new.db'}")
    monkeypatch.setattr(places, "_ROOM", 10**15)
    assert isinstance(refused(place, path), NoRoom)
    assert not (tmp_path / "new.db").exists()
    source.close()
    place.close()


def test_what_cannot_be_stored_leaves_the_place_empty(
    source: Database, empty: Database, tmp_path: Path
) -> None:
    path = backup_of(source, tmp_path)

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "sqlite_sequence" in statement or "setval" in statement:
            raise RuntimeError("killed")

    event.listen(empty.engine, "before_cursor_execute", fail)
    with pytest.raises(RuntimeError, match="killed"):
        restore(empty, path)
    event.remove(empty.engine, "before_cursor_execute", fail)
    assert not any(everything_in(empty).values())


def test_a_backup_is_written_whole_or_not_at_all(
    source: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = backup_of(source, tmp_path)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.whole_file.os.fsync", fail)
    with pytest.raises(NotWritten) as error:
        saving.save(source, path, NOW)
    assert "No space left on device" in plain_sentence(error.value)
    assert path.read_bytes() == before
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".muster.backup")]


def test_a_database_without_data_of_ours_is_not_backed_up(empty: Database, tmp_path: Path) -> None:
    with pytest.raises(NothingToBackUp):
        backup_of(empty, tmp_path)
    assert not (tmp_path / "muster.backup").exists()


def test_a_database_of_a_newer_version_is_not_backed_up(source: Database, tmp_path: Path) -> None:
    source.run(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(DatabaseNewer):
        backup_of(source, tmp_path)


def is_untouched(place: Database) -> bool:
    """Whether none of our tables is there."""
    if place.is_sqlite:
        file = places.file_of(place)
        return file is not None and not file.exists()
    with place.engine.connect() as connection:
        return places.revision_of(connection) is None

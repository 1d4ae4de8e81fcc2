"""The commands about somebody's data, as they are typed, while a bot holds the database."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.cli import personal_data
from bot.domain.kit.erasure import Subject
from bot.domain.kit.errors import NotErased, UnknownRef
from bot.domain.kit.people import ERASED_NAME
from storage import exports, personal, workspace
from storage.database import Database
from storage.tables import metadata
from tests.support.commands import run_app
from tests.support.personal import BEN, SAID, fill, traces_of_ben


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database in which every column names Ben, held by a bot that writes now and then."""
    found = Database(database_url)
    found.hold_alone()
    found.migrate()
    fill(found)
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(0.05):
            found.run(lambda tx: workspace.save(tx, "busy", "yes"))

    writer = threading.Thread(target=write)
    writer.start()
    yield found
    ended.set()
    writer.join()
    found.close()


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_a_person_is_exported_and_then_erased(database: Database, database_url: str, tmp_path: Path) -> None:
    named = {(table.name, name) for table in personal.searched() for name in personal.columns(table)}
    file = tmp_path / "ben.json"
    done = run_app("--export-person", "Ben@acme.example", str(file), database_url=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    found = content(file)
    assert (found["format"], found["about"], found["people"][BEN.id]) == (1, BEN.id, BEN.name)
    assert found["tables"]["people"][0]["email"] == BEN.email
    rows = [(table, row) for table, rows in found["tables"].items() for row in rows if table != "people"]
    exported = {
        (table, name) for table, row in rows for name, value in row.items() if BEN.id in json.dumps(value)
    }
    assert exported == named
    assert len(rows) == len(named), "and no row of somebody else"

    done = run_app("--erase-person", BEN.id, "--yes", database_url=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Erased U0BEN from the database. What remains" in done.stdout
    assert traces_of_ben(database) == set()
    again = run_app("--export-person", BEN.id, str(file), database_url=database_url)
    assert again.returncode == 0
    [left] = content(file)["tables"].values()
    assert [(row["name"], row["email"]) for row in left] == [(ERASED_NAME, None)]


def test_an_incident_is_exported_with_all_that_belongs_to_it(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "incident.json"
    done = run_app("--export-incident", "inc-1", str(file), database_url=database_url)
    assert (done.returncode, done.stderr) == (0, "")
    found = content(file)
    assert found["about"] == "INC-1"
    assert set(found["tables"]) | set(exports.NOT_OF_AN_INCIDENT) == set(metadata.tables)
    empty = {table for table, rows in found["tables"].items() if not rows}
    assert empty == set(), "each table has a row of the incident"
    for table, rows in found["tables"].items():
        assert set(rows[0]) == set(metadata.tables[table].columns.keys()), "every column"
    assert SAID in {row["text"] for row in found["tables"]["timeline_entries"]}
    assert found["tables"]["incidents"][0]["declared_at"] == "2026-03-02T09:30:00+00:00"


def test_nothing_happens_to_what_is_not_there_or_was_not_confirmed(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    file = tmp_path / "x.json"
    for ref in ("INC-99999", "12a", "PM-1", "0"):
        with pytest.raises(UnknownRef):
            personal_data.export_incident(ref, str(file))
    assert not file.exists()
    asked = list[str]()

    def answer(question: str) -> str:
        asked.append(question)
        return "U0ANA"

    with pytest.raises(NotErased):
        personal_data.erase_person(BEN.id, answer)
    assert "This erases Ben Okri (U0BEN)" in asked[0]
    assert database.read(lambda tx: len(exports.of_person(tx, Subject(BEN.id)))) > 1


def test_a_database_of_another_version_or_none_is_refused_and_not_touched(
    database: Database, database_url: str, sqlite_url: str
) -> None:
    set_back = text("UPDATE alembic_version SET version_num = '0011'")
    database.run(lambda tx: tx.execute(set_back))
    done = run_app("--erase-person", BEN.id, "--yes", database_url=database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "are from an older version" in done.stderr
    assert traces_of_ben(database)
    none = sqlite_url.replace("muster.db", "no.db")
    missing = run_app("--export-person", BEN.id, "x.json", database_url=none)
    assert "no Muster data" in missing.stderr


def test_somebody_who_is_only_mentioned_is_listed_by_name(database: Database) -> None:
    tables = {"x": [{"text": "ask <@U0BEN|ben>, not U0BENNY"}]}
    assert database.read(lambda tx: exports.names_in(tx, tables)) == {BEN.id: BEN.name}

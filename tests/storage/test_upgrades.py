"""A database of each earlier revision, with data in it, becomes one of today's with the same data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

import storage
from storage.database import Database
from storage.migrations import HEAD
from storage.tables import metadata

NOW = datetime(2026, 1, 1, tzinfo=UTC)
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
EARLIER = ["0001", "0002", "0003", "0004", "0005", "0006"]
"""Every revision that was ever released, but the last."""


def scripts() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    return config


def upgrade(database: Database, revision: str) -> None:
    config = scripts()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_every_earlier_revision_is_tried() -> None:
    revisions = [each.revision for each in ScriptDirectory.from_config(scripts()).walk_revisions()]
    assert sorted(EARLIER) == sorted(revisions[1:])
    assert revisions[0] == HEAD


@pytest.mark.parametrize("revision", EARLIER)
def test_a_database_of_an_earlier_revision_keeps_its_data(database_url: str, revision: str) -> None:
    database = Database(database_url)
    upgrade(database, revision)
    with database.engine.begin() as connection:
        for statement in (INCIDENT, ROW):
            connection.execute(text(statement), {"now": NOW})
    database.migrate()
    with database.engine.begin() as connection:
        [incident] = connection.execute(metadata.tables["incidents"].select()).all()
        [row] = connection.execute(metadata.tables["outbox"].select()).all()
    assert (incident.id, incident.title, incident.is_private) == (7, "Old", False)
    assert (row.key, row.state) == ("INC-7/pin", "waiting")
    database.close()

"""Keep who has which role in an incident, and when a missing commander is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alembic import op

from storage.migrations.patience import patiently

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLE = (
    "CREATE TABLE IF NOT EXISTS incident_roles ("
    "incident_id {number} NOT NULL, role VARCHAR(80) NOT NULL, name VARCHAR(40) NOT NULL,"
    " user_id VARCHAR(32) NOT NULL, since {time} NOT NULL,"
    " CONSTRAINT pk_incident_roles PRIMARY KEY (incident_id, role),"
    " CONSTRAINT fk_incident_roles_incident_id FOREIGN KEY (incident_id) REFERENCES incidents (id))"
)
_COLUMN = "ALTER TABLE incidents ADD COLUMN {unless}ask_commander_at {time}"
_NAME = "ix_incidents_ask_commander_at"
_INDEX = f"{_NAME} ON incidents (ask_commander_at)"
_TYPES: Mapping[str, Mapping[str, str]] = {
    "postgresql": {"number": "BIGINT", "time": "TIMESTAMP WITH TIME ZONE", "unless": "IF NOT EXISTS "},
    "sqlite": {"number": "INTEGER", "time": "DATETIME", "unless": ""},
}


def upgrade() -> None:
    """Add both, empty: for incidents of the version before, nobody is asked for."""
    dialect = op.get_bind().dialect.name
    added = [each.format(**_TYPES[dialect]) for each in (_TABLE, _COLUMN)]
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            for statement in (*added, *_index_for_postgresql()):
                patiently(statement)
        return
    for statement in (*added, f"CREATE INDEX {_INDEX}"):
        op.execute(statement)


def _index_for_postgresql() -> Iterator[str]:
    # An interrupted build leaves an invalid index:
    # https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    yield f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}"
    yield f"CREATE INDEX CONCURRENTLY {_INDEX}"

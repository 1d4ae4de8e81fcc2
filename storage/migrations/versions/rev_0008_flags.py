"""One column for what a request created.

Older replicas may run alongside this revision, so nothing is dropped: for one release, the columns
that they read are written as well, and what they write is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from storage.migrations.patience import patiently

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = {
    # Not filled in: the table is large. Where it is null, the earlier columns are read.
    "inbound": {"result": "BIGINT"},
}


def upgrade() -> None:
    """Keep all rows as they are."""
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            for statement in _adding("IF NOT EXISTS "):
                patiently(statement)
        return
    for statement in _adding():
        op.execute(statement)


def _adding(unless: str = "") -> Iterator[str]:
    for table, columns in _COLUMNS.items():
        for name, kind in columns.items():
            yield f"ALTER TABLE {table} ADD COLUMN {unless}{name} {kind}"

"""Say why a message's text is gone, and who was erased."""

from __future__ import annotations

from alembic import op

from storage.migrations.patience import patiently

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = {"postgresql": "TIMESTAMP WITH TIME ZONE", "sqlite": "DATETIME"}


def upgrade() -> None:
    """Add the columns, empty. To an older replica, a text that was removed is one that was deleted."""
    dialect = op.get_bind().dialect.name
    columns = (("timeline_entries", "removed_after", "INTEGER"), ("people", "erased_at", _TIME[dialect]))
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            for table, name, kind in columns:
                patiently(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}")
        return
    for table, name, kind in columns:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")

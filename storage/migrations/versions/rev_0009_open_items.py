"""Find open action items by an index: after a year nearly all of them are done."""

from __future__ import annotations

from alembic import op

from storage.migrations.patience import patiently

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAME = "ix_action_items_status_id"
_INDEX = f"{_NAME} ON action_items (status, id)"


def upgrade() -> None:
    """Build the index; an older replica can write meanwhile."""
    if op.get_bind().dialect.name != "postgresql":
        op.execute(f"CREATE INDEX {_INDEX}")
        return
    with op.get_context().autocommit_block():
        # An interrupted build leaves an invalid index:
        # https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
        patiently(f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}")
        patiently(f"CREATE INDEX CONCURRENTLY {_INDEX}")

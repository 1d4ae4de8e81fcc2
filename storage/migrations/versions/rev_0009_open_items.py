"""Find open action items by an index: after a year nearly all of them are done."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0007"
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
        # It waits for all older transactions, and nobody queues behind it.
        op.execute("SET lock_timeout = 0")
        # An interrupted build leaves an invalid index:
        # https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}")
        op.execute(f"CREATE INDEX CONCURRENTLY {_INDEX}")

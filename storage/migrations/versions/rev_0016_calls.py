"""Keep the link to an incident's call."""

from __future__ import annotations

from alembic import op

from storage.migrations.patience import patiently

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty: an earlier incident has no call."""
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            patiently("ALTER TABLE incidents ADD COLUMN IF NOT EXISTS call_url TEXT")
        return
    op.execute("ALTER TABLE incidents ADD COLUMN call_url TEXT")

"""Keep the names of channels and user groups, which messages mention by their ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table. The next start fills it, and nobody waits for a lock on a new table."""
    op.create_table(
        "names",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_names"),
        if_not_exists=True,
    )

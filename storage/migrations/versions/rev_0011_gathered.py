"""Keep which notifications about action items one message shows together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: an earlier notification is a message of its own."""
    op.create_table(
        "gathered",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("lead", sa.String(length=255), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("on", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_gathered"),
        if_not_exists=True,
    )
    op.create_index("ix_gathered_lead", "gathered", ["lead"], if_not_exists=True)
    op.create_index("ix_gathered_user_id_at", "gathered", ["user_id", "at"], if_not_exists=True)

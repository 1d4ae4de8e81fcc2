"""Keep the user groups of the workspace, and who is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables, empty: the groups are listed when the bot starts."""
    op.create_table(
        "user_groups",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_groups"),
        if_not_exists=True,
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["user_groups.id"], name="fk_group_members_group_id"),
        sa.PrimaryKeyConstraint("group_id", "user_id", name="pk_group_members"),
        if_not_exists=True,
    )

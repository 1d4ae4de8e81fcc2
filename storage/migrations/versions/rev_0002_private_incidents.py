"""Private incidents: which ones they are, and who is in their channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table; all incidents so far are public."""
    op.add_column(
        "incidents", sa.Column("is_private", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "incident_members",
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("event_ts", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_incident_members_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name="pk_incident_members"),
    )

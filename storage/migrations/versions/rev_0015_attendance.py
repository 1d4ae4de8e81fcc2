"""Keep when somebody was last seen in an incident, and briefed about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: until somebody acts again, the timeline says when they were last seen."""
    op.create_table(
        "attendance",
        sa.Column("incident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True)),
        sa.Column("briefed_at", sa.DateTime(timezone=True)),
        sa.Column("briefed_since", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_attendance_incident_id"),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name="pk_attendance"),
        if_not_exists=True,
    )

"""Keep updates of incidents, and who is subscribed to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add both tables, empty. An older replica doesn't look at them."""
    _create_updates()
    _create_subscriptions()


def _create_updates() -> None:
    op.create_table(
        "updates",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("is_unchanged", sa.Boolean(), nullable=False),
        sa.Column("corrected_at", _TIME),
        sa.Column("corrected_by", sa.String(length=32)),
        sa.Column("nudge_at", _TIME),
        sa.Column("nudges", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_updates"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_updates_incident_id_incidents"),
        sa.UniqueConstraint("incident_id", "number", name="uq_updates_incident_id_number"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_updates_nudge_at", "updates", ["nudge_at"], if_not_exists=True)


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_subscriptions_incident_id_incidents"
        ),
        if_not_exists=True,
    )

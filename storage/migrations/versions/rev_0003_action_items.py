"""Action items, the reminders that were sent, who gets a weekly digest, and who is a workspace admin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, empty; nobody counts as an admin until the next start, which fetches all people."""
    op.add_column("people", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("inbound", sa.Column("item_id", sa.BigInteger()))
    op.create_index("ix_messages_channel_id_ts", "messages", ["channel_id", "ts"])
    _create_items()
    op.create_table(
        "reminders",
        sa.Column("item_id", _ROW_ID, nullable=False),
        sa.Column("rung", sa.String(length=16), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("also_told", sa.String(length=32)),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["action_items.id"], name="fk_reminders_item_id_action_items"),
        sa.PrimaryKeyConstraint("item_id", "rung", "on", name="pk_reminders"),
    )
    op.create_table(
        "digests",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_digests"),
    )
    op.create_index("ix_digests_next_at", "digests", ["next_at"])


def _create_items() -> None:
    op.create_table(
        "action_items",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.String(length=32)),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("due_date", sa.Date()),
        sa.Column("completed_at", _TIME),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("assigned_at", _TIME, nullable=False),
        sa.Column("planned_after", _TIME, nullable=False),
        sa.Column("remind_at", _TIME),
        sa.Column("snoozed_until", sa.Date()),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_action_items_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_action_items"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_action_items_incident_id_id", "action_items", ["incident_id", "id"])
    op.create_index("ix_action_items_remind_at", "action_items", ["remind_at"])
    columns = ["assigned_to", "status", "due_date"]
    op.create_index("ix_action_items_assigned_to_status_due_date", "action_items", columns)

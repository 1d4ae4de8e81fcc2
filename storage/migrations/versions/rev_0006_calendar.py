"""Meetings, time blocks, how far the calendar was read, and people's e-mail addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, empty; e-mail addresses are fetched at the next start."""
    op.add_column("people", sa.Column("email", sa.String(length=320)))
    _create_meetings()
    _create_time_blocks()
    op.create_table(
        "calendar_syncs",
        sa.Column("calendar_id", sa.String(length=255), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("next_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", name="pk_calendar_syncs"),
    )


def _create_meetings() -> None:
    op.create_table(
        "meetings",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=64)),
        sa.Column("ends_at", _TIME),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_meetings_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
        sa.UniqueConstraint("event_id", name="uq_meetings_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_meetings_incident_id_id", "meetings", ["incident_id", "id"])
    op.create_index("ix_meetings_ends_at", "meetings", ["ends_at"])


def _create_time_blocks() -> None:
    op.create_table(
        "time_blocks",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=64)),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("starts_at", _TIME),
        sa.Column("ends_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_time_blocks_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_time_blocks"),
        sa.UniqueConstraint("event_id", name="uq_time_blocks_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_time_blocks_incident_id_id", "time_blocks", ["incident_id", "id"])
    op.create_index("ix_time_blocks_ends_at", "time_blocks", ["ends_at"])

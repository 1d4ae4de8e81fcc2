"""Five whys: the sessions, and their answers as a tree."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, empty."""
    op.add_column("inbound", sa.Column("analysis_id", sa.BigInteger()))
    op.create_table(
        "five_whys_analyses",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("facilitator_id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("completed_at", _TIME),
        sa.Column("nudge_at", _TIME),
        sa.Column("current_id", sa.BigInteger()),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_five_whys_analyses_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_five_whys_analyses"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_five_whys_analyses_incident_id_id", "five_whys_analyses", ["incident_id", "id"])
    op.create_index("ix_five_whys_analyses_nudge_at", "five_whys_analyses", ["nudge_at"])
    _create_whys()


def _create_whys() -> None:
    op.create_table(
        "whys",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("analysis_id", _ROW_ID, nullable=False),
        sa.Column("parent_id", sa.BigInteger()),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("channel_id", sa.String(length=32)),
        sa.Column("ts", sa.String(length=32)),
        sa.Column("thread_ts", sa.String(length=32)),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_root_cause", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["five_whys_analyses.id"], name="fk_whys_analysis_id_five_whys_analyses"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_whys"),
        sa.UniqueConstraint("channel_id", "ts", name="uq_whys_channel_id_ts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_whys_analysis_id_id", "whys", ["analysis_id", "id"])

"""Keep the checklists that were posted in incidents, and who ticked what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add both tables, empty. An older replica doesn't look at them."""
    _create_checklists()
    _create_lines()


def _create_checklists() -> None:
    op.create_table(
        "checklists",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(length=32)),
        sa.Column("entry_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_checklists"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_checklists_incident_id_incidents"
        ),
        sa.UniqueConstraint("incident_id", "key", name="uq_checklists_incident_id_key"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )


def _create_lines() -> None:
    op.create_table(
        "checklist_lines",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("checklist_id", _ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer()),
        sa.Column("nudge_at", _TIME),
        sa.Column("is_nudged", sa.Boolean(), nullable=False),
        sa.Column("done_at", _TIME),
        sa.Column("done_by", sa.String(length=32)),
        sa.Column("item_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_lines"),
        sa.ForeignKeyConstraint(
            ["checklist_id"], ["checklists.id"], name="fk_checklist_lines_checklist_id_checklists"
        ),
        sa.UniqueConstraint("checklist_id", "number", name="uq_checklist_lines_checklist_id_number"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_checklist_lines_nudge_at", "checklist_lines", ["nudge_at"], if_not_exists=True)

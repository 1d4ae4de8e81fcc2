"""Postmortems with their revisions, and which incidents still need one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, empty; incidents that are already resolved get no reminders."""
    op.create_table(
        "postmortems",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.String(length=32)),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("completed_at", _TIME),
        sa.Column("completed_despite", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_postmortems_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_postmortems"),
        sa.UniqueConstraint("incident_id", name="uq_postmortems_incident_id"),
        sqlite_autoincrement=True,
    )
    _create_revisions()
    _create_duties()


def _create_revisions() -> None:
    op.create_table(
        "postmortem_revisions",
        sa.Column("postmortem_id", _ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("section", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["postmortem_id"], ["postmortems.id"], name="fk_postmortem_revisions_postmortem_id_postmortems"
        ),
        sa.PrimaryKeyConstraint("postmortem_id", "number", name="pk_postmortem_revisions"),
    )


def _create_duties() -> None:
    op.create_table(
        "postmortem_duties",
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("resolved_at", _TIME, nullable=False),
        sa.Column("remind_at", _TIME),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("waived_by", sa.String(length=32)),
        sa.Column("waived_because", sa.Text()),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_postmortem_duties_incident_id_incidents"
        ),
        sa.PrimaryKeyConstraint("incident_id", name="pk_postmortem_duties"),
    )
    op.create_index("ix_postmortem_duties_remind_at", "postmortem_duties", ["remind_at"])

"""Keep who was called into an incident, and which of them have been seen since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add both tables, empty. An older replica doesn't look at them."""
    _create_pages()
    _create_people()


def _create_pages() -> None:
    op.create_table(
        "pages",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("tell_at", _TIME),
        sa.Column("entry_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_pages_incident_id_incidents"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_pages_incident_id_id", "pages", ["incident_id", "id"], if_not_exists=True)
    op.create_index("ix_pages_tell_at", "pages", ["tell_at"], if_not_exists=True)


def _create_people() -> None:
    op.create_table(
        "page_people",
        sa.Column("page_id", _ROW_ID, nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("incident_id", _ROW_ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("seen_at", _TIME),
        sa.PrimaryKeyConstraint("page_id", "user_id", name="pk_page_people"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_page_people_page_id_pages"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_page_people_incident_id_incidents"
        ),
        if_not_exists=True,
    )
    unseen = sa.text("seen_at IS NULL")
    op.create_index(
        "ix_page_people_unseen",
        "page_people",
        ["incident_id", "user_id"],
        sqlite_where=unseen,
        postgresql_where=unseen,
        if_not_exists=True,
    )

"""Keep projects, and to which of them an incident belongs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.patience import patiently

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_COLUMNS = {"project_number": "BIGINT", "home_channel": "VARCHAR(32)"}


def upgrade() -> None:
    """Add the table and both columns, empty: an earlier incident keeps the name that was typed."""
    op.create_table(
        "projects",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=75), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("people", "groups", "links")),
        sa.Column("home_channel", sa.String(length=32)),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_by", sa.String(length=32), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("archived_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            for name, kind in _COLUMNS.items():
                patiently(f"ALTER TABLE incidents ADD COLUMN IF NOT EXISTS {name} {kind}")
        return
    for name, kind in _COLUMNS.items():
        op.execute(f"ALTER TABLE incidents ADD COLUMN {name} {kind}")

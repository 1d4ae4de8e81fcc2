"""Run by Alembic, on the connection that :meth:`storage.database.Database.migrate` holds."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from storage.tables import UtcDateTime, metadata


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """How a draft writes one of our types; ``False`` for Alembic's own way. A revision imports no tables.

    The tables change, and a revision must always do what it did when it was written.
    """
    is_ours = kind == "type" and isinstance(item, UtcDateTime)
    return "sa.DateTime(timezone=True)" if is_ours else False


# One transaction per revision: a revision that can't run in a transaction first commits those before it.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
    render_item=render_item,
)
context.run_migrations()

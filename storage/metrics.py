"""Counts for an operator's dashboard."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from storage.tables import incidents


def incidents_by_status(tx: Connection) -> dict[str, int]:
    """How many incidents have each status, not counting private ones."""
    query = select(incidents.c.status, func.count()).where(incidents.c.is_private.is_(False))
    query = query.group_by(incidents.c.status)
    return {row[0]: row[1] for row in tx.execute(query)}

"""A few facts about the workspace: where announcements go, its URL."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, select

from storage.tables import workspace
from storage.upsert import upsert

TEAM_URL, TEAM_ID = "team_url", "team_id"
SCOPES = "scopes"
"""The scopes that were granted at the latest start, separated by spaces."""

RESTORING = "restoring"
"""Kept only while a backup is being restored: the instant when it was made."""
RESTORED_AT = "restored_at"
"""When the last restore ended."""


def get(tx: Connection, key: str) -> str | None:
    """The fact, or ``None``."""
    return tx.execute(_GET, {"asked": key}).scalar_one_or_none()


_GET = select(workspace.c.value).where(workspace.c.key == bindparam("asked"))


def save(tx: Connection, key: str, value: str) -> None:
    """Store a fact, replacing its old value."""
    upsert(tx, workspace, {"key": key, "value": value}, on=("key",))


def forget(tx: Connection, key: str) -> None:
    """Delete a fact; fine if there is none."""
    tx.execute(delete(workspace).where(workspace.c.key == key))


def announcements_key(name: str) -> str:
    """The key of the fact that holds the id of the announcements channel with this name."""
    return f"channel:{name}"[:64]

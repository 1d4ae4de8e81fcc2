"""A few facts about the workspace: where announcements go, its URL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from storage.tables import workspace
from storage.upsert import insert_new, upsert

TEAM_URL, TEAM_ID = "team_url", "team_id"
LACKING = "lacking"
"""The scopes that the bot needed and lacked at the latest start, separated by spaces."""

SEEN = "seen:"
"""The prefix of the keys that hold when something was last received from Slack, in ISO format."""
SEEN_SINCE = f"{SEEN}since"
"""When that began to be noted."""

RESTORING = "restoring"
"""Kept only while a backup is being restored: the instant when it was made."""
RESTORED_AT = "restored_at"
"""When the last restore ended."""


def get(tx: Connection, key: str) -> str | None:
    """The fact, or ``None``."""
    return tx.execute(_GET, {"asked": key}).scalar_one_or_none()


_GET = select(workspace.c.value).where(workspace.c.key == bindparam("asked"))


def several(tx: Connection, keys: tuple[str, ...]) -> dict[str, str]:
    """The facts that there are for these keys, by key."""
    return {row.key: row.value for row in tx.execute(_SEVERAL, {"asked": keys})}


_SEVERAL = select(workspace.c.key, workspace.c.value).where(
    workspace.c.key.in_(bindparam("asked", expanding=True))
)


def beginning_with(tx: Connection, prefix: str) -> dict[str, str]:
    """The facts whose keys begin with ``prefix``, by what follows it."""
    query = select(workspace.c.key, workspace.c.value).where(
        workspace.c.key.startswith(prefix, autoescape=True)
    )
    return {row.key.removeprefix(prefix): row.value for row in tx.execute(query)}


def lock(tx: Connection, key: str, default: str) -> str:
    """The fact, which nobody else can change until the transaction ends; ``default`` if there was none."""
    insert_new(tx, workspace, {"key": key, "value": default}, on=("key",))
    query = select(workspace.c.value).where(workspace.c.key == key).with_for_update()
    found: str = tx.execute(query).scalar_one()
    return found


def save(tx: Connection, key: str, value: str) -> None:
    """Store a fact, replacing its old value."""
    upsert(tx, workspace, {"key": key, "value": value}, on=("key",))


def note_seen(tx: Connection, seen: Mapping[str, datetime], now: datetime) -> None:
    """Store when each of these was last received from Slack, and since when that is noted."""
    if get(tx, SEEN_SINCE) is None:
        save(tx, SEEN_SINCE, now.isoformat())
    for name, at in seen.items():
        save(tx, f"{SEEN}{name}", at.isoformat())


def forget(tx: Connection, key: str) -> None:
    """Delete a fact; fine if there is none."""
    tx.execute(delete(workspace).where(workspace.c.key == key))


def back_key(incident_id: int) -> str:
    """The key of the fact that holds when the bot last got back into an incident's channel, in ISO format."""
    return f"back:{incident_id}"


def announcements_key(name: str) -> str:
    """The key of the fact that holds the id of the announcements channel with this name."""
    return f"channel:{name}"[:64]

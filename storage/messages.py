"""Locations of the bot's own messages, by key, and of messages that something is created from."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from bot.domain.incidents.timeline import PostedMessage
from storage.tables import messages, source_messages
from storage.upsert import insert_new, upsert


def where(tx: Connection, key: str) -> tuple[str, str] | None:
    """(channel, ts) of the message known by ``key``, or ``None``."""
    row = tx.execute(_WHERE, {"asked": key}).one_or_none()
    return (row.channel_id, row.ts) if row else None


_WHERE = select(messages.c.channel_id, messages.c.ts).where(messages.c.key == bindparam("asked"))


def save(tx: Connection, key: str, channel_id: str, ts: str) -> None:
    """Store the location of the message known by ``key``."""
    upsert(tx, messages, {"key": key, "channel_id": channel_id, "ts": ts}, on=("key",))


def key_at(tx: Connection, channel_id: str, ts: str) -> str | None:
    """The key of the bot's own message at (channel, ts), or ``None``."""
    return tx.execute(_KEY_AT, {"channel": channel_id, "at": ts}).scalar_one_or_none()


_KEY_AT = select(messages.c.key).where(
    messages.c.channel_id == bindparam("channel"), messages.c.ts == bindparam("at")
)


def keys_at(tx: Connection, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Like :func:`key_at`, for several (channel, ts) at once; those that aren't our messages are left out."""
    if not places:
        return {}
    at = tuple_(messages.c.channel_id, messages.c.ts)
    query = select(messages.c.channel_id, messages.c.ts, messages.c.key).where(at.in_(places))
    return {(row.channel_id, row.ts): row.key for row in tx.execute(query)}


def latest_with_prefix(tx: Connection, key: str) -> tuple[str, str] | None:
    """(channel, ts) of the latest message whose key is this one plus ``/`` and more, or ``None``."""
    below = messages.c.key.startswith(f"{key}/", autoescape=True)
    query = select(messages.c.channel_id, messages.c.ts).where(below).order_by(messages.c.ts.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return (row.channel_id, row.ts) if row else None


def forget(tx: Connection, key: str) -> None:
    """Forget a message that is gone, so that the next one is posted as new."""
    tx.execute(delete(messages).where(messages.c.key == key))


def keep_source(tx: Connection, message: PostedMessage) -> None:
    """Remember the location of a message that somebody is about to create something from.

    Its text isn't stored here: it is in the form, and what people leave of it is stored with the result.
    """
    place = {"channel_id": message.channel_id, "ts": message.ts, "thread_ts": message.thread_ts}
    values = {**place, "user_id": None, "text": ""}
    insert_new(tx, source_messages, values, on=("channel_id", "ts"))


def get_source(tx: Connection, channel_id: str, ts: str) -> PostedMessage | None:
    """The location of the remembered message, or ``None``; its text isn't stored."""
    columns = source_messages.c
    query = select(source_messages).where(columns.channel_id == channel_id, columns.ts == ts)
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    return PostedMessage(channel_id, ts, None, None, "", thread_ts=row.thread_ts)

"""The names of channels and user groups in the database. Those of people are in :mod:`storage.people`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, bindparam, delete, select

from bot.domain.kit.references import Kind
from storage.tables import names
from storage.upsert import INSERTS, Insert

_ONE = select(names.c.name).where(names.c.kind == bindparam("kind"), names.c.id == bindparam("asked"))


def get(tx: Connection, kind: Kind, target: str) -> str | None:
    """The name of what has this id, empty if it may not be revealed; ``None`` if it isn't known."""
    row = tx.execute(_ONE, {"kind": kind.value, "asked": target}).one_or_none()
    return None if row is None else row.name or ""


def save(tx: Connection, kind: Kind, known: Mapping[str, str | None], at: datetime) -> None:
    """Store names as they were at a time, by id, unless something newer is known.

    ``None`` is the name of a private channel: what isn't stored can't be told.
    """
    rows = [{"kind": kind.value, "id": each, "name": name, "known_at": at} for each, name in known.items()]
    if rows:
        tx.execute(_replace_what_is_older(tx.dialect.name), rows)


def forget_before(tx: Connection, kind: Kind, at: datetime) -> None:
    """Forget what a complete list since then doesn't contain."""
    tx.execute(delete(names).where(names.c.kind == kind.value, names.c.known_at < at))


@cache
def _replace_what_is_older(dialect: str) -> Insert:
    statement = INSERTS[dialect](names)
    changed = {"name": statement.excluded.name, "known_at": statement.excluded.known_at}
    is_news = names.c.known_at <= statement.excluded.known_at
    return statement.on_conflict_do_update(index_elements=["kind", "id"], set_=changed, where=is_news)

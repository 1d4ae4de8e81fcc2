"""The workspace's people in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot.domain.people import Person
from storage.tables import people
from storage.upsert import upsert

# Made once: the gate asks for whoever acts, before each ack.
_ONE = select(people).where(people.c.id == bindparam("asked"))


def get(tx: Connection, user_id: str) -> Person | None:
    """What is known of somebody, or ``None``."""
    row = tx.execute(_ONE, {"asked": user_id}).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = {**row}
    del values["updated_at"]
    return Person(**values)


def save(tx: Connection, known: Iterable[Person], now: datetime) -> None:
    """Store what Slack says of some people, replacing what is older."""
    for person in known:
        is_news = people.c.changed_at <= person.changed_at
        upsert(tx, people, {**asdict(person), "updated_at": now}, on=("id",), only_if=is_news)

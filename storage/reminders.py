"""Which reminders were sent, and who gets a weekly digest when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, select, update

from storage.tables import digests, reminders
from storage.upsert import insert_new

CHANNEL = "#"
"""Stands in for a person: the digest of the announcements channel."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that was sent; there is only ever one for each (item, rung, on)."""

    item_id: int
    rung: str
    on: date
    user_id: str
    also_told: str | None
    is_late: bool
    at: datetime


def first_time(tx: Connection, reminder: Reminder) -> bool:
    """Record that the reminder is sent; returns whether this is the first time."""
    return insert_new(tx, reminders, asdict(reminder), on=("item_id", "rung", "on"))


def get(tx: Connection, item_id: int, rung: str, on: date) -> Reminder | None:
    """One reminder, or ``None``."""
    columns = reminders.c
    query = select(reminders).where(columns.item_id == item_id, columns.rung == rung, columns.on == on)
    row = tx.execute(query).mappings().one_or_none()
    return Reminder(**row) if row else None


def last_of(tx: Connection, item_id: int) -> Reminder | None:
    """The latest reminder of an item, or ``None``."""
    query = select(reminders).where(reminders.c.item_id == item_id).order_by(reminders.c.at.desc()).limit(1)
    row = tx.execute(query).mappings().one_or_none()
    return Reminder(**row) if row else None


def expect_digest(tx: Connection, user_id: str, next_at: datetime) -> None:
    """Send somebody digests from ``next_at`` on, unless they already get them."""
    insert_new(tx, digests, {"user_id": user_id, "next_at": next_at}, on=("user_id",))


def move_digest(tx: Connection, user_id: str, next_at: datetime) -> None:
    """Postpone somebody's next digest until ``next_at``."""
    tx.execute(update(digests).where(digests.c.user_id == user_id).values(next_at=next_at))


def end_digests(tx: Connection, user_id: str) -> None:
    """Stop somebody's digests: they have nothing to do."""
    tx.execute(delete(digests).where(digests.c.user_id == user_id))


def take_due_digests(tx: Connection, now: datetime, limit: int) -> list[tuple[str, datetime]]:
    """(person, due since) of due digests, longest overdue first, locked until this transaction ends."""
    query = select(digests.c.user_id, digests.c.next_at).where(digests.c.next_at <= now)
    rows = tx.execute(query.order_by(digests.c.next_at).limit(limit).with_for_update(skip_locked=True))
    return [(row.user_id, row.next_at) for row in rows]

"""Updates of incidents in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from bot.domain.updates.model import Update
from storage.entities import add_row, columns_of, save_row
from storage.tables import updates

_columns = updates.c


def add(tx: Connection, update: Update) -> Update:
    """Store a new update and return it with its id."""
    return replace(update, id=add_row(tx, updates, columns_of(update, updates)))


def save(tx: Connection, update: Update) -> Update:
    """Store what the update is now."""
    save_row(tx, updates, update.id, columns_of(update, updates))
    return update


def get(tx: Connection, incident_id: int, number: int, *, lock: bool = False) -> Update | None:
    """The incident's update with this number, or ``None``.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    query = select(updates).where(_columns.incident_id == incident_id, _columns.number == number)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return Update(**row) if row else None


def latest(tx: Connection, incident_id: int, *, lock: bool = False) -> Update | None:
    """The incident's latest update, or ``None``; ``lock`` is that of :func:`get`."""
    query = select(updates).where(_columns.incident_id == incident_id).order_by(_columns.number.desc())
    query = query.limit(1)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return Update(**row) if row else None


def numbers(tx: Connection, incident_id: int) -> list[int]:
    """The numbers of all of the incident's updates, in order."""
    query = select(_columns.number).where(_columns.incident_id == incident_id).order_by(_columns.number)
    return list(tx.execute(query).scalars())


def take_due(tx: Connection, now: datetime, limit: int) -> list[Update]:
    """Updates after which a nudge is due, longest overdue first, locked until this transaction ends."""
    query = select(updates).where(_columns.nudge_at <= now).order_by(_columns.nudge_at).limit(limit)
    return [Update(**row) for row in tx.execute(query.with_for_update(skip_locked=True)).mappings()]

"""Time blocks in the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, exists, select

from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.kit.people import Viewer
from storage.entities import add_row, columns_of, save_row
from storage.members import row_seen_by
from storage.tables import time_blocks

_columns = time_blocks.c


def add(tx: Connection, block: TimeBlock) -> TimeBlock:
    """Store a new time block and return it with its id."""
    return replace(block, id=add_row(tx, time_blocks, columns_of(block, time_blocks)))


def save(tx: Connection, block: TimeBlock) -> TimeBlock:
    """Store what the block is now."""
    save_row(tx, time_blocks, block.id, columns_of(block, time_blocks))
    return block


def get(tx: Connection, block_id: int, viewer: Viewer, *, lock: bool = False) -> TimeBlock | None:
    """The block, or ``None`` if the viewer can't see one with this id.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    row = row_seen_by(tx, viewer, _columns.id, block_id, lock=lock)
    return _block(row) if row else None


def of_incident(tx: Connection, incident_id: int) -> list[TimeBlock]:
    """All of the incident's blocks that aren't over, oldest first, locked."""
    return [_block(row) for row in tx.execute(_OF_INCIDENT, {"asked": incident_id}).mappings()]


_OF_INCIDENT = (
    select(time_blocks)
    .where(_columns.incident_id == bindparam("asked"), _columns.status != BlockStatus.OVER.value)
    .order_by(_columns.id)
    .with_for_update(key_share=True)
)


def by_event(tx: Connection, event_id: str) -> TimeBlock | None:
    """The block with this event, locked, or ``None``."""
    query = select(time_blocks).where(_columns.event_id == event_id).with_for_update(key_share=True)
    row = tx.execute(query).mappings().one_or_none()
    return _block(row) if row else None


def known_events(tx: Connection, event_ids: Collection[str]) -> frozenset[str]:
    """Those of the events that belong to time blocks."""
    query = select(_columns.event_id).where(_columns.event_id.in_(event_ids))
    return frozenset(tx.execute(query).scalars())


def any_on(tx: Connection, now: datetime) -> bool:
    """Whether any block that is in a calendar ends after now."""
    on = exists().where(_columns.ends_at > now, _columns.status == BlockStatus.BLOCKED.value)
    return bool(tx.execute(select(on)).scalar_one())


def _block(row: RowMapping) -> TimeBlock:
    return TimeBlock(**{**row, "status": BlockStatus(row["status"])})

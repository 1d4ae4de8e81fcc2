"""Action items in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, func, select, update

from bot.domain.action_items.model import (
    STILL_TO_DO,
    ActionItem,
    ActionItemPriority,
    ActionItemQuery,
    ActionItemStatus,
    ItemCounts,
)
from bot.domain.incidents.sources import without_words
from bot.domain.kit.people import Viewer
from storage.entities import add_row, columns_of, save_row
from storage.literals import one_of
from storage.members import row_seen_by, visible_to
from storage.tables import action_items, incidents

_items = action_items.c
_is_to_do = one_of(_items.status, STILL_TO_DO)
_MAX_COUNTED = 1000


def add(tx: Connection, item: ActionItem) -> ActionItem:
    """Store a new item and return it with its number."""
    return replace(item, id=add_row(tx, action_items, columns_of(item, action_items)))


def save(tx: Connection, item: ActionItem) -> ActionItem:
    """Store what the item is now."""
    save_row(tx, action_items, item.id, columns_of(item, action_items))
    return item


def get(tx: Connection, item_id: int, viewer: Viewer, *, lock: bool = False) -> ActionItem | None:
    """The item, or ``None`` if the viewer can't see one with this id.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    row = row_seen_by(tx, viewer, _items.id, item_id, lock=lock)
    return _item(row) if row else None


def find(tx: Connection, query: ActionItemQuery, viewer: Viewer) -> list[ActionItem]:
    """The matching items that the viewer may see: by due date, those without one last."""
    statement = select(action_items).join(incidents).where(_matching(query), visible_to(viewer))
    ordered = statement.order_by(_items.due_date.asc().nulls_last(), _items.id)
    return [_item(row) for row in tx.execute(ordered.limit(query.limit).offset(query.offset)).mappings()]


def count(tx: Connection, query: ActionItemQuery, viewer: Viewer) -> int:
    """How many matching items the viewer may see, up to 1,000."""
    matching = select(_items.id).join(incidents).where(_matching(query), visible_to(viewer))
    found = matching.limit(_MAX_COUNTED).subquery()
    return int(tx.execute(select(func.count()).select_from(found)).scalar_one())


def of_incident(tx: Connection, incident_id: int) -> list[ActionItem]:
    """All of an incident's items, oldest first."""
    query = select(action_items).where(_items.incident_id == incident_id).order_by(_items.id)
    return [_item(row) for row in tx.execute(query).mappings()]


def counts(tx: Connection, today: date) -> ItemCounts:
    """How many open items there are, not counting private incidents: all, overdue, and without an owner."""
    to_do = select(_items.due_date, _items.assigned_to).join(incidents)
    found = to_do.where(_is_to_do, incidents.c.is_private.is_(False)).subquery()
    row = tx.execute(
        select(
            func.count(),
            func.count().filter(found.c.due_date < today),
            func.count().filter(found.c.assigned_to.is_(None)),
        ).select_from(found)
    ).one()
    return ItemCounts(*row)


def ownerless(tx: Connection, limit: int) -> list[ActionItem]:
    """Open items without an owner, oldest first; none of private incidents."""
    nobodys = and_(_items.assigned_to.is_(None), _is_to_do)
    query = select(action_items).join(incidents).where(nobodys, incidents.c.is_private.is_(False))
    return [_item(row) for row in tx.execute(query.order_by(_items.id).limit(limit)).mappings()]


def to_do_with_date(tx: Connection, incident_id: int | None = None) -> list[tuple[int, int]]:
    """(incident, item) of every open item with a due date, of one incident or of all."""
    query = select(_items.incident_id, _items.id).where(_is_to_do, _items.due_date.is_not(None))
    if incident_id is not None:
        query = query.where(_items.incident_id == incident_id)
    return [(row.incident_id, row.id) for row in tx.execute(query.order_by(_items.id))]


def incidents_with_items(tx: Connection, viewer: Viewer, limit: int) -> list[int]:
    """The numbers of the latest incidents that the viewer may see and that have open items."""
    query = select(incidents.c.id).where(
        visible_to(viewer),
        incidents.c.id.in_(select(_items.incident_id).where(_is_to_do)),
    )
    return list(tx.execute(query.order_by(incidents.c.id.desc()).limit(limit)).scalars())


def take_due(tx: Connection, now: datetime, limit: int) -> list[ActionItem]:
    """Items whose reminders have to be planned, longest overdue first, locked until this transaction ends."""
    rows = tx.execute(_DUE, {"now": now, "most": limit})
    return [_item(row) for row in rows.mappings()]


_DUE = (
    select(action_items)
    .where(_items.remind_at <= bindparam("now"))
    .order_by(_items.remind_at, _items.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)


def to_do_of(tx: Connection, user_id: str) -> list[ActionItem]:
    """Somebody's open items, locked."""
    mine = and_(_items.assigned_to == user_id, _is_to_do)
    query = select(action_items).where(mine).order_by(_items.id).with_for_update(key_share=True)
    return [_item(row) for row in tx.execute(query).mappings()]


def look_at_all(tx: Connection, now: datetime) -> None:
    """Have the reminders of all open items planned again now, because the settings for them have changed."""
    tx.execute(update(action_items).where(_is_to_do).values(remind_at=now))


def _matching(query: ActionItemQuery) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = []
    if query.only_to_do:
        wanted.append(_is_to_do)
    if query.incident_id is not None:
        wanted.append(_items.incident_id == query.incident_id)
    if query.assigned_to is not None:
        wanted.append(_items.assigned_to == query.assigned_to)
    return and_(True, *wanted)


def _item(row: RowMapping) -> ActionItem:
    values: dict[str, Any] = {**row}
    values["status"] = ActionItemStatus(values["status"])
    values["priority"] = ActionItemPriority(values["priority"])
    values["metadata"] = without_words(values["metadata"])
    return ActionItem(**values)

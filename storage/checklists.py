"""Checklists in the channels of incidents: each is a copy of what the settings said when it was posted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from bot.domain.checklists.model import PostedChecklist, PostedLine
from storage.entities import add_row, columns_of, save_row
from storage.tables import checklist_lines, checklists

_lists, _lines = checklists.c, checklist_lines.c


def add(tx: Connection, posted: PostedChecklist) -> PostedChecklist:
    """Store a new list with its lines and return it as it is stored."""
    number = add_row(tx, checklists, columns_of(posted, checklists))
    rows = [{**columns_of(each, checklist_lines), "checklist_id": number} for each in posted.lines]
    tx.execute(insert(checklist_lines), rows)
    [stored] = _with_lines(tx, select(checklists).where(_lists.id == number))
    return stored


def get(tx: Connection, incident_id: int, checklist_id: int) -> PostedChecklist | None:
    """The incident's list with this id, with its lines, or ``None``."""
    mine = select(checklists).where(_lists.id == checklist_id, _lists.incident_id == incident_id)
    return next(_with_lines(tx, mine), None)


def of_incident(tx: Connection, incident_id: int) -> list[PostedChecklist]:
    """The incident's lists with their lines, in the order in which they were posted."""
    return list(_with_lines(tx, select(checklists).where(_lists.incident_id == incident_id)))


def with_key(tx: Connection, incident_id: int, key: str) -> int | None:
    """The id of the incident's list with this key, or ``None``."""
    mine = select(_lists.id).where(_lists.incident_id == incident_id, _lists.key == key)
    return tx.execute(mine).scalar()


def keys(tx: Connection, incident_id: int) -> frozenset[str]:
    """The keys of the incident's lists."""
    return frozenset(tx.execute(select(_lists.key).where(_lists.incident_id == incident_id)).scalars())


def line(tx: Connection, line_id: int) -> PostedLine | None:
    """The line with this id, which nobody else changes before this transaction ends, or ``None``."""
    query = select(checklist_lines).where(_lines.id == line_id).with_for_update()
    row = tx.execute(query).mappings().one_or_none()
    return PostedLine(**row) if row else None


def save_line(tx: Connection, changed: PostedLine) -> PostedLine:
    """Store what the line is now."""
    save_row(tx, checklist_lines, changed.id, columns_of(changed, checklist_lines))
    return changed


def take_due(tx: Connection, now: datetime, limit: int) -> list[PostedLine]:
    """Lines that are due for a nudge, longest overdue first, locked until this transaction ends."""
    query = select(checklist_lines).where(_lines.nudge_at <= now).order_by(_lines.nudge_at, _lines.id)
    due = query.limit(limit).with_for_update(skip_locked=True)
    return [PostedLine(**row) for row in tx.execute(due).mappings()]


def incident_of(tx: Connection, checklist_id: int) -> int:
    """The number of the list's incident."""
    return int(tx.execute(select(_lists.incident_id).where(_lists.id == checklist_id)).scalar_one())


def _with_lines(tx: Connection, found: Select[Any]) -> Iterator[PostedChecklist]:
    made = [PostedChecklist(**row) for row in tx.execute(found.order_by(_lists.id)).mappings()]
    lines = list(_lines_of(tx, [each.id for each in made])) if made else []
    for each in made:
        yield replace(each, lines=tuple(line for line in lines if line.checklist_id == each.id))


def _lines_of(tx: Connection, numbers: Iterable[int]) -> Iterator[PostedLine]:
    query = select(checklist_lines).where(_lines.checklist_id.in_(numbers)).order_by(_lines.number)
    return (PostedLine(**row) for row in tx.execute(query).mappings())

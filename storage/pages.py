"""Who was called into an incident and why, and which of them have been seen since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from bot.domain.pages.model import Page, Waiting
from storage.entities import add_row, columns_of
from storage.tables import page_people, pages

_columns, _people = pages.c, page_people.c


def add(tx: Connection, page: Page) -> Page:
    """Store a new page with its people and return it with its id."""
    made = replace(page, id=add_row(tx, pages, columns_of(page, pages)))
    rows = [
        {"page_id": made.id, "user_id": each, "incident_id": made.incident_id, "place": place}
        for place, each in enumerate(made.people)
    ]
    tx.execute(insert(page_people), rows)
    return made


def get(tx: Connection, incident_id: int, page_id: int) -> Page | None:
    """The incident's page with this id, or ``None``."""
    found = _found(tx, select(pages).where(_columns.id == page_id, _columns.incident_id == incident_id))
    return found[0] if found else None


def of_incident(tx: Connection, incident_id: int) -> list[Page]:
    """All pages in the incident, oldest first."""
    return _found(tx, select(pages).where(_columns.incident_id == incident_id).order_by(_columns.id))


def waiting(
    tx: Connection, incident_ids: Collection[int], user_ids: Collection[str] | None = None
) -> list[Waiting]:
    """Which of these people, or of all by default, were paged in these incidents and not seen since."""
    asked: dict[str, Any] = {"incidents": list(incident_ids)}
    if user_ids is None:
        return [Waiting(*row) for row in tx.execute(_WAITING, asked)]
    return [Waiting(*row) for row in tx.execute(_WAITING_AMONG, {**asked, "people": list(user_ids)})]


def note_seen(tx: Connection, page_id: int, user_id: str, at: datetime) -> None:
    """Record that somebody who was paged has been seen; the first time counts."""
    mine = (_people.page_id == page_id, _people.user_id == user_id, _people.seen_at.is_(None))
    tx.execute(update(page_people).where(*mine).values(seen_at=at))


def tell_later(tx: Connection, page_id: int, at: datetime) -> None:
    """Have whoever paged told at that time who hasn't been seen, unless a time is already set."""
    query = update(pages).where(_columns.id == page_id, _columns.tell_at.is_(None))
    tx.execute(query.values(tell_at=at))


def take_due(tx: Connection, now: datetime, limit: int) -> list[Page]:
    """Pages whose time has come, longest overdue first, locked until this transaction ends.

    Taking them clears their time, so that nobody else gets them.
    """
    query = select(pages).where(_columns.tell_at <= now).order_by(_columns.tell_at).limit(limit)
    found = _found(tx, query.with_for_update(skip_locked=True))
    if found:
        ids = [each.id for each in found]
        tx.execute(update(pages).where(_columns.id.in_(ids)).values(tell_at=None))
    return found


def _found(tx: Connection, query: Select[Any]) -> list[Page]:
    rows = tx.execute(query).mappings().all()
    everybody = _everybody(tx, [row["id"] for row in rows])
    return [
        Page(**{**row, "groups": tuple(row["groups"])}, people=everybody.get(row["id"], {})) for row in rows
    ]


def _everybody(tx: Connection, ids: Sequence[int]) -> dict[int, dict[str, datetime | None]]:
    """Page -> who was paged, and when they were first seen."""
    found: dict[int, dict[str, datetime | None]] = {}
    if ids:
        query = select(_people.page_id, _people.user_id, _people.seen_at).where(_people.page_id.in_(ids))
        for row in tx.execute(query.order_by(_people.page_id, _people.place)):
            found.setdefault(row.page_id, {})[row.user_id] = row.seen_at
    return found


_WAITING = (
    select(_people.page_id, _people.incident_id, _people.user_id, _columns.at)
    .join(pages, _columns.id == _people.page_id)
    .where(_people.seen_at.is_(None), _people.incident_id.in_(bindparam("incidents", expanding=True)))
    .order_by(_people.page_id, _people.place)
)
_WAITING_AMONG = _WAITING.where(_people.user_id.in_(bindparam("people", expanding=True)))

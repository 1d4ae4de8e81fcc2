"""Who is in the channels of private incidents and may see them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    true,
    update,
)

from bot.domain.kit.people import System, Viewer
from storage.tables import incident_members, incidents
from storage.upsert import insert_new, upsert

_KEY = ("incident_id", "user_id")
_BY_PART, _LISTED = "0", "1"
"""Stored instead of an event's ts: for somebody who has a part in the incident but was never seen in the
channel, and for somebody who was seen there without an event.

Every event is later than either. Our own clock wouldn't do: it may be ahead of Slack's, so a person who left
right after we looked would seem to be still there.
"""


def visible_to(viewer: Viewer | BindParameter[str]) -> ColumnElement[bool]:
    """Whether somebody may know about an incident: only its members may know about a private one."""
    if isinstance(viewer, System):
        return true()
    columns = incident_members.c
    is_member = exists().where(
        columns.incident_id == incidents.c.id, columns.user_id == viewer, columns.present
    )
    return or_(incidents.c.is_private.is_(False), is_member)


def row_seen_by(
    tx: Connection, viewer: Viewer, column: Column[Any], value: Any, *, lock: bool = False
) -> RowMapping | None:
    """The one row with this value in ``column``, or ``None`` if the viewer may not see its incident.

    With ``lock``, nobody else changes the row before this transaction ends.
    """
    is_system = isinstance(viewer, System)
    asked = {"value": value} if is_system else {"value": value, "viewer": viewer}
    return tx.execute(_row_seen(column, is_system, lock), asked).mappings().one_or_none()


@cache
def _row_seen(column: Column[Any], is_system: bool, lock: bool) -> Select[Any]:
    """Cached: every operation and every performer reads such rows, and building a statement takes time."""
    query = select(column.table).where(column == bindparam("value"))
    if not is_system:
        joined = query if column.table is incidents else query.join(incidents)
        query = joined.where(visible_to(bindparam("viewer")))
    return query.with_for_update(key_share=True, of=column.table) if lock else query


def present(tx: Connection, incident_id: int) -> frozenset[str]:
    """The ids of the people who are members now."""
    columns = incident_members.c
    query = select(columns.user_id).where(columns.incident_id == incident_id, columns.present)
    return frozenset(tx.execute(query).scalars())


def note(tx: Connection, incident_id: int, user_id: str, *, present: bool, event_ts: str) -> None:
    """Record that somebody joined or left the channel, unless something newer is known."""
    values = {"incident_id": incident_id, "user_id": user_id, "present": present, "event_ts": event_ts}
    upsert(tx, incident_members, values, on=_KEY, only_if=incident_members.c.event_ts <= event_ts)


def add(tx: Connection, incident_id: int, user_id: str) -> None:
    """Make somebody a member because of their part in the incident, even before they are in its channel."""
    values = {"incident_id": incident_id, "user_id": user_id, "present": True, "event_ts": _BY_PART}
    if not insert_new(tx, incident_members, values, on=_KEY):
        mine = and_(incident_members.c.incident_id == incident_id, incident_members.c.user_id == user_id)
        tx.execute(update(incident_members).where(mine).values(present=True))


def see(tx: Connection, incident_id: int, user_id: str) -> None:
    """Record that somebody was seen in the channel, if nothing is known about them yet."""
    values = {"incident_id": incident_id, "user_id": user_id, "present": True, "event_ts": _LISTED}
    insert_new(tx, incident_members, values, on=_KEY)


def forget(tx: Connection, incident_id: int) -> None:
    """Forget all members of the incident."""
    tx.execute(delete(incident_members).where(incident_members.c.incident_id == incident_id))


def replace(tx: Connection, incident_id: int, user_ids: frozenset[str], before: str) -> None:
    """Make the members exactly these, but leave alone people with an event at ``before`` or later.

    People with a part in the incident stay members until they were in the channel and left: they may not be
    in it yet, and if they couldn't be invited they must be able to retry that.
    """
    columns = incident_members.c
    seen = and_(columns.incident_id == incident_id, columns.event_ts != _BY_PART, columns.event_ts < before)
    tx.execute(update(incident_members).where(seen).values(present=columns.user_id.in_(user_ids)))
    for user_id in sorted(user_ids):
        values = {"incident_id": incident_id, "user_id": user_id, "present": True, "event_ts": _LISTED}
        upsert(tx, incident_members, values, on=_KEY, only_if=columns.event_ts == _BY_PART)

"""Incidents in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, RowMapping, Select, bindparam, func, or_, select, update

from bot.codec import metadata_of
from bot.domain.incidents.model import (
    ACTIVE,
    MAX_COUNTED,
    Conversion,
    Incident,
    IncidentQuery,
    IncidentSeverity,
    IncidentStatus,
)
from bot.domain.incidents.sources import without_words
from bot.domain.kit.people import System, Viewer
from storage.entities import add_row, columns_of, save_row
from storage.flags import unpacked
from storage.literals import one_of
from storage.members import row_seen_by, visible_to
from storage.tables import incidents

_CONVERSION: Mapping[str, str] = {f"conversion_{each.name}": each.name for each in fields(Conversion)}
"""Column -> field."""
_NO_FIELDS = ("caught_up_to", "ask_commander_at")
"""Columns that are read and written by themselves."""


def add(tx: Connection, incident: Incident) -> Incident:
    """Store a new incident and return it with its number."""
    return replace(incident, id=add_row(tx, incidents, _values(incident)))


def save(tx: Connection, incident: Incident) -> Incident:
    """Store what the incident is now."""
    save_row(tx, incidents, incident.id, _values(incident))
    return incident


def get(tx: Connection, incident_id: int, viewer: Viewer, *, lock: bool = False) -> Incident | None:
    """The incident, or ``None`` if the viewer can't see one with this number.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    row = row_seen_by(tx, viewer, incidents.c.id, incident_id, lock=lock)
    return _incident(row) if row else None


def by_channel(tx: Connection, channel_id: str, viewer: Viewer) -> Incident | None:
    """The incident whose channel this is, or ``None`` if the viewer can't see one."""
    row = row_seen_by(tx, viewer, incidents.c.channel_id, channel_id)
    return _incident(row) if row else None


def of_channels(tx: Connection, channel_ids: Collection[str]) -> list[Incident]:
    """The incidents that these channels belong to."""
    query = select(incidents).where(incidents.c.channel_id.in_(channel_ids)).order_by(incidents.c.id)
    return [_incident(row) for row in tx.execute(query).mappings()]


def number_of_channel(tx: Connection, channel_id: str) -> int | None:
    """The number of the incident whose channel this is, or ``None``. Runs for every single message."""
    return tx.execute(_NUMBER_OF_CHANNEL, {"asked": channel_id}).scalar_one_or_none()


_NUMBER_OF_CHANNEL = select(incidents.c.id).where(incidents.c.channel_id == bindparam("asked"))


def numbers_of_channels(tx: Connection, channel_ids: Collection[str]) -> dict[str, int]:
    """Like :func:`number_of_channel`, for several at once, by channel; others are left out."""
    query = select(incidents.c.channel_id, incidents.c.id).where(incidents.c.channel_id.in_(channel_ids))
    return {row.channel_id: row.id for row in tx.execute(query)}


def active_with_channel(tx: Connection) -> list[int]:
    """The numbers of all incidents with a channel that are still being worked on or are private."""
    active = or_(one_of(incidents.c.status, ACTIVE), incidents.c.is_private)
    query = select(incidents.c.id).where(active, incidents.c.channel_id.is_not(None))
    return list(tx.execute(query.order_by(incidents.c.id)).scalars())


def is_public_between(tx: Connection, start: datetime, end: datetime) -> bool:
    """Whether an incident that is public was declared between the two instants, and has a channel."""
    within = incidents.c.declared_at.between(start, end) & incidents.c.channel_id.is_not(None)
    query = select(incidents.c.id).where(within, incidents.c.is_private.is_(False)).limit(1)
    return tx.execute(query).first() is not None


def active(tx: Connection) -> list[int]:
    """The numbers of all incidents that are still being worked on."""
    query = select(incidents.c.id).where(one_of(incidents.c.status, ACTIVE))
    return list(tx.execute(query.order_by(incidents.c.id)).scalars())


def caught_up_to(tx: Connection, incident_id: int) -> str | None:
    """The ts up to which everything in the channel is known to be stored, or ``None``."""
    query = select(incidents.c.caught_up_to).where(incidents.c.id == incident_id)
    return tx.execute(query).scalar_one_or_none()


def note_caught_up(tx: Connection, incident_id: int, ts: str) -> None:
    """Record that everything in the channel up to this ts is stored."""
    tx.execute(update(incidents).where(incidents.c.id == incident_id).values(caught_up_to=ts))


def ask_for_commander(tx: Connection, incident_id: int, at: datetime | None) -> None:
    """Have a commander asked for at that time, unless a time is already set; ``None`` calls that off."""
    query = update(incidents).where(incidents.c.id == incident_id).values(ask_commander_at=at)
    planned = incidents.c.ask_commander_at
    tx.execute(query.where(planned.is_(None) if at else planned.is_not(None)))


def take_without_commander(tx: Connection, now: datetime, limit: int) -> list[Incident]:
    """Incidents whose channels are to be asked for a commander, longest overdue first; each only once.

    They are locked until this transaction ends.
    """
    due = incidents.c.ask_commander_at
    query = select(incidents).where(due <= now).order_by(due).limit(limit)
    rows = tx.execute(query.with_for_update(skip_locked=True, key_share=True)).mappings().all()
    found = [_incident(row) for row in rows]
    taken = incidents.c.id.in_([each.id for each in found])
    tx.execute(update(incidents).where(taken).values(ask_commander_at=None))
    return found


def rename_project(tx: Connection, project_number: int, name: str) -> None:
    """Give the project's incidents its new name."""
    tx.execute(update(incidents).where(incidents.c.project_number == project_number).values(project_id=name))


def active_of_project(tx: Connection, project_number: int) -> list[Incident]:
    """The project's incidents that are still being worked on."""
    its = (incidents.c.project_number == project_number, one_of(incidents.c.status, ACTIVE))
    rows = tx.execute(select(incidents).where(*its).order_by(incidents.c.id)).mappings()
    return [_incident(row) for row in rows]


def note_channel(tx: Connection, incident_id: int, channel_id: str, name: str, now: datetime) -> None:
    """Record which channel was created for the incident."""
    values = {"channel_id": channel_id, "channel_name": name, "updated_at": now}
    tx.execute(update(incidents).where(incidents.c.id == incident_id).values(values))


def find(tx: Connection, query: IncidentQuery, viewer: Viewer) -> list[Incident]:
    """The matching incidents that the viewer may see, in the query's order."""
    rows = tx.execute(_finding(*_shape(query, viewer)), _asked(query, viewer))
    return [_incident(row) for row in rows.mappings()]


def count(tx: Connection, query: IncidentQuery, viewer: Viewer) -> int:
    """How many matching incidents the viewer may see, up to ``MAX_COUNTED``, ignoring the query's limit.

    Both engines count by reading every row: for 100,000 rows, that would take most of a request's time.
    """
    return int(tx.execute(_counting(*_shape(query, viewer)), _asked(query, viewer)).scalar_one())


def declared_after(tx: Connection, viewer: Viewer, incident_id: int, limit: int) -> list[Incident]:
    """The incidents after this one that the viewer may see, latest first."""
    query = select(incidents).where(visible_to(viewer), incidents.c.id > incident_id)
    rows = tx.execute(query.order_by(incidents.c.id.desc()).limit(limit)).mappings()
    return [_incident(row) for row in rows]


def projects(tx: Connection, like: str, limit: int, viewer: Viewer) -> list[str]:
    """Names of projects that contain ``like``, from incidents that the viewer may see; the latest first."""
    name = incidents.c.project_id
    # Neither engine reliably lower-cases letters outside ASCII, so the text is also compared as it was typed.
    contains = or_(
        name.contains(like, autoescape=True), func.lower(name).contains(like.lower(), autoescape=True)
    )
    query = (
        select(name)
        .where(name.is_not(None), contains, visible_to(viewer))
        .group_by(name)
        .order_by(func.max(incidents.c.id).desc())
        .limit(limit)
    )
    return list(tx.execute(query).scalars())


def _shape(query: IncidentQuery, viewer: Viewer) -> tuple[IncidentQuery, bool]:
    """What the statement depends on: the query without what people type, and whether all may be seen."""
    project = None if query.project_id is None else ""
    return replace(query, project_id=project, limit=0, offset=0), isinstance(viewer, System)


def _asked(query: IncidentQuery, viewer: Viewer) -> dict[str, Any]:
    """The parameters of a statement of that shape."""
    return {
        "viewer": viewer,
        "project": query.project_id,
        "limit": query.limit,
        "offset": query.offset,
    }


# Both are cached: every list and every count of pages asks one of a few statements, and building one takes
# as long as running it.
@cache
def _finding(shape: IncidentQuery, is_system: bool) -> Select[Any]:
    latest = [incidents.c.resolved_at.desc().nulls_last()] if shape.by_resolution else []
    query = _matching(select(incidents), shape, is_system).order_by(*latest, incidents.c.id.desc())
    return query.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer))


@cache
def _counting(shape: IncidentQuery, is_system: bool) -> Select[Any]:
    found = _matching(select(incidents.c.id), shape, is_system).limit(MAX_COUNTED).subquery()
    return select(func.count()).select_from(found)


def _matching(statement: Select[Any], shape: IncidentQuery, is_system: bool) -> Select[Any]:
    columns = incidents.c
    wanted: Mapping[str, Any] = {
        "status": shape.status and shape.status.value,
        "severity": shape.severity and shape.severity.value,
        "project_id": None if shape.project_id is None else bindparam("project"),
    }
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(columns[name] == value)
    if shape.statuses:
        statement = statement.where(one_of(columns.status, shape.statuses))
    return statement if is_system else statement.where(visible_to(bindparam("viewer")))


def _values(incident: Incident) -> dict[str, Any]:
    known = incident.conversion
    conversion = {column: getattr(known, name) if known else None for column, name in _CONVERSION.items()}
    return {**columns_of(incident, incidents), **conversion, "metadata": metadata_of(incident)}


def _incident(row: RowMapping) -> Incident:
    values = unpacked(Incident, row)
    for name in _NO_FIELDS:
        del values[name]
    conversion = {name: values.pop(column) for column, name in _CONVERSION.items()}
    in_columns = conversion if conversion["ts"] else None
    known = values.get("conversion", in_columns)
    values["conversion"] = Conversion(**known) if known else None
    values["severity"] = IncidentSeverity(values["severity"])
    values["status"] = IncidentStatus(values["status"])
    values["metadata"] = without_words(values["metadata"])
    return Incident(**values)

"""Projects in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from bot.domain.projects.model import Link, Project, key_of
from storage.entities import add_row, columns_of, save_row
from storage.tables import projects

_columns = projects.c


def add(tx: Connection, project: Project) -> Project:
    """Store a new project and return it with its id."""
    return replace(project, id=add_row(tx, projects, _values(project)))


def save(tx: Connection, project: Project) -> Project:
    """Store what the project is now."""
    save_row(tx, projects, project.id, _values(project))
    return project


def get(tx: Connection, project_id: int, *, lock: bool = False) -> Project | None:
    """The project, archived or not, or ``None``.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    query = _ONE.with_for_update() if lock else _ONE
    row = tx.execute(query, {"asked": project_id}).mappings().one_or_none()
    return _project(row) if row else None


def keep(tx: Connection, project_id: int) -> Project | None:
    """Like :func:`get`, and until this transaction ends, nobody changes the project.

    A new incident isn't seen by others before that: its project's new name would never reach it.
    """
    row = tx.execute(_ONE.with_for_update(read=True), {"asked": project_id}).mappings().one_or_none()
    return _project(row) if row else None


def everything(tx: Connection) -> list[Project]:
    """All projects in the order of their names, archived ones last."""
    rows = tx.execute(select(projects)).mappings()
    return sorted(
        (_project(row) for row in rows), key=lambda each: (each.is_archived, key_of(each.name), each.id)
    )


def offered(tx: Connection) -> list[Project]:
    """The projects that aren't archived, in the order of their names."""
    return [each for each in everything(tx) if not each.is_archived]


def named(tx: Connection, name: str) -> Project | None:
    """The project with this name, ignoring case and spacing, unless it's archived; or ``None``."""
    wanted = key_of(name)
    return next((each for each in offered(tx) if key_of(each.name) == wanted), None)


_ONE = select(projects).where(_columns.id == bindparam("asked"))


def _values(project: Project) -> Mapping[str, Any]:
    plain = columns_of(replace(project, links=()), projects)
    return {**plain, "links": [asdict(each) for each in project.links]}


def _project(row: RowMapping) -> Project:
    values = dict(row)
    for name in ("people", "groups"):
        values[name] = tuple(values[name])
    values["links"] = tuple(Link(str(each["name"]), str(each["url"])) for each in values["links"])
    return Project(**values)

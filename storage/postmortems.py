"""Postmortems and their revisions in the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from bot.codec import COLUMNS, dump, load, metadata_of
from bot.domain.kit.people import Viewer
from bot.domain.postmortems.model import Postmortem, Revision, Section, content_of
from storage.entities import add_row, columns_of, save_row
from storage.flags import unpacked
from storage.members import row_seen_by
from storage.tables import postmortem_revisions, postmortems

_columns = postmortems.c


def add(tx: Connection, postmortem: Postmortem) -> Postmortem:
    """Store a new postmortem and return it with its id."""
    return replace(postmortem, id=add_row(tx, postmortems, _values(postmortem)))


def save(tx: Connection, postmortem: Postmortem) -> Postmortem:
    """Store what the postmortem is now."""
    save_row(tx, postmortems, postmortem.id, _values(postmortem))
    return postmortem


def add_revision(tx: Connection, postmortem: Postmortem, by: str, section: Section) -> None:
    """Store the postmortem's current content as its latest revision."""
    values = {
        "postmortem_id": postmortem.id,
        "number": postmortem.revision,
        "by": by,
        "at": postmortem.updated_at,
        "section": section.value,
        "content": dump(content_of(postmortem)),
    }
    tx.execute(insert(postmortem_revisions), values)


def get(tx: Connection, postmortem_id: int, viewer: Viewer, *, lock: bool = False) -> Postmortem | None:
    """The postmortem, or ``None`` if the viewer can't see one with this id.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    row = row_seen_by(tx, viewer, _columns.id, postmortem_id, lock=lock)
    return _postmortem(row) if row else None


def of_incident(tx: Connection, incident_id: int, viewer: Viewer, *, lock: bool = False) -> Postmortem | None:
    """The incident's postmortem, or ``None`` if the viewer can't see one."""
    row = row_seen_by(tx, viewer, _columns.incident_id, incident_id, lock=lock)
    return _postmortem(row) if row else None


def revisions(
    tx: Connection, postmortem_id: int, limit: int | None = None, offset: int = 0
) -> list[Revision]:
    """The postmortem's revisions, latest first."""
    mine = postmortem_revisions.c.postmortem_id == postmortem_id
    query = select(postmortem_revisions).where(mine).order_by(postmortem_revisions.c.number.desc())
    return [_revision(row) for row in tx.execute(query.limit(limit).offset(offset)).mappings()]


def revision(tx: Connection, postmortem_id: int, number: int) -> Revision | None:
    """One revision, or ``None``."""
    columns = postmortem_revisions.c
    query = select(postmortem_revisions).where(
        columns.postmortem_id == postmortem_id, columns.number == number
    )
    row = tx.execute(query).mappings().one_or_none()
    return _revision(row) if row else None


def _values(postmortem: Postmortem) -> dict[str, Any]:
    content = dump(content_of(postmortem))
    return {**columns_of(postmortem, postmortems), "content": content, "metadata": metadata_of(postmortem)}


def _revision(row: RowMapping) -> Revision:
    section = next((each for each in Section if each.value == row["section"]), None)
    return Revision(row["number"], row["by"], row["at"], section, row["content"])


def _postmortem(row: RowMapping) -> Postmortem:
    content = row["content"]
    curated = {int(number): each for number, each in content["curated"].items()}
    renamed = {"lessons_learned": content["lessons"], "curated": curated}
    return load(Postmortem, {**unpacked(Postmortem, row), **content, **renamed}, COLUMNS)

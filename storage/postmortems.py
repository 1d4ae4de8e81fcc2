"""Postmortems and their revisions in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from bot.codec import COLUMNS, dump, load
from bot.domain.kit.people import Viewer
from bot.domain.postmortems.model import Content, Postmortem, Revision, Section, content_of
from storage.members import row_seen_by
from storage.tables import postmortem_revisions, postmortems

_columns = postmortems.c


def add(tx: Connection, incident_id: int, by: str, now: datetime, content: Content) -> Postmortem:
    """Store a new postmortem with this content; it has no revision yet."""
    values = {
        "incident_id": incident_id,
        "content": dump(content),
        "owner_id": content.owner,
        "revision": 0,
        "completed_despite": "",
        "created_by": by,
        "created_at": now,
        "updated_at": now,
        "metadata": {},
    }
    row = tx.execute(insert(postmortems).values(values).returning(*_columns)).mappings().one()
    return _postmortem(row)


def of_incident(tx: Connection, incident_id: int, viewer: Viewer, *, lock: bool = False) -> Postmortem | None:
    """The incident's postmortem, or ``None`` if the viewer can't see one."""
    row = row_seen_by(tx, viewer, _columns.incident_id, incident_id, lock=lock)
    return _postmortem(row) if row else None


def save(tx: Connection, changed: Postmortem, by: str, section: Section, now: datetime) -> Postmortem:
    """Store the postmortem and a new revision of it; returns it with that revision's number."""
    number, content = changed.revision + 1, dump(content_of(changed))
    values = {
        "content": content,
        "owner_id": changed.owner_id,
        "revision": number,
        "completed_at": changed.completed_at,
        "completed_despite": changed.completed_despite,
        "updated_at": now,
    }
    row = tx.execute(_of(changed.id).values(values).returning(*_columns)).mappings().one()
    kept = {
        "postmortem_id": changed.id,
        "number": number,
        "by": by,
        "at": now,
        "section": section.value,
        "content": content,
    }
    tx.execute(insert(postmortem_revisions).values(kept))
    return _postmortem(row)


def note(tx: Connection, postmortem_id: int, **shows: Any) -> None:
    """Merge these values, e.g. where its document is, into the postmortem's metadata. Adds no revision."""
    known = tx.execute(select(_columns.metadata).where(_columns.id == postmortem_id)).scalar_one()
    tx.execute(_of(postmortem_id).values(metadata={**known, **shows}))


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


def _of(postmortem_id: int) -> Any:
    return update(postmortems).where(_columns.id == postmortem_id)


def _revision(row: RowMapping) -> Revision:
    return Revision(row["number"], row["by"], row["at"], Section(row["section"]), row["content"])


def _postmortem(row: RowMapping) -> Postmortem:
    content = row["content"]
    curated = {int(number): each for number, each in content["curated"].items()}
    renamed = {"lessons_learned": content["lessons"], "curated": curated}
    return load(Postmortem, {**row, **content, **renamed}, COLUMNS)

"""Flags in JSON, which became columns with revision 0008: each revision reads what the other writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select, update

from bot.codec import IN_METADATA
from bot.domain.incidents.model import Conversion
from bot.domain.kit.people import SYSTEM
from storage import five_whys, incidents, postmortems
from storage.database import Database
from storage.tables import five_whys_analyses
from storage.tables import incidents as incidents_table
from storage.tables import postmortems as postmortems_table
from tests.support.examples import incident, postmortem, session
from tests.support.rows import an_incident

SOURCE = {"source": {"channel_id": "C1", "ts": "1.0"}}
HIDDEN = Conversion(is_private=True, ts="5.0", by="U0BEN")
ASKED = Conversion(is_private=False, ts="6.0", asked="U0ANA", question="6.0")
Entity = Any
KEPT: dict[str, tuple[ModuleType, Table, Entity, tuple[Any, Any]]] = {
    "conversion": (incidents, incidents_table, incident(metadata=SOURCE), (HIDDEN, ASKED)),
    "was_nudged": (five_whys, five_whys_analyses, session(incident_id=1, metadata=SOURCE), (True, False)),
    "has_findings": (five_whys, five_whys_analyses, session(incident_id=1, metadata=SOURCE), (True, False)),
    "canvas_id": (postmortems, postmortems_table, postmortem(incident_id=1, metadata=SOURCE), ("F1", "F2")),
    "file_id": (postmortems, postmortems_table, postmortem(incident_id=1, metadata=SOURCE), ("F1", "F2")),
}
"""Field -> its noun, an entity, and two values that it may have one after the other."""
flags = pytest.mark.parametrize("name", KEPT)


def in_json(name: str, value: Any) -> Any:
    """The value as the revision before writes and reads it."""
    if not isinstance(value, Conversion):
        return value
    fields = ("is_private", "ts", "by", "asked", "question", "answered_by")
    return {field: getattr(value, field) for field in fields}


def stored(database: Database, name: str, value: Any, then: Callable[[Connection, Entity], Any]) -> Any:
    """Store an entity with this value; what ``then`` returns."""
    noun, _, entity, _ = KEPT[name]

    def work(tx: Connection) -> Any:
        return then(tx, noun.add(tx, replace(entity, **{name: value})))

    if noun is not incidents:
        an_incident(database)
    return database.run(work)


def read(name: str, tx: Connection, entity: Entity) -> Any:
    """The field as this revision reads it."""
    return getattr(KEPT[name][0].get(tx, entity.id, SYSTEM), name)


def metadata_in(name: str, tx: Connection, entity: Entity) -> dict[str, Any]:
    """The JSON, which is all that the revision before reads."""
    table = KEPT[name][1]
    found: dict[str, Any] = tx.execute(
        select(table.c["metadata"]).where(table.c.id == entity.id)
    ).scalar_one()
    return found


def write_json(name: str, tx: Connection, entity: Entity, metadata: dict[str, Any]) -> None:
    """Replace the JSON and nothing else, as the revision before does."""
    table = KEPT[name][1]
    tx.execute(update(table).where(table.c.id == entity.id).values(metadata=metadata))


def test_every_field_is_tried() -> None:
    assert sorted(KEPT) == sorted(name for names in IN_METADATA.values() for name in names)


@flags
def test_the_revision_before_reads_what_this_one_writes(database: Database, name: str) -> None:
    first, second = KEPT[name][3]

    def then(tx: Connection, made: Entity) -> list[Any]:
        before = metadata_in(name, tx, made)
        KEPT[name][0].save(tx, replace(made, **{name: second}))
        return [before, metadata_in(name, tx, made)]

    before, after = stored(database, name, first, then)
    assert before == {**SOURCE, name: in_json(name, first)}
    assert after == ({**SOURCE, name: in_json(name, second)} if second else SOURCE)


@flags
def test_what_the_revision_before_writes_last_is_what_counts(database: Database, name: str) -> None:
    for one, other in (KEPT[name][3], KEPT[name][3][::-1]):

        def then(tx: Connection, made: Entity, other: Any = other) -> Any:
            changed = {**metadata_in(name, tx, made), name: json.loads(json.dumps(in_json(name, other)))}
            write_json(name, tx, made, changed)
            return read(name, tx, made), KEPT[name][0].get(tx, made.id, SYSTEM).metadata

        database.run(lambda tx: tx.execute(KEPT[name][1].delete()))
        assert stored(database, name, one, then) == (other, SOURCE)


@flags
def test_a_later_revision_may_leave_it_to_the_column(database: Database, name: str) -> None:
    first, _ = KEPT[name][3]

    def then(tx: Connection, made: Entity) -> Any:
        write_json(name, tx, made, SOURCE)
        return read(name, tx, made)

    assert stored(database, name, first, then) == first

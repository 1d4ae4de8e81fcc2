"""Nouns are written in one way: ``add`` stores a new entity, ``save`` all of what an existing one is now."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import Field, fields, replace
from datetime import date, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection

import storage
from bot.domain.calendar.meetings import Reply
from bot.domain.calendar.slots import Slot
from bot.domain.incidents.model import Conversion
from bot.domain.kit.bookings import Booking
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems.model import AddedEvent, Curated
from bot.domain.projects.model import Link, Project
from storage import (
    action_items,
    duties,
    five_whys,
    incidents,
    meetings,
    postmortems,
    projects,
    time_blocks,
    updates,
)
from storage.database import Database
from storage.duties import Duty
from tests.support.examples import NOW, incident, item, meeting, postmortem, session, time_block, update
from tests.support.rows import an_incident

MODULES = [
    importlib.import_module(f"storage.{found.name}") for found in pkgutil.iter_modules(storage.__path__)
]
NOUNS = [each for each in MODULES if hasattr(each, "add") and hasattr(each, "save")]
LATER = NOW + timedelta(days=1)
Entity = Any


def by_id(module: ModuleType) -> Callable[[Connection, Entity], Entity]:
    return lambda tx, entity: module.get(tx, entity.id, SYSTEM, lock=True)


STORED: dict[str, tuple[Entity, Callable[[Connection, Entity], Entity]]] = {
    "storage.action_items": (item(incident_id=1), by_id(action_items)),
    "storage.duties": (Duty(1, NOW, NOW), lambda tx, duty: duties.get(tx, duty.incident_id)),
    "storage.five_whys": (session(incident_id=1), by_id(five_whys)),
    "storage.incidents": (incident(), by_id(incidents)),
    "storage.meetings": (meeting(incident_id=1), by_id(meetings)),
    "storage.postmortems": (postmortem(incident_id=1, timeline=(), action_items=()), by_id(postmortems)),
    "storage.projects": (
        Project(0, "Checkout", ("U0ANA",), ("S1",), (), "U0ANA", NOW, "U0ANA", NOW),
        lambda tx, found: projects.get(tx, found.id, lock=True),
    ),
    "storage.time_blocks": (time_block(incident_id=1), by_id(time_blocks)),
    "storage.updates": (
        update(incident_id=1),
        lambda tx, found: updates.get(tx, found.incident_id, found.number, lock=True),
    ),
}
"""An entity of each noun, and how it is read again."""
FIXED = frozenset({"id", "incident_id"})
DERIVED = frozenset({"timeline", "action_items", "whys"})
"""Filled in from other tables."""
SLOT = Slot(LATER, LATER + timedelta(minutes=30), ("U0BEN",))
OTHERS: dict[str, Any] = {
    "window": (date(2026, 4, 1), date(2026, 4, 2)),
    "offered": (SLOT,),
    "wanted": SLOT,
    "booked": SLOT,
    "booking": Booking(LATER, LATER + timedelta(minutes=30)),
    "replies": {"U0BEN": Reply.ACCEPTED},
    "root_causes": ("Another",),
    "lessons_learned": (),
    "curated": {7: Curated(is_shown=False)},
    "added": (AddedEvent(LATER, "Something else"),),
    "steps": (("answer", 1, None),),
    "conversion": Conversion(is_private=True, ts="5.0", by="U0BEN"),
    "metadata": {"source": {"channel_id": "C2", "ts": "2.0"}},
    "required": ("U0CHEN",),
    "optional": ("U0DANA",),
    "people": ("U0CHEN",),
    "groups": ("S2", "S3"),
    "links": (Link("Runbook", "https://wiki.example.com"),),
}
"""Values for fields of other types than :func:`another` knows."""


def another(field: Field[Any], value: Any) -> Any:
    """A value of the field's type that differs from this one."""
    if field.name in OTHERS:
        return OTHERS[field.name]
    if isinstance(value, Enum):
        return next(each for each in type(value) if each is not value)
    named = str(field.type).removesuffix(" | None")
    by_type = {"str": "X1", "int": 9, "bool": not value, "datetime": LATER, "date": date(2026, 5, 1)}
    return by_type[named]


def functions(module: ModuleType) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(Path(str(module.__file__)).read_text())
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_noun_has_an_example() -> None:
    for noun in NOUNS:
        assert noun.__name__ in STORED, f"{noun.__name__} has no example in STORED of this file"


@pytest.mark.parametrize("noun", NOUNS, ids=lambda each: each.__name__)
def test_add_and_save_take_the_entity_and_return_it(noun: ModuleType) -> None:
    entity = type(STORED[noun.__name__][0]).__name__
    writers = {each.name: each for each in functions(noun) if each.name in {"add", "save"}}
    for writer in writers.values():
        assert ast.unparse(writer.args).startswith("tx: Connection, "), writer.name
        [_, written] = writer.args.args
        assert written.annotation
        assert writer.returns
        assert ast.unparse(written.annotation) == ast.unparse(writer.returns) == entity, writer.name


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.__name__)
def test_nothing_is_written_by_arguments_of_any_name(module: ModuleType) -> None:
    for function in functions(module):
        taken = function.args.kwarg
        assert taken is None or taken.arg.startswith("_"), function.name
        assert function.name not in {"change", "put"}, "save() is what it is called elsewhere"


@pytest.mark.parametrize("noun", NOUNS, ids=lambda each: each.__name__)
def test_what_is_added_or_saved_comes_back(database: Database, noun: ModuleType) -> None:
    example, read = STORED[noun.__name__]
    changed = {
        field.name: another(field, getattr(example, field.name))
        for field in fields(example)
        if field.name not in FIXED | DERIVED
    }

    def write(tx: Connection) -> list[Entity]:
        added = noun.add(tx, example)
        found = read(tx, added)
        saved = noun.save(tx, replace(found, **changed))
        return [added, found, saved, read(tx, saved)]

    if noun is not incidents:
        an_incident(database)
    added, found, saved, again = database.run(write)
    assert added == found == replace(example, **_number(added))
    assert saved == again == replace(found, **changed)
    for field in changed:
        assert getattr(again, field) != getattr(found, field), field


def _number(added: Entity) -> dict[str, int]:
    return {"id": added.id} if hasattr(added, "id") else {}


def test_the_channel_that_was_created_survives_a_change_that_began_before(postgresql: Database) -> None:
    number = an_incident(postgresql)
    postgresql.run(partial(incidents.note_channel, incident_id=number, channel_id="C1", name="inc", now=NOW))

    def rename(tx: Connection) -> None:
        found = incidents.get(tx, number, SYSTEM, lock=True)
        assert found
        incidents.save(tx, replace(found, title="Renamed"))

    postgresql.run(rename)
    found = postgresql.run(partial(incidents.get, incident_id=number, viewer=SYSTEM))
    assert found
    assert (found.title, found.channel_id, found.channel_name) == ("Renamed", "C1", "inc")

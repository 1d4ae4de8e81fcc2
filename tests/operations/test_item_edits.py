"""Two people edit an action item at once: the later one sees what changed in between, and what stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.domain.action_items.model import (
    ActionItem,
    ActionItemPriority,
    ActionItemStatus,
    NewActionItem,
    digest_of,
)
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import ItemChanged
from bot.domain.surface.forms import EditItemInput
from storage.tables import timeline_entries
from tests.support.office import Office, keys

SHOWN = {
    "title": "Raise the limit",
    "description": digest_of("To 50"),
    "assigned_to": "BEN",
    "due_date": "2026-03-11",
    "priority": "medium",
    "status": "open",
}
"""What Ana's form showed when she opened it."""


@pytest.fixture
def incident(office: Office) -> Incident:
    return office.declare()


@pytest.fixture
def item(office: Office, incident: Incident) -> ActionItem:
    new = NewActionItem(incident.id, "Raise the limit", "To 50", "BEN", due_date=date(2026, 3, 11))
    return office.items.create_action_item(new, by="CHEN", key=next(keys))


def edit(office: Office, item: ActionItem, by: str, key: str | None = None, **now: Any) -> ActionItem:
    """What is submitted with a form that showed ``SHOWN``; fields that aren't named stay as shown."""
    filled = EditItemInput(item.id, SHOWN, {**SHOWN, "description": "To 50", **now})
    return office.items.edit_from_form(filled, by=by, key=key or next(keys))


EDITS: dict[str, tuple[str | None, Any]] = {
    "title": ("Double the limit", "Double the limit"),
    "description": ("To 100", "To 100"),
    "assigned_to": ("CHEN", "CHEN"),
    "due_date": ("2026-03-20", date(2026, 3, 20)),
    "priority": ("high", ActionItemPriority.HIGH),
    "status": ("in_progress", ActionItemStatus.IN_PROGRESS),
}
"""Field -> what Ben submits, and what the item is then."""


@pytest.mark.parametrize("name", EDITS)
def test_the_later_of_two_editors_sees_who_changed_the_field_to_what(
    office: Office, item: ActionItem, name: str
) -> None:
    submitted, stored = EDITS[name]
    assert getattr(edit(office, item, "BEN", **{name: submitted}), name) == stored
    other = {"title": "X", "description": "X", "assigned_to": "ANA", "due_date": "2026-03-25"}
    theirs = {**other, "priority": "low", "status": "completed"}[name]
    with pytest.raises(ItemChanged) as refused:
        edit(office, item, "ANA", **{name: theirs})
    assert refused.value.values == {"by": "BEN", "name": "Ben", "value": submitted}
    assert refused.value.field == name
    # Somebody who wants the same has nothing to decide.
    assert getattr(edit(office, item, "ANA", **{name: submitted}), name) == stored


def test_fields_that_only_somebody_else_edited_stay_as_they_made_them(
    office: Office, item: ActionItem
) -> None:
    edit(office, item, "BEN", title="Double the limit", description="To 100")
    changed = edit(office, item, "ANA", priority="high")
    assert (changed.title, changed.description) == ("Double the limit", "To 100")
    assert changed.priority is ActionItemPriority.HIGH


def test_a_field_that_was_emptied_in_the_meantime_is_called_nothing(office: Office, item: ActionItem) -> None:
    assert edit(office, item, "BEN", due_date=None).due_date is None
    with pytest.raises(ItemChanged) as refused:
        edit(office, item, "ANA", due_date="2026-03-20")
    assert refused.value.values["value"] == "nothing"


def test_a_long_text_is_quoted_in_part(office: Office, item: ActionItem) -> None:
    edit(office, item, "BEN", description="x" * 200)
    with pytest.raises(ItemChanged) as refused:
        edit(office, item, "ANA", description="y")
    assert refused.value.values["value"] == "x" * 79 + "…"


def test_if_the_timeline_no_longer_says_who_it_was_whoever_made_the_item_is_named(
    office: Office, item: ActionItem
) -> None:
    edit(office, item, "BEN", title="Double the limit")
    office.database.run(lambda tx: tx.execute(timeline_entries.delete()))
    with pytest.raises(ItemChanged) as refused:
        edit(office, item, "ANA", title="Halve the limit")
    assert refused.value.values == {"by": "CHEN", "name": "Chen", "value": "Double the limit"}


def test_each_edited_field_is_an_entry_of_the_timeline(
    office: Office, incident: Incident, item: ActionItem
) -> None:
    submitted = {name: value for name, (value, _) in EDITS.items()}
    edit(office, item, "BEN", **{**submitted, "description": "y" * 300, "due_date": None})
    text = f"{item.ref} Double the limit"
    assert office.facts(incident, EntryKind.ACTION)[-6:] == [
        ("BEN", "open", "in_progress", text),
        ("BEN", "BEN", "assigned_to:CHEN", text),
        ("BEN", "2026-03-11", "due_date:", text),
        ("BEN", "medium", "priority:high", text),
        ("BEN", "Raise the limit", "title:Double the limit", text),
        ("BEN", "To 50", f"description:{'y' * 199}…", text),
    ]


def test_an_edit_that_arrives_again_changes_nothing(office: Office, item: ActionItem) -> None:
    edit(office, item, "BEN", key="once", title="Double the limit")
    edit(office, item, "ANA", key=None, priority="high")
    again = edit(office, item, "BEN", key="once", title="Double the limit", priority="low")
    assert (again.title, again.priority) == ("Double the limit", ActionItemPriority.HIGH)

"""A message becomes one action item, whichever way it is marked and however often."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.action_items.model import ActionItem, ActionItemPriority
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.errors import ItemMadeAlready
from bot.domain.surface.forms import ActionInput
from tests.support.office import Office, keys

TS = "1700000500.000100"


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident with a message in its channel."""
    made = office.declare()
    office.perform_all()
    office.recorder.record_message(PostedMessage(f"C{made.id}", TS, "BEN", None, "Raise the limit"))
    return made


def submit(office: Office, incident: Incident, key: str = "", **values: Any) -> ActionItem:
    """Submit the form that the shortcut on the message opened."""
    filled = ActionInput(
        incident.id, "Raise it", "", None, None, ActionItemPriority.HIGH, f"C{incident.id}", TS, **values
    )
    return office.items.create_from_form(filled, by="ANA", key=key or next(keys))


def mark(office: Office, incident: Incident) -> None:
    """React to the message with ☑️."""
    office.items.create_from_mark(f"C{incident.id}", TS, by="BEN")


def titles(office: Office, incident: Incident) -> list[str]:
    return [each.title for each in office.items.get_action_items_for_incident(incident.id, viewer="ANA")]


def test_after_the_shortcut_a_mark_makes_no_second_item(office: Office, incident: Incident) -> None:
    submit(office, incident)
    mark(office, incident)
    assert titles(office, incident) == ["Raise it"]
    assert office.items.is_from_mark(f"C{incident.id}", TS)


@pytest.mark.parametrize("way", [mark, submit])
def test_where_there_is_an_item_the_form_names_it_first(office: Office, incident: Incident, way: Any) -> None:
    way(office, incident)
    before = titles(office, incident)
    with pytest.raises(ItemMadeAlready) as found:
        submit(office, incident, "view/1")
    assert found.value.values["ref"] == "AI-1"
    assert titles(office, incident) == before
    submit(office, incident, "view/1", besides=1)
    assert titles(office, incident) == [*before, "Raise it"]


def test_a_second_delivery_makes_nothing_and_asks_nothing(office: Office, incident: Incident) -> None:
    first = submit(office, incident, "view/1")
    assert submit(office, incident, "view/1") == first
    second = submit(office, incident, "view/2", besides=first.id)
    assert submit(office, incident, "view/2") == second
    assert len(titles(office, incident)) == 2

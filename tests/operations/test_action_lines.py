"""Action items from lines: what a line can mean is asked about, and nothing has to be typed again."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.action_items.model import ActionItemPriority
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import DueAmbiguous, DuePassed, ItemTitleMissing, NotAllowed, TitleTooLong
from bot.domain.surface.grammar import parse
from bot.listeners.commands import COMMANDS
from bot.views.kit.message import VALUE_LIMIT
from tests.support.examples import NAMES
from tests.support.office import NOBODIES, Office, keys


@pytest.mark.parametrize(
    "line",
    [
        "Fix it, <@BEN>, due 5/6, high",
        "<@BEN> Fix it by 5/6 high",
        '"Fix it" high 5/6 <@BEN>',
        "Fix it (<@BEN>, 5/6, high)",
    ],
)
def test_of_two_dates_one_is_chosen_with_a_button_that_holds_the_whole_line(
    office: Office, line: str
) -> None:
    incident = office.declare()
    with pytest.raises(DueAmbiguous) as asked:
        office.items.create_from_line(incident.id, line, by="ANA", key=next(keys))
    assert list(asked.value.offers) == ["Wed 6 May 2026", "Fri 5 Jun 2026"]
    call = parse(asked.value.offers["Fri 5 Jun 2026"], COMMANDS, NAMES)
    assert (call.command, call.incident_id) == ("action", incident.id)
    item = office.items.create_from_line(incident.id, call.values["text"], by="ANA", key=next(keys))
    assert (item.title, item.assigned_to, item.due_date, item.priority) == (
        "Fix it",
        "BEN",
        date(2026, 6, 5),
        ActionItemPriority.HIGH,
    )


def test_the_longest_title_fits_into_the_button(office: Office) -> None:
    incident = office.declare()
    with pytest.raises(DueAmbiguous) as asked:
        office.items.create_from_line(
            incident.id, f"{'&amp;' * 200}, <@BEN>, 5/6, critical", by="ANA", key=next(keys)
        )
    assert all(len(line) < VALUE_LIMIT for line in asked.value.offers.values())


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (f"{'x' * 201} due 5/6", TitleTooLong),
        ("Fix it due 2020-01-01", DuePassed),
        ("<@BEN>, due 5/6", ItemTitleMissing),
        (f"Fix it due {'x' * 3000}", TitleTooLong),
    ],
)
def test_what_is_wrong_anyway_is_reported_before_anything_is_asked(
    office: Office, line: str, error: type[Exception]
) -> None:
    incident = office.declare()
    with pytest.raises(error):
        office.items.create_from_line(incident.id, line, by="ANA", key=next(keys))
    assert office.items.get_action_items_for_incident(incident.id, viewer="ANA") == []


def test_a_passed_date_that_nothing_introduces_is_part_of_the_title(office: Office) -> None:
    incident = office.declare()
    item = office.items.create_from_line(incident.id, "Check backup 2020-01-01", by="ANA", key=next(keys))
    assert (item.title, item.due_date) == ("Check backup 2020-01-01", None)


def test_the_priority_of_an_item_can_be_chosen_afterwards(office: Office) -> None:
    incident = office.declare()
    item = office.items.create_from_line(incident.id, "Why is it high", by="ANA", key=next(keys))
    assert item.priority is ActionItemPriority.MEDIUM
    key = next(keys)
    for level in (ActionItemPriority.LOW, ActionItemPriority.HIGH):
        # The second call is a redelivery of the first.
        changed = office.items.change_priority(item.id, level, by="BEN", key=key)
        assert changed.priority is ActionItemPriority.LOW
    assert office.facts(incident, EntryKind.ACTION)[-1][:3] == ("BEN", "medium", "priority:low")
    for nobody in NOBODIES:
        with pytest.raises(NotAllowed):
            office.items.change_priority(item.id, ActionItemPriority.HIGH, by=nobody, key=next(keys))

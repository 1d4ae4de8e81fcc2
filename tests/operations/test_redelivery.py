"""A request that arrives again, by Slack's redelivery or a double click, is answered as before.

That holds above all for requests that end something: by the time they arrive again, it has ended.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.action_items.model import NewActionItem, digest_of
from bot.domain.incidents.model import Incident
from bot.domain.surface.forms import EditItemInput
from tests.support.office import Office, keys


def ended_by_completing(office: Office, incident: Incident) -> Callable[[], object]:
    made = office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys))
    office.whys.add_why(made.id, "The disk was full", answered_by="ANA", key=next(keys))
    return lambda: office.whys.complete(made.id, by="ANA", key="complete").status


def ended_by_abandoning(office: Office, incident: Incident) -> Callable[[], object]:
    made = office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys))
    return lambda: office.whys.abandon(made.id, by="ANA", key="abandon").status


def ended_by_its_root_cause(office: Office, incident: Incident) -> Callable[[], object]:
    made = office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys))
    return lambda: office.whys.identify_root_cause(made.id, "The disk", by="ANA", key="cause").status


def completed_postmortem(office: Office, incident: Incident) -> Callable[[], object]:
    office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))
    return lambda: (
        office.postmortems.complete(incident.id, by="ANA", key="final", despite="short incident").completed_at
    )


@pytest.mark.parametrize(
    "prepare",
    [ended_by_completing, ended_by_abandoning, ended_by_its_root_cause, completed_postmortem],
)
def test_a_request_that_ends_something_is_answered_as_before(
    office: Office, prepare: Callable[[Office, Incident], Callable[[], object]]
) -> None:
    incident = office.declare()
    office.perform_all()
    for status in ("investigating", "resolved"):
        office.step(incident, status)
    request = prepare(office, incident)
    assert request() == request()


def test_an_edited_description_is_cleaned_as_a_new_one_is(office: Office) -> None:
    incident = office.declare()
    new = NewActionItem(incident.id, "More disks", "Two of them")
    item = office.items.create_action_item(new, by="ANA", key=next(keys))
    filled = EditItemInput(
        item.id, {"description": digest_of("Two of them")}, {"description": " Three\x00\r\nof them "}
    )
    changed = office.items.edit_from_form(filled, by="ANA", key=next(keys))
    assert changed.description == "Three\nof them"

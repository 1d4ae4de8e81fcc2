"""What every action of a person posts in the incident's channel: at most one message.

The table is the promise: an action that posts something else fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pytest

from bot.domain.action_items.model import NewActionItem
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.surface.forms import EditInput
from tests.support.office import Office, keys

MESSAGES = frozenset(
    {
        "PostUpdate",
        "ShowActionItem",
        "ShowAnalysis",
        "PostFindings",
        "ShowPostmortem",
        "ShowMeeting",
        "TellMeetingNews",
        "TellWaived",
    }
)
"""Effects that post a message in the incident's channel, or edit it."""
SLACKS_OWN = frozenset({"SetTopic", "SetPurpose", "PinCard", "InvitePeople", "RenameChannel"})
"""Effects for which Slack writes a line of its own."""
Do = Callable[[Office, Incident], object]


def _started(office: Office, incident: Incident) -> FiveWhysAnalysis:
    return office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys))


def _edit(office: Office, incident: Incident) -> object:
    filled = EditInput(incident.id, "Cache", IncidentSeverity.LOW, "less", incident.title, incident.severity)
    return office.manager.edit_from_form(filled, by="ANA", key=next(keys))


def _item(office: Office, incident: Incident, to: str | None = None) -> object:
    new = NewActionItem(incident.id, "Fix it", assigned_to=to)
    return office.items.create_action_item(new, by="ANA", key=next(keys))


def _postmortem(office: Office, incident: Incident) -> object:
    office.step(incident, "resolved")
    office.perform_all()
    return office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))


ACTIONS: Mapping[str, tuple[Do, set[str], set[str]]] = {
    "investigate": (lambda o, i: o.step(i, "investigating"), {"PostUpdate"}, {"SetTopic"}),
    "resolve": (lambda o, i: o.step(i, "resolved"), {"PostUpdate"}, {"SetTopic"}),
    "change the severity": (
        lambda o, i: o.manager.change_severity(i.id, IncidentSeverity.LOW, by="ANA", key=next(keys)),
        {"PostUpdate"},
        {"SetTopic"},
    ),
    "rename": (
        lambda o, i: o.manager.rename(i.id, "Cache", by="ANA", key=next(keys)),
        {"PostUpdate"},
        {"SetTopic", "RenameChannel"},
    ),
    "edit title and severity": (_edit, {"PostUpdate"}, {"SetTopic", "RenameChannel"}),
    "take command": (
        lambda o, i: o.manager.assign_commander(i.id, "ANA", by="ANA", key=next(keys)),
        {"PostUpdate"},
        {"SetTopic", "InvitePeople"},
    ),
    "add an action item": (_item, {"ShowActionItem"}, set()),
    "add one's own action item": (partial(_item, to="ANA"), {"ShowActionItem"}, set()),
    "start five whys": (_started, {"ShowAnalysis"}, set()),
    "start the postmortem": (_postmortem, {"ShowPostmortem"}, set()),
}
"""Action -> how to do it, which messages it posts in the channel, and which effects add a line of Slack's."""


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_posts_what_the_table_says_and_at_most_one_message(office: Office, action: str) -> None:
    do, messages, slacks = ACTIONS[action]
    incident = office.declare()
    office.perform_all()
    do(office, incident)
    planned = [type(row.effect).__name__ for row in office.claim().values()]
    assert MESSAGES & {*planned} == messages
    assert SLACKS_OWN & {*planned} <= slacks
    assert len(messages) == 1


def test_ones_own_item_notifies_nobody_and_somebody_elses_notifies_them(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    _item(office, incident, "ANA")
    assert not [key for key in office.claim() if "/told/" in key]
    _item(office, incident, "BEN")
    assert [key.rpartition("/")[2] for key in office.claim() if "/told/" in key] == ["BEN"]


def test_the_changes_of_one_form_are_one_message(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    _edit(office, incident)
    changes = [each for each in office.entries(incident) if each.kind.value in {"title", "severity"}]
    assert len(changes) == 2
    for each in changes:
        assert office.performer_reads.changed_with(each) == changes

"""What every action of a person posts in the incident's channel: at most one message.

The table is the promise: an operation that posts something else, or that is not in it, fails here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus, NewActionItem
from bot.domain.calendar.meetings import Meeting
from bot.domain.calendar.slots import Slot
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.pages.model import Page
from bot.domain.postmortems.model import LessonLearned, Postmortem
from bot.domain.projects.model import Project
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings
from bot.domain.surface.forms import CorrectionInput, EditInput, MeetingInput, PageInput, UpdateInput
from storage import settings
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
        "ShowUpdate",
        "NudgeUpdate",
        "OfferComers",
        "ShowPage",
        "ShowChecklist",
        "NudgeChecklist",
    }
)
"""Effects that post a message in the incident's channel, or edit it."""
SLACKS_OWN = frozenset({"SetTopic", "SetPurpose", "PinCard", "InvitePeople", "RenameChannel"})
"""Effects for which Slack writes a line of its own."""
TOPIC = frozenset({"SetTopic"})
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
SLOT = Slot(TEN, TEN + timedelta(minutes=30))
T = TypeVar("T")
Do = Callable[[Office, Incident], object]


def _started(office: Office, incident: Incident) -> FiveWhysAnalysis:
    return office.whys.conduct_five_whys(incident.id, "ANA", by="ANA", key=next(keys))


def _edit(office: Office, incident: Incident) -> object:
    filled = EditInput(incident.id, "Cache", IncidentSeverity.LOW, "less", incident.title, incident.severity)
    return office.manager.edit_from_form(filled, by="ANA", key=next(keys))


def _item(office: Office, incident: Incident, to: str | None = None) -> ActionItem:
    new = NewActionItem(incident.id, "Fix it", assigned_to=to)
    return office.items.create_action_item(new, by="ANA", key=next(keys))


def _call(office: Office, incident: Incident) -> Incident:
    return office.calls.set_call(incident.id, "https://meet.example.com/1", by="ANA", key=next(keys))


def _postmortem(office: Office, incident: Incident) -> Postmortem:
    office.step(incident, "resolved")
    office.perform_all()
    return office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))


def _why(office: Office, incident: Incident) -> FiveWhysAnalysis:
    session = _started(office, incident)
    office.perform_all()
    office.whys.add_why(session.id, "The pool ran out", "ANA", key=next(keys))
    return office.whys.get_analysis(session.id, viewer="ANA")


def _asked(office: Office, incident: Incident) -> Meeting:
    office.connect_calendar()
    filled = MeetingInput(incident.id, ("ANA", "BEN"), (), 30, TEN.date(), TEN.date())
    return office.meetings.ask(filled, by="ANA", key=next(keys))


def _meeting(office: Office, incident: Incident) -> Meeting:
    asked = _asked(office, incident)
    office.perform_all()
    office.meetings.offer(asked, (SLOT,), 0)
    return asked


def _blocked(office: Office, incident: Incident) -> object:
    office.connect_calendar()
    return office.blocks.block(incident.id, 60, by="ANA", key=next(keys))


def _updated(office: Office, incident: Incident) -> Incident:
    return office.updates.write(UpdateInput(incident.id, "It is slow"), by="ANA", key=next(keys))


def _listed(office: Office, incident: Incident) -> int:
    """Post a list, and return the id of its only line."""
    checklist = Checklist("First minutes", (ChecklistLine("Tell support", 15),))
    office.database.run(lambda tx: settings.save(tx, ReminderSettings(checklists=(checklist,))))
    office.checklists.post_named(incident.id, "first minutes", by="ANA", key=next(keys))
    return 1


def _ticked(office: Office, incident: Incident) -> int:
    line = _listed(office, incident)
    office.checklists.tick(incident.id, line, by="ANA", key=next(keys))
    return line


def _nudged(office: Office, incident: Incident) -> Incident:
    updated = _updated(office, incident)
    office.perform_all()
    office.clock.move(minutes=31)
    office.ring()
    return updated


def _offered(office: Office, _incident: Incident) -> Incident:
    office.add_project(people=("BEN",))
    return office.declare(project_id="Checkout", is_private=True)


def _with_project(office: Office, _incident: Incident) -> Project:
    made = office.add_project()
    office.declare(project_id="Checkout")
    return made


def _renamed(office: Office, project: Project) -> object:
    return office.add_project("Basket", project_id=project.id, was=project.updated_at.isoformat())


def _paged(office: Office, incident: Incident) -> Page:
    return office.pages.page(PageInput(incident.id, ("BEN",), "It is slow"), by="ANA", key=next(keys))


def _after(first: Callable[[Office, Incident], T], then: Callable[[Office, T], object]) -> Do:
    """Do something to what another action has made and posted before."""

    def do(office: Office, incident: Incident) -> object:
        made = first(office, incident)
        office.perform_all()
        return then(office, made)

    return do


@dataclass(frozen=True)
class Noise:
    """What an action writes in the incident's channel."""

    do: Do
    posts: str = ""
    """The effect that posts its one message."""
    edits: frozenset[str] = frozenset()
    """The effects that update messages which are there."""
    slacks: frozenset[str] = frozenset()
    """The effects for which Slack writes a line."""


def quiet(do: Do, *edits: str) -> Noise:
    return Noise(do, edits=frozenset(edits))


ITEM = frozenset({"ShowActionItem"})
ACTIONS: Mapping[str, Noise] = {
    "IncidentManager.update_status": Noise(lambda o, i: o.step(i, "resolved"), "PostUpdate", slacks=TOPIC),
    "IncidentManager.change_severity": Noise(
        lambda o, i: o.manager.change_severity(i.id, IncidentSeverity.LOW, by="ANA", key=next(keys)),
        "PostUpdate",
        slacks=TOPIC,
    ),
    "IncidentManager.rename": Noise(
        lambda o, i: o.manager.rename(i.id, "Cache", by="ANA", key=next(keys)),
        "PostUpdate",
        slacks=TOPIC | {"RenameChannel"},
    ),
    "IncidentManager.edit_from_form": Noise(_edit, "PostUpdate", slacks=TOPIC | {"RenameChannel"}),
    "IncidentManager.assign_commander": Noise(
        lambda o, i: o.manager.assign_commander(i.id, "ANA", by="ANA", key=next(keys)),
        "PostUpdate",
        slacks=TOPIC | {"InvitePeople"},
    ),
    "IncidentRoles.take": Noise(
        lambda o, i: o.roles.take(i.id, "scribe", by="ANA", key=next(keys)),
        "PostUpdate",
        slacks=frozenset({"InvitePeople"}),
    ),
    "IncidentManager.join": Noise(
        lambda o, i: o.manager.join(i.id, by="BEN", key=next(keys)), slacks=frozenset({"InvitePeople"})
    ),
    "Comers.invite": Noise(
        _after(_offered, lambda o, i: o.comers.invite(i.id, only_named=False, by="ANA", key=next(keys))),
        "PostUpdate",
        edits=frozenset({"OfferComers"}),
        slacks=frozenset({"InvitePeople"}),
    ),
    "Projects.save": quiet(_after(_with_project, _renamed)),
    "IncidentCalls.set_call": Noise(_call, "PostUpdate"),
    "IncidentCalls.remove_call": Noise(
        _after(_call, lambda o, i: o.calls.remove_call(i.id, by="ANA", key=next(keys))), "PostUpdate"
    ),
    "Briefings.brief": quiet(lambda o, i: o.briefings.brief(i.id, by="BEN", key=next(keys))),
    "ActionItemTracker.create_action_item": Noise(_item, "ShowActionItem"),
    "ActionItemTracker.update_action_item_status": quiet(
        _after(
            _item,
            lambda o, item: o.items.update_action_item_status(
                item.id, ActionItemStatus.COMPLETED, by="ANA", key=next(keys)
            ),
        ),
        *ITEM,
    ),
    "ActionItemTracker.reassign": quiet(
        _after(_item, lambda o, item: o.items.reassign(item.id, "BEN", by="ANA", key=next(keys))), *ITEM
    ),
    "ActionItemTracker.change_due_date": quiet(
        _after(_item, lambda o, item: o.items.change_due_date(item.id, TEN.date(), by="ANA", key=next(keys))),
        *ITEM,
    ),
    "ActionItemTracker.change_priority": quiet(
        _after(
            _item,
            lambda o, item: o.items.change_priority(
                item.id, ActionItemPriority.HIGH, by="ANA", key=next(keys)
            ),
        ),
        *ITEM,
    ),
    "ActionItemTracker.snooze": quiet(
        _after(_item, lambda o, item: o.items.snooze(item.id, None, by="ANA", key=next(keys), days=1))
    ),
    "FiveWhysFacilitator.conduct_five_whys": Noise(_started, "ShowAnalysis"),
    "FiveWhysFacilitator.identify_root_cause": Noise(
        _after(_why, lambda o, s: o.whys.identify_root_cause(s.id, "No limit", by="ANA", key=next(keys))),
        "PostFindings",
        frozenset({"ShowAnalysis"}),
    ),
    "FiveWhysFacilitator.name_root_cause": quiet(
        _after(_why, lambda o, s: o.whys.name_root_cause(s.id, min(s.whys), by="ANA", key=next(keys))),
        "ShowAnalysis",
    ),
    "FiveWhysFacilitator.complete": Noise(
        _after(_why, lambda o, s: o.whys.complete(s.id, by="ANA", key=next(keys))),
        "PostFindings",
        frozenset({"ShowAnalysis"}),
    ),
    "FiveWhysFacilitator.abandon": quiet(
        _after(_why, lambda o, s: o.whys.abandon(s.id, by="ANA", key=next(keys))), "ShowAnalysis"
    ),
    "FiveWhysFacilitator.hand_over": quiet(
        _after(_why, lambda o, s: o.whys.hand_over(s.id, "BEN", by="ANA", key=next(keys))), "ShowAnalysis"
    ),
    "FiveWhysFacilitator.undo": quiet(
        _after(_why, lambda o, s: o.whys.undo(s.id, min(s.whys), by="ANA", key=next(keys))), "ShowAnalysis"
    ),
    "PostmortemManager.create_postmortem": Noise(_postmortem, "ShowPostmortem"),
    "PostmortemManager.complete": quiet(
        _after(
            _postmortem,
            lambda o, p: o.postmortems.complete(p.incident_id, by="ANA", key=next(keys), despite="A drill"),
        ),
        "ShowPostmortem",
    ),
    "PostmortemManager.set_owner": quiet(
        _after(
            _postmortem, lambda o, p: o.postmortems.set_owner(p.incident_id, "BEN", by="ANA", key=next(keys))
        ),
        "ShowPostmortem",
    ),
    "PostmortemManager.add_lesson_learned": quiet(
        _after(
            _postmortem,
            lambda o, p: o.postmortems.add_lesson_learned(
                p.incident_id, LessonLearned("Ask"), by="ANA", key=next(keys)
            ),
        ),
        "ShowPostmortem",
    ),
    "PostmortemDuties.waive": Noise(
        _after(
            lambda o, i: o.step(i, "resolved"),
            lambda o, i: o.duties.waive(i.id, "A drill", by="ANA", key=next(keys)),
        ),
        "TellWaived",
    ),
    "PostmortemMeetings.ask": Noise(_asked, "ShowMeeting"),
    "PostmortemMeetings.choose": quiet(
        _after(_meeting, lambda o, m: o.meetings.choose(m.id, TEN, by="BEN", key=next(keys))), "ShowMeeting"
    ),
    "PostmortemMeetings.cancel": quiet(
        _after(_meeting, lambda o, m: o.meetings.cancel(m.id, by="BEN", key=next(keys))), "ShowMeeting"
    ),
    "TimeBlocks.block": quiet(_blocked),
    "IncidentUpdates.write": Noise(_updated, "ShowUpdate"),
    "IncidentUpdates.no_change": Noise(
        _after(_nudged, lambda o, i: o.updates.no_change(i.id, 1, by="ANA", key=next(keys))),
        "ShowUpdate",
        frozenset({"NudgeUpdate"}),
    ),
    "IncidentUpdates.snooze": quiet(
        _after(_nudged, lambda o, i: o.updates.snooze(i.id, 1, by="ANA", key=next(keys))), "NudgeUpdate"
    ),
    "IncidentUpdates.correct": quiet(
        _after(
            _updated,
            lambda o, i: o.updates.correct(
                CorrectionInput(i.id, 1, "It was slow", "", "", ""), by="ANA", key=next(keys)
            ),
        ),
        "ShowUpdate",
    ),
    "IncidentPages.page": Noise(_paged, "ShowPage", slacks=frozenset({"InvitePeople"})),
    "IncidentPages.answer": quiet(
        _after(_paged, lambda o, page: o.pages.answer(1, page.id, by="BEN", key=next(keys))), "ShowPage"
    ),
    "IncidentChecklists.post_named": Noise(_listed, "ShowChecklist"),
    "IncidentChecklists.tick": quiet(
        _after(_listed, lambda o, line: o.checklists.tick(1, line, by="ANA", key=next(keys))), "ShowChecklist"
    ),
    "IncidentChecklists.untick": quiet(
        _after(_ticked, lambda o, line: o.checklists.untick(1, line, by="ANA", key=next(keys))),
        "ShowChecklist",
    ),
    "IncidentChecklists.make_item": Noise(
        _after(_listed, lambda o, line: o.checklists.make_item(1, line, by="ANA", key=next(keys))),
        "ShowActionItem",
        frozenset({"ShowChecklist"}),
    ),
    "IncidentUpdates.subscribe": quiet(lambda o, i: o.updates.subscribe(i.id, by="ANA", key=next(keys))),
}
"""Operation -> what it writes. ``tests/intake/test_no_click_is_silent`` clicks every button as well."""
SAME = {
    "ActionItemTracker.create_action_item": (
        *("create_from_form", "create_from_line", "create_from_mark", "create_from_message"),
    ),
    "IncidentRoles.take": ("give_from_line", "hand_over", "give_up"),
    "ActionItemTracker.change_priority": ("edit_from_form",),
    "ActionItemTracker.snooze": ("snooze_all",),
    "FiveWhysFacilitator.conduct_five_whys": ("start_from_form",),
    "FiveWhysFacilitator.name_root_cause": ("name_message", "take_back"),
    "FiveWhysFacilitator.undo": ("branch", "go_on_at", "resume"),
    "PostmortemManager.set_owner": (
        *("change_lesson", "edit", "curate", "add_event", "change_event", "reopen", "export"),
    ),
    "PostmortemMeetings.choose": ("other_times", "pick", "keep"),
    "TimeBlocks.block": ("ask", "confirm", "extend", "free"),
    "IncidentUpdates.subscribe": ("unsubscribe",),
    "IncidentChecklists.post_named": ("post",),
}
"""Operation -> those that write as much as it does, or less."""
ELSEWHERE = {
    "IncidentManager.declare_incident": "a new channel, whose first messages are what was asked for",
    "IncidentManager.declare_from_form": "likewise",
    "ChannelPrivacy.converted": "what people did in Slack; they are asked there if it can't be undone",
    "ChannelPrivacy.decide": "answers that question",
    "Outbox.retry": "does what had failed",
    "Projects.check_may_change": "reads",
    "Projects.opening": "reads",
    "Projects.suggest_groups": "reads",
    "WorkspaceSettings.form": "reads",
    "WorkspaceSettings.get": "reads",
    "WorkspaceSettings.save": "no incident",
    "ChecklistTemplates.form": "reads",
    "ChecklistTemplates.save": "no incident",
}


def _operations() -> Iterator[str]:
    """Every method of an operation in which a person acts."""
    office = inspect.get_annotations(Office, eval_str=True)
    for kind in office.values():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if kind.__module__.startswith("bot.operations") and "by" in inspect.signature(method).parameters:
                yield f"{kind.__name__}.{name}"


def test_every_operation_in_which_a_person_acts_is_in_the_table() -> None:
    same = {f"{like.partition('.')[0]}.{name}" for like, names in SAME.items() for name in names}
    known = {*ACTIONS, *same, *ELSEWHERE}
    new = {*_operations()} - known
    assert not new, f"say in ACTIONS, SAME or ELSEWHERE of this file what people see after {sorted(new)}"
    assert {*_operations()} == known, "no row is left over"


@pytest.mark.parametrize("operation", ACTIONS)
def test_an_action_writes_what_the_table_says(office: Office, operation: str) -> None:
    wanted = ACTIONS[operation]
    incident = office.declare()
    office.perform_all()
    wanted.do(office, incident)
    planned = set[str]()
    while held := office.claim():
        planned |= {type(row.effect).__name__ for row in held.values()}
        for row in held.values():
            office.outbox.finish(row, office.outcome_of(row))
    assert MESSAGES & planned == {wanted.posts, *wanted.edits} - {""}
    assert SLACKS_OWN & planned <= wanted.slacks


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

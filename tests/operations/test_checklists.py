"""Checklists in incidents: when they come, who ticks what, when somebody is nudged, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.checklists.model import PostedChecklist, PostedLine
from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import (
    BotError,
    ChecklistMeant,
    LineIsItem,
    LineOpen,
    LineTicked,
    NoChecklists,
    NotAllowed,
    OutdatedButton,
    UnknownRef,
)
from bot.domain.kit.people import ERASED
from bot.domain.outbox.effects import NudgeChecklist, ShowChecklist
from bot.domain.outbox.rows import MessagePosted
from bot.domain.postmortems.model import NewPostmortem
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings, Role
from bot.domain.surface.answers import ChecklistsTray, PostmortemTray
from bot.domain.surface.shown import ChecklistsShown, PostmortemShown
from bot.operations.checklists.reads import ChecklistReads
from bot.operations.erasure import Erasure
from storage import checklists, messages, settings, workspace
from storage.database import Database
from tests.support.office import NOBODIES, Office, keys, open_office
from tests.support.rows import effects, purge

CRITICAL, HIGH, MEDIUM, LOW = IncidentSeverity
FIRST = Checklist(
    "First minutes",
    (
        ChecklistLine("Post on the status page", 15),
        ChecklistLine("Tell support", 15),
        ChecklistLine("Write to customers", 60),
        ChecklistLine("Say who leads"),
    ),
    severities=("critical", "high"),
)
NOTES = Checklist("Taking notes", (ChecklistLine("Open a document"),), role="Scribe")
LEADING = Checklist("Leading", (ChecklistLine("Ask who is here"),), role="commander")
PAYING = Checklist("Payments", (ChecklistLine("Tell the bank"),), project="Payments")
HANDOVER = Checklist("Handover", (ChecklistLine("Say what is open", 30),))
ALL = (FIRST, NOTES, LEADING, PAYING, HANDOVER)


def set_lists(office: Office, *found: Checklist) -> None:
    wanted = ReminderSettings(checklists=found, roles=(Role("Liaison", "Talks"),))
    office.database.run(partial(settings.save, settings=wanted))


@pytest.fixture(autouse=True)
def lists(office: Office) -> None:
    set_lists(office, *ALL)


def there(office: Office, number: int = 1) -> list[PostedChecklist]:
    """The incident's lists."""
    return office.database.run(partial(checklists.of_incident, incident_id=number))


def names(office: Office, number: int = 1) -> list[str]:
    return [each.name for each in there(office, number)]


def line(office: Office, number: int) -> PostedLine:
    """A line of the first list."""
    return there(office)[0].lines[number - 1]


def change(office: Office, severity: IncidentSeverity) -> None:
    office.manager.change_severity(1, severity, by="ANA", key=next(keys))


def tick(office: Office, number: int = 1, by: str = "BEN", key: str = "") -> None:
    office.checklists.tick(1, line(office, number).id, by=by, key=key or next(keys))


def untick(office: Office, number: int = 1, by: str = "BEN") -> None:
    office.checklists.untick(1, line(office, number).id, by=by, key=next(keys))


def make_item(office: Office, number: int = 1, by: str = "BEN", key: str = "") -> None:
    office.checklists.make_item(1, line(office, number).id, by=by, key=key or next(keys))


def resolve(office: Office) -> None:
    office.manager.update_status(1, IncidentStatus.RESOLVED, by="ANA", key=next(keys))


def reopen(office: Office) -> None:
    office.manager.update_status(1, IncidentStatus.OPEN, by="ANA", key=next(keys), note="back")


def waiting(office: Office, part: str = "/checklist/") -> set[str]:
    return {key for key, state in office.rows().items() if state == "waiting" and part in key}


def nudged(office: Office, minutes: float = 0) -> list[NudgeChecklist]:
    """All nudges so far, after some time."""
    office.clock.move(minutes=minutes)
    office.ring()
    return [each for each in effects(office.database) if isinstance(each, NudgeChecklist)]


@pytest.mark.parametrize(
    ("severity", "project", "gets"),
    [
        (CRITICAL, None, ["First minutes"]),
        (HIGH, "payments", ["First minutes", "Payments"]),
        (LOW, "PAYMENTS", ["Payments"]),
        (LOW, None, []),
    ],
)
def test_a_declaration_brings_the_lists_of_severity_and_project(
    office: Office, severity: IncidentSeverity, project: str | None, gets: list[str]
) -> None:
    incident = office.declare(severity=severity, project_id=project)
    assert names(office) == gets
    assert len([each for each in effects(office.database) if isinstance(each, ShowChecklist)]) == len(gets)
    assert office.entries(incident, EntryKind.CHECKLIST) == [], "nobody has done that"


def test_a_list_comes_below_the_card_and_no_deeper_than_the_pin(office: Office) -> None:
    office.declare()
    rounds = office.perform_all()
    [at] = [n for n, each in enumerate(rounds) if "INC-1/checklist/1" in each]
    [pin] = [n for n, each in enumerate(rounds) if "INC-1/pin" in each]
    assert at == pin == 2


def test_a_raised_severity_brings_its_lists_once_whatever_goes_up_and_down(office: Office) -> None:
    office.declare(severity=LOW)
    change(office, MEDIUM)
    assert names(office) == []
    for severity in (HIGH, LOW, CRITICAL, HIGH, CRITICAL):
        change(office, severity)
        assert names(office) == ["First minutes"]
    assert len([key for key in office.rows() if key.startswith("INC-1/checklist/")]) == 1


def test_a_lowered_severity_brings_nothing(office: Office) -> None:
    set_lists(office, replace(FIRST, severities=("low",)))
    office.declare()
    change(office, LOW)
    assert names(office) == []


def test_whoever_takes_a_role_gets_its_list_and_the_next_holder_gets_no_other(office: Office) -> None:
    office.declare(severity=LOW)
    office.roles.take(1, "scribe", by="BEN", key=next(keys))
    assert names(office) == ["Taking notes"]
    office.roles.give_up(1, "scribe", by="BEN", key=next(keys))
    office.roles.take(1, "scribe", by="CHEN", key=next(keys))
    office.roles.take(1, "liaison", by="CHEN", key=next(keys))
    assert names(office) == ["Taking notes"]
    office.manager.assign_commander(1, "ANA", by="BEN", key=next(keys))
    assert names(office) == ["Taking notes", "Leading"]


def test_nothing_comes_by_itself_once_the_incident_is_over(office: Office) -> None:
    incident = office.declare(severity=LOW)
    office.step(incident, "resolved")
    change(office, HIGH)
    office.roles.take(1, "scribe", by="BEN", key=next(keys))
    assert names(office) == []


def test_other_settings_change_no_list_that_is_there(office: Office) -> None:
    office.declare()
    before = there(office)
    set_lists(office, replace(FIRST, lines=(ChecklistLine("Something else"),)))
    change(office, CRITICAL)
    assert there(office) == before
    set_lists(office)
    tick(office)
    assert there(office)[0].lines[0].done_by == "BEN"


def test_a_list_is_posted_by_name_with_an_entry_that_links_to_it(office: Office) -> None:
    incident = office.declare(severity=LOW)
    asked = office.checklists.post_named(1, "hand", by="BEN", key="c1")
    assert (asked.is_new, asked.checklist.name) == (True, "Handover")
    assert office.facts(incident, EntryKind.CHECKLIST) == [("BEN", None, "posted", "Handover")]
    [entry] = office.entries(incident, EntryKind.CHECKLIST)
    assert there(office)[0].entry_id == entry.id
    for key in ("c1", "c2"):
        again = office.checklists.post_named(1, "handover", by="CHEN", key=key)
        assert (again.is_new, again.checklist.id) == (False, asked.checklist.id)
    office.checklists.post(1, "handover", by="CHEN", key=next(keys))
    assert names(office) == ["Handover"]


def test_a_list_that_is_there_is_answered_with_its_link(office: Office) -> None:
    office.declare()
    office.database.run(partial(workspace.save, key=workspace.TEAM_URL, value="https://acme.slack.com/"))
    office.database.run(partial(messages.save, key="INC-1/checklist/1", channel_id="C1", ts="1.5"))
    asked = office.checklists.post_named(1, "first minutes", by="BEN", key=next(keys))
    assert asked.link == "https://acme.slack.com/archives/C1/p15"
    shown = office.answers.load(ChecklistsTray(1), "BEN")
    assert isinstance(shown, ChecklistsShown)
    assert [(each.name, link) for each, link in shown.there] == [("First minutes", asked.link)]
    assert shown.others == ("Taking notes", "Leading", "Payments", "Handover")


def test_a_list_that_the_settings_have_lost_is_still_found(office: Office) -> None:
    office.declare()
    set_lists(office)
    asked = office.checklists.post_named(1, "first minutes", by="BEN", key=next(keys))
    assert not asked.is_new
    office.declare(severity=LOW)
    with pytest.raises(NoChecklists):
        office.checklists.post_named(2, "first minutes", by="BEN", key=next(keys))
    with pytest.raises(OutdatedButton):
        office.checklists.post(2, "first minutes", by="BEN", key=next(keys))


def test_a_name_that_is_nearly_one_is_offered(office: Office) -> None:
    office.declare(severity=LOW)
    with pytest.raises(ChecklistMeant) as refused:
        office.checklists.post_named(1, "hadnover", by="BEN", key=next(keys))
    assert refused.value.offers == {"Handover": "checklist INC-1 Handover"}
    assert names(office) == []


def test_ticking_says_who_and_when_and_is_on_the_timeline(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    office.clock.move(minutes=3)
    tick(office)
    ticked = line(office, 1)
    assert (ticked.done_by, ticked.done_at) == ("BEN", office.clock.now)
    assert waiting(office) == {"INC-1/checklist/1/entry/2"}, "one edit, and no message"
    untick(office, by="CHEN")
    assert not line(office, 1).is_done
    assert office.facts(incident, EntryKind.CHECKLIST) == [
        ("BEN", "Post on the status page", "ticked", "First minutes"),
        ("CHEN", "Post on the status page", "unticked", "First minutes"),
    ]


def test_the_second_to_tick_a_line_is_told_who_was_first(office: Office) -> None:
    incident = office.declare()
    tick(office)
    with pytest.raises(LineTicked) as refused:
        tick(office, by="CHEN")
    assert refused.value.values == {"by": "BEN", "name": "Ben", "line": "Post on the status page"}
    tick(office)
    office.clock.move(minutes=1)
    with pytest.raises(LineTicked):
        tick(office)
    assert len(office.entries(incident, EntryKind.CHECKLIST)) == 1


def test_of_two_people_who_tick_a_line_at_once_one_does_and_the_other_is_told(
    office: Office, database: Database
) -> None:
    incident = office.declare()
    offices = {who: open_office(database) for who in ("ANA", "BEN", "CHEN")}

    def ticking(who: str) -> str | None:
        try:
            tick(offices[who], by=who)
        except LineTicked as error:
            return error.values["by"]
        return None

    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(ticking, offices))
    winner = line(office, 1).done_by
    assert told.count(None) == 1
    assert told.count(winner) == 2
    assert len(office.entries(incident, EntryKind.CHECKLIST)) == 1


def test_a_redelivery_ticks_nothing_again(office: Office) -> None:
    office.declare()
    tick(office, key="click/1")
    untick(office)
    tick(office, key="click/1")
    assert not line(office, 1).is_done
    with pytest.raises(LineOpen):
        untick(office)


def test_an_open_line_becomes_one_action_item(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    make_item(office, 3, key="click/1")
    make_item(office, 3, key="click/1")
    [item] = [office.items.get_action_item(1, viewer="BEN")]
    assert (item.title, item.description) == ("Write to customers", "From the checklist “First minutes”.")
    assert line(office, 3).item_id == item.id
    assert waiting(office) == {"INC-1/checklist/1/AI-1"}
    with pytest.raises(LineIsItem) as refused:
        make_item(office, 3, by="CHEN")
    assert refused.value.values["ref"] == "AI-1"
    tick(office, 1)
    with pytest.raises(LineTicked):
        make_item(office, 1)
    # What is an action item can be ticked, too.
    tick(office, 3)
    assert [each.kind for each in office.entries(incident)][-1] is EntryKind.CHECKLIST


def test_lines_with_the_same_time_are_nudged_about_once_and_together(office: Office) -> None:
    office.declare()
    office.perform_all()
    assert nudged(office, minutes=14.9) == []
    for _ in range(3):
        assert nudged(office, minutes=0.1) == [NudgeChecklist(1, 1, 15)]
        office.perform_all()
    assert nudged(office, minutes=45) == [NudgeChecklist(1, 1, 15), NudgeChecklist(1, 1, 60)]
    assert len(nudged(office, minutes=1000)) == 2


def settle(office: Office) -> None:
    tick(office, 1)
    make_item(office, 2)


def resolve_for_some_minutes(office: Office) -> None:
    resolve(office)
    nudged(office, minutes=10)
    reopen(office)


@pytest.mark.parametrize("meanwhile", [settle, resolve, resolve_for_some_minutes])
def test_nobody_is_nudged_without_a_need(office: Office, meanwhile: Callable[[Office], None]) -> None:
    office.declare()
    office.clock.move(minutes=10)
    meanwhile(office)
    assert nudged(office, minutes=10) == []


def test_a_line_that_was_unticked_is_nudged_about(office: Office) -> None:
    office.declare()
    tick(office, 1)
    tick(office, 2)
    untick(office, 1)
    assert nudged(office, minutes=15) == [NudgeChecklist(1, 1, 15)]


def test_ticking_after_the_nudge_shows_so_on_it(office: Office) -> None:
    office.declare()
    nudged(office, minutes=15)
    office.perform_all()
    tick(office, 1)
    assert waiting(office) == {"INC-1/checklist/1/entry/2", "INC-1/checklist/1/nudge/15/entry/2"}
    tick(office, 4)
    assert "INC-1/checklist/1/nudge/15/entry/3" not in office.rows(), "it isn't about that line"


def person_nudged(office: Office) -> str | None:
    found = ChecklistReads(office.database, office.clock).nudged(1, 1)
    assert found
    return found.person


def test_the_holder_of_the_role_is_nudged_else_those_who_lead(office: Office) -> None:
    office.declare(severity=LOW, by="CHEN")
    office.roles.take(1, "scribe", by="BEN", key=next(keys))
    assert person_nudged(office) == "BEN"
    office.roles.give_up(1, "scribe", by="BEN", key=next(keys))
    assert person_nudged(office) == "CHEN", "who declared it"
    office.manager.assign_commander(1, "ANA", by="BEN", key=next(keys))
    assert person_nudged(office) == "ANA"


def test_after_a_restart_and_with_two_replicas_somebody_is_nudged_once(
    office: Office, database: Database
) -> None:
    for _ in range(3):
        office.declare()
    replicas = [open_office(database), open_office(database)]
    for each in replicas:
        each.clock.now = office.clock.now
        each.clock.move(minutes=15)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.ring(), replicas * 3))
    found = [each for each in effects(database) if isinstance(each, NudgeChecklist)]
    assert sorted((each.incident_id, each.minutes) for each in found) == [(1, 15), (2, 15), (3, 15)]


def test_a_nudge_is_not_planned_again_once_its_row_is_purged(office: Office) -> None:
    office.declare()
    nudged(office, minutes=15)
    office.perform_all()
    office.clock.move(days=30)
    purge(office.database, office.clock())
    assert nudged(office) == [NudgeChecklist(1, 1, 60)]


@pytest.mark.parametrize("who", NOBODIES)
def test_only_members_may_do_any_of_this(office: Office, who: str) -> None:
    office.declare()
    for act in (tick, untick, make_item):
        with pytest.raises(NotAllowed):
            act(office, by=who)
    with pytest.raises(NotAllowed):
        office.checklists.post_named(1, "handover", by=who, key=next(keys))


def acts(office: Office, number: int, line_id: int, by: str) -> list[Callable[[], object]]:
    asked = {"by": by, "key": next(keys)}
    own = office.checklists
    return [
        *(partial(act, number, line_id, **asked) for act in (own.tick, own.untick, own.make_item)),
        partial(own.post, number, "handover", **asked),
        partial(own.post_named, number, "handover", **asked),
        partial(office.answers.load, ChecklistsTray(number), by),
    ]


def test_a_private_incident_is_as_if_it_did_not_exist(office: Office) -> None:
    office.declare(is_private=True)
    for private, missing in zip(acts(office, 1, 1, "BEN"), acts(office, 99, 1, "BEN"), strict=True):
        answers = []
        for act in (private, missing):
            with pytest.raises(UnknownRef) as refused:
                act()
            answers.append(refused.value.values["ref"])
        assert answers == ["INC-1", "INC-99"]


def test_a_line_of_another_incident_cannot_be_reached_through_ones_own(office: Office) -> None:
    office.declare(is_private=True)
    office.declare(by="BEN", severity=LOW)
    for act in acts(office, 2, 1, "BEN")[:3]:
        with pytest.raises(OutdatedButton):
            act()
    for act in acts(office, 2, 999, "BEN")[:3]:
        with pytest.raises(OutdatedButton):
            act()


def test_somebody_who_was_erased_ticked_it_namelessly(office: Office) -> None:
    incident = office.declare()
    tick(office)
    office.checklists.post_named(1, "handover", by="BEN", key=next(keys))
    erasure = Erasure(office.database, office.clock)
    assert erasure.erase(erasure.find("BEN").subject) == 0
    assert line(office, 1).done_by == ERASED
    assert there(office)[1].by == ERASED
    assert office.facts(incident, EntryKind.CHECKLIST) == [
        (ERASED, "Post on the status page", "ticked", "First minutes"),
        (ERASED, None, "posted", "Handover"),
    ]
    refused: list[BotError] = []
    try:
        tick(office, by="CHEN")
    except LineTicked as error:
        refused.append(error)
    assert [each.values["by"] for each in refused] == [ERASED]


def test_the_postmortem_follows_and_shows_what_is_left(office: Office) -> None:
    incident = office.declare()
    office.step(incident, "resolved")
    office.postmortems.create_postmortem(1, NewPostmortem(owner_id="ANA"), by="ANA", key=next(keys))
    office.perform_all()
    tick(office, 1)
    assert waiting(office, "/postmortem") != set()
    shown = office.answers.load(PostmortemTray(1), "ANA")
    assert isinstance(shown, PostmortemShown) and shown.document
    assert [each.done for each in shown.document.checklists] == [1]
    assert not [each for each in shown.document.postmortem.timeline if "Post on the status" in each.event]


def test_a_list_that_is_posted_later_is_in_the_postmortem_at_once(office: Office) -> None:
    office.declare(severity=LOW)
    office.step(office.declare(severity=LOW), "resolved")
    office.postmortems.create_postmortem(2, NewPostmortem(owner_id="ANA"), by="ANA", key=next(keys))
    office.perform_all()
    for _delivery in range(2):
        office.checklists.post_named(2, "first", by="BEN", key="command/1")
    office.checklists.post_named(1, "first", by="BEN", key=next(keys))
    assert {key.split("/")[0] for key in waiting(office, "/postmortem")} == {"INC-2"}


def test_the_row_of_a_list_says_where_it_is(office: Office) -> None:
    """Its key finds the message again: it is edited there, and posted again only if somebody deletes it."""
    office.declare()
    row = office.perform_until("INC-1/checklist/1")
    office.outbox.finish(row, MessagePosted("INC-1/checklist/1", "C1", "1.5"))
    assert office.performer_reads.where("INC-1/checklist/1") == ("C1", "1.5")

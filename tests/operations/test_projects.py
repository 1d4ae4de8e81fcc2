"""Admins add, change and archive projects; what they type is checked at its field."""

from __future__ import annotations

from functools import partial

import pytest

from bot.domain.kit.errors import (
    GroupGone,
    LinkUnusable,
    NotAdmin,
    NotAllowed,
    OwnerUnusable,
    ProjectChanged,
    ProjectTwice,
    UnknownProject,
)
from bot.domain.kit.groups import UserGroup
from bot.domain.projects.model import Link, Project, choice_of
from bot.domain.surface.answers import ProjectList
from bot.domain.surface.forms import ProjectInput, ProjectStart
from bot.domain.surface.shown import ProjectsShown
from storage import projects
from tests.support.office import NOBODIES, Office, keys

ONCALL = UserGroup("S1", "oncall", "On call", ("BEN", "CHEN"))
WIKI = "https://wiki.example.com/runbook"


def stored(office: Office) -> list[Project]:
    return office.database.run(projects.everything)


def listed(office: Office, page: int = 1) -> ProjectsShown:
    shown = office.answers.load(ProjectList(page), "BOSS")
    assert isinstance(shown, ProjectsShown)
    return shown


def test_a_project_is_stored_with_who_added_it_and_when(office: Office) -> None:
    office.groups.save([ONCALL])
    made = office.add_project(
        "  Check   out", people=("ANA", "BEN"), groups=("S1",), links=f"Runbook {WIKI}", home_channel="C7"
    )
    assert (made.name, made.people, made.groups) == ("Check out", ("ANA", "BEN"), ("S1",))
    assert made.links == (Link("Runbook", WIKI),)
    assert (made.home_channel, made.created_by, made.updated_by) == ("C7", "BOSS", "BOSS")
    assert made.created_at == made.updated_at == office.clock.now
    assert stored(office) == [made]


def test_a_redelivery_adds_nothing(office: Office) -> None:
    office.add_project(key="view/1")
    office.add_project(key="view/1")
    assert len(stored(office)) == 1


def test_only_admins_may_see_and_change_projects(office: Office) -> None:
    office.add_project()
    for person in ("ANA", *NOBODIES):
        refusal = NotAdmin if person == "ANA" else NotAllowed
        with pytest.raises(refusal):
            office.projects.save(ProjectInput(None, "", "Mine"), by=person, key=next(keys))
        with pytest.raises(refusal):
            office.projects.opening(ProjectStart(1), by=person)
        with pytest.raises(refusal):
            office.projects.suggest_groups("", by=person)
        with pytest.raises(refusal):
            office.answers.load(ProjectList(), person)
    assert len(stored(office)) == 1


def test_owners_are_full_members(office: Office) -> None:
    for person in NOBODIES:
        with pytest.raises(OwnerUnusable):
            office.add_project(people=("ANA", person))
    assert stored(office) == []


def test_a_group_that_is_gone_or_disabled_is_refused(office: Office) -> None:
    office.groups.save([ONCALL, UserGroup("S2", "old", "Old", is_disabled=True)])
    for group in ("S2", "S3"):
        with pytest.raises(GroupGone):
            office.add_project(groups=("S1", group))


def test_two_projects_have_two_names_unless_one_is_archived(office: Office) -> None:
    first = office.add_project("Checkout")
    with pytest.raises(ProjectTwice):
        office.add_project("CHECKOUT")
    office.add_project(project_id=first.id, was=first.updated_at.isoformat(), is_archived=True)
    second = office.add_project("checkout")
    assert [each.id for each in stored(office)] == [second.id, first.id], "archived ones are last"
    with pytest.raises(ProjectTwice):
        office.add_project(project_id=first.id, was=first.updated_at.isoformat())


def test_a_change_that_somebody_else_made_in_the_meantime_is_not_overwritten(office: Office) -> None:
    before = office.add_project()
    shown = before.updated_at.isoformat()
    office.clock.move(minutes=1)
    office.add_project("Basket", project_id=before.id, was=shown)
    with pytest.raises(ProjectChanged):
        office.add_project("Payments", project_id=before.id, was=shown)
    [after] = stored(office)
    assert (after.name, after.created_at, after.updated_at) == ("Basket", before.created_at, office.clock.now)


def test_a_project_that_never_was_is_refused(office: Office) -> None:
    with pytest.raises(UnknownProject):
        office.add_project(project_id=7)
    with pytest.raises(UnknownProject):
        office.projects.opening(ProjectStart(7), by="BOSS")


def test_a_bad_link_saves_nothing(office: Office) -> None:
    with pytest.raises(LinkUnusable):
        office.add_project(links="Runbook javascript:alert(1)")
    assert stored(office) == []


def test_the_form_leaves_out_a_group_that_is_gone_since(office: Office) -> None:
    office.groups.save([ONCALL, UserGroup("S2", "ops", "Ops")])
    made = office.add_project(groups=("S1", "S2"))
    office.groups.save([UserGroup("S2", "ops", "Ops", is_disabled=True)])
    shown = office.projects.opening(ProjectStart(made.id), by="BOSS")
    assert (shown.project, shown.groups, shown.gone, shown.has_groups) == (made, (ONCALL,), 1, True)
    assert listed(office).groups == {"S1": ONCALL, "S2": None}


def test_without_user_groups_the_form_says_so(office: Office) -> None:
    made = office.add_project()
    shown = office.projects.opening(ProjectStart(made.id), by="BOSS")
    assert not shown.has_groups
    assert office.projects.suggest_groups("", by="BOSS") == []


def test_groups_are_suggested_by_handle_and_name(office: Office) -> None:
    office.add_project()
    office.groups.save([ONCALL, UserGroup("S2", "ops", "Operations")])
    found = {
        typed: [each.handle for each in office.projects.suggest_groups(typed, by="BOSS")]
        for typed in ("", "@ONC", "call", "operat", "x")
    }
    assert found == {
        "": ["oncall", "ops"],
        "@ONC": ["oncall"],
        "call": ["oncall"],
        "operat": ["ops"],
        "x": [],
    }


def test_a_list_has_pages(office: Office) -> None:
    assert listed(office_with(office, 0)).total == 0
    office_with(office, 12)
    first, last = listed(office), listed(office, 9)
    assert (len(first.projects), len(last.projects), last.asked.page, last.pages) == (10, 2, 2, 2)


def office_with(office: Office, count: int) -> Office:
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    for number in range(count):
        office.add_project(f"Project {number:02}")
    return office


def test_an_incident_has_its_projects_name_however_it_was_chosen(office: Office) -> None:
    made = office.add_project("Checkout", home_channel="C7")
    chosen = office.fill_in(project=choice_of(made.id))
    typed = office.fill_in(project=" checkOUT ")
    other = office.fill_in(project="Payments")
    assert {(each.project_id, each.project_number, each.home_channel) for each in (chosen, typed)} == {
        ("Checkout", made.id, "C7")
    }
    assert (other.project_id, other.project_number, other.home_channel) == ("Payments", None, None)
    assert [each.id for each in office.projects.offered("heck", 5)] == [made.id]


def test_a_new_name_is_on_open_incidents_and_finds_all_of_them(office: Office) -> None:
    before = office.add_project("Checkout")
    incident, private = (
        office.declare(project_id="Checkout"),
        office.declare(project_id="Checkout", is_private=True),
    )
    closed, other = office.declare(project_id="Checkout"), office.declare(project_id="Basket")
    office.step(closed, "resolved")
    office.perform_all()
    settled = set(office.rows())
    office.add_project("Basket 2", project_id=before.id, was=before.updated_at.isoformat())
    found = office.manager.get_incidents_for_project("Basket 2", viewer="ANA")
    assert [each.id for each in found] == [closed.id, private.id, incident.id]
    named = office.manager.get_incidents_for_project("Basket", viewer="ANA")
    assert [each.id for each in named] == [other.id]
    shown = {key.rpartition("/project/")[0] for key in set(office.rows()) - settled}
    assert shown == {"INC-1/card", "INC-1/announcement", "INC-2/card"}, (
        "nothing else, and no private one outside"
    )


def test_new_links_are_on_the_cards_of_open_incidents(office: Office) -> None:
    before = office.add_project("Checkout", links="Runbook https://wiki.example.com/1")
    incident, over = office.declare(project_id="Checkout"), office.declare(project_id="Checkout")
    office.step(over, "resolved")
    office.perform_all()
    settled = set(office.rows())
    change = partial(office.add_project, "Checkout", project_id=before.id)
    changed = change(was=before.updated_at.isoformat(), links="Runbook https://wiki.example.com/2")
    office.clock.move(seconds=1)
    change(was=changed.updated_at.isoformat(), links="Runbook https://wiki.example.com/2", people=("BEN",))
    shown = [key.rpartition("/project/")[0] for key in set(office.rows()) - settled]
    assert shown == [f"{incident.ref}/card"]


def test_an_archived_project_is_not_offered_and_its_incidents_keep_it(office: Office) -> None:
    made = office.add_project("Checkout", people=("BEN",))
    incident = office.declare(project_id="Checkout")
    office.add_project(project_id=made.id, was=made.updated_at.isoformat(), people=("BEN",), is_archived=True)
    assert office.projects.offered("", 5) == []
    assert office.manager.get_incidents_for_project("Checkout", viewer="ANA")[0].id == incident.id
    late = office.fill_in(project=choice_of(made.id))
    assert late.project_id == "Checkout", "the form was open meanwhile"
    assert f"{late.ref}/comers" not in {key.rpartition("/")[0] for key in office.rows()}

"""Admins write checklists: each is checked at its field, and two admins don't undo each other's changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.checklists.model import MAX_CHECKLISTS, digest
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.kit.errors import (
    ChecklistEmpty,
    ChecklistNameMissing,
    ChecklistTooLong,
    ChecklistTwice,
    NotAdmin,
    NotAllowed,
    OutdatedButton,
    ProjectTooLong,
    SetByFile,
    SettingsChanged,
    TooManyChecklists,
)
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings, Role, SettingsGroup
from bot.domain.surface.answers import ChecklistSettings
from bot.domain.surface.forms import ChecklistInput, ProjectInput
from bot.domain.surface.shown import ChecklistSettingsShown
from storage import checklists, projects, settings
from tests.support.office import NOBODIES, Office, keys

FIRST = ChecklistInput(
    "", "", " First  minutes ", ("low", "critical"), "Scribe", " Payments ", "- Tell support (15m)\n\nAsk"
)
STORED = Checklist(
    "First minutes",
    (ChecklistLine("Tell support", 15), ChecklistLine("Ask")),
    ("critical", "low"),
    "Scribe",
    "Payments",
)
OTHER = ChecklistInput("", "", "Handover", (), "", "", "Say what is open")


@pytest.fixture(autouse=True)
def admins(office: Office) -> None:
    admin = {"is_admin": True, "updated": 1}
    office.people.save([{"id": each, "name": each, **admin} for each in ("ANA", "EVE")])


def save(office: Office, filled: ChecklistInput, by: str = "ANA", key: str = "") -> tuple[Checklist, ...]:
    return office.templates.save(filled, by=by, key=key or next(keys))


def opened(office: Office, key: str, **typed: object) -> ChecklistInput:
    """The form for the list as it opens, with some fields changed."""
    found = office.templates.form(key, by="ANA").checklist
    assert found
    lines = "\n".join(each.text for each in found.lines)
    filled = ChecklistInput(
        key, digest(found), found.name, found.severities, found.role, found.project, lines
    )
    return replace(filled, **typed)  # type: ignore[arg-type]


def test_a_list_is_added_changed_in_its_place_and_deleted(office: Office) -> None:
    assert save(office, FIRST) == (STORED,)
    assert [each.name for each in save(office, OTHER)] == ["First minutes", "Handover"]
    changed = opened(office, "first minutes", name="First hour", severities=())
    assert [each.name for each in save(office, changed)] == ["First hour", "Handover"]
    gone = opened(office, "first hour", lines="", is_deleted=True)
    assert [each.name for each in save(office, gone)] == ["Handover"]
    [kept] = office.database.run(settings.get).checklists
    assert kept == Checklist("Handover", (ChecklistLine("Say what is open"),))


def test_the_home_says_who_changed_the_lists_last(office: Office) -> None:
    save(office, FIRST, by="EVE")
    shown = office.answers.load(ChecklistSettings(), "ANA")
    assert isinstance(shown, ChecklistSettingsShown)
    assert shown.settings.effective.checklists == (STORED,)
    assert shown.settings.changes[SettingsGroup.CHECKLISTS].by == "EVE"


def test_a_redelivery_adds_nothing_twice(office: Office) -> None:
    for _ in range(2):
        assert save(office, FIRST, key="view/1") == (STORED,)


@pytest.mark.parametrize(
    ("typed", "error", "field"),
    [
        ({"name": " "}, ChecklistNameMissing, "checklist_name"),
        ({"lines": "\n"}, ChecklistEmpty, "checklist_lines"),
        ({"lines": "x\n" * 200}, ChecklistTooLong, "checklist_lines"),
        ({"name": "handover"}, ChecklistTwice, "checklist_name"),
        ({"project": "x" * 76}, ProjectTooLong, "project"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    office: Office, typed: dict[str, str], error: type[Exception], field: str
) -> None:
    save(office, OTHER)
    with pytest.raises(error) as refused:
        save(office, replace(FIRST, **typed))  # type: ignore[arg-type]
    assert getattr(refused.value, "field", None) == field
    assert [each.name for each in office.database.run(settings.get).checklists] == ["Handover"]


def test_there_are_not_too_many(office: Office) -> None:
    for number in range(MAX_CHECKLISTS):
        save(office, replace(OTHER, name=f"List {number}"))
    with pytest.raises(TooManyChecklists):
        save(office, OTHER)


def test_whoever_is_second_to_change_a_list_is_told_who_was_first(office: Office) -> None:
    save(office, FIRST)
    mine, theirs = opened(office, "first minutes", role=""), opened(office, "first minutes", project="")
    save(office, theirs, by="EVE")
    with pytest.raises(SettingsChanged) as refused:
        save(office, mine)
    assert refused.value.values["by"] == "EVE"
    save(office, opened(office, "first minutes", is_deleted=True), by="EVE")
    with pytest.raises(SettingsChanged):
        save(office, mine)


def test_two_admins_can_change_different_lists_at_once(office: Office) -> None:
    save(office, FIRST)
    save(office, OTHER)
    mine = opened(office, "first minutes", role="")
    save(office, opened(office, "handover", role="Scribe"), by="EVE")
    assert [each.role for each in save(office, mine)] == ["", "Scribe"]


def test_the_form_offers_the_roles_and_keeps_one_that_is_gone(office: Office) -> None:
    with_role = ReminderSettings(roles=(Role("Liaison", "Talks"),), checklists=(STORED,))
    office.database.run(lambda tx: settings.save(tx, with_role))
    built_in = ("Commander", "Communications", "Scribe")
    assert office.templates.form("", by="ANA").roles == (*built_in, "Liaison")
    without = ReminderSettings(checklists=(replace(STORED, role="Liaison"),))
    office.database.run(lambda tx: settings.save(tx, without))
    assert office.templates.form("first minutes", by="ANA").roles == (*built_in, "Liaison")
    assert office.templates.form("", by="ANA").roles == built_in


def test_a_form_for_a_list_that_is_gone_does_not_open(office: Office) -> None:
    with pytest.raises(OutdatedButton):
        office.templates.form("first minutes", by="ANA")
    with pytest.raises(OutdatedButton):
        office.settings.form(SettingsGroup.CHECKLISTS.value, by="ANA")


def test_lists_that_a_file_sets_are_shown_and_cannot_be_changed(office: Office) -> None:
    save(office, OTHER)
    mine = opened(office, "handover")
    office.settings.use_file("muster.yaml", "1", {"checklists": (STORED,)})
    shown = office.answers.load(ChecklistSettings(), "ANA")
    assert isinstance(shown, ChecklistSettingsShown)
    assert shown.settings.effective.checklists == (STORED,)
    for act in (lambda: save(office, mine), lambda: office.templates.form("", by="ANA")):
        with pytest.raises(SetByFile) as refused:
            act()
        assert refused.value.values["file"] == "muster.yaml"
    office.declare()
    office.manager.change_severity(1, IncidentSeverity.CRITICAL, by="ANA", key=next(keys))
    assert office.database.run(lambda tx: checklists.keys(tx, 1)) == {"first minutes"}


def test_a_list_follows_its_project_to_another_name(office: Office) -> None:
    office.projects.save(ProjectInput(None, "", "Payments"), by="ANA", key=next(keys))
    save(office, replace(FIRST, project="project/1", severities=()))
    save(office, replace(OTHER, project="Search"))
    [project] = office.database.run(projects.everything)
    renamed = ProjectInput(1, project.updated_at.isoformat(), "Money")
    office.projects.save(renamed, by="ANA", key=next(keys))
    assert [each.project for each in office.database.run(settings.get).checklists] == ["Money", "Search"]
    office.declare(project_id="project/1", severity=IncidentSeverity.LOW)
    assert office.database.run(lambda tx: checklists.keys(tx, 1)) == {"first minutes"}


@pytest.mark.parametrize("who", [*NOBODIES, "BEN"])
def test_only_admins_see_and_change_them(office: Office, who: str) -> None:
    error = NotAdmin if who == "BEN" else NotAllowed
    with pytest.raises(error):
        save(office, FIRST, by=who)
    with pytest.raises(error):
        office.templates.form("", by=who)
    with pytest.raises(error):
        office.answers.load(ChecklistSettings(), who)

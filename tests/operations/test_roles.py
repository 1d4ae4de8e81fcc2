"""Roles on a database: taken once, handed over, given up, and shown by whatever shows people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Notice
from bot.domain.incidents.roles import SCRIBE, Given
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import (
    AlreadyCommander,
    AlreadyLed,
    NobodyKnown,
    NotAllowed,
    OneHolder,
    OutdatedButton,
    RoleGone,
    RoleHeld,
    RoleNotHeld,
    RoleTaken,
    UnknownRef,
    UnknownRole,
)
from bot.domain.kit.people import ERASED, SYSTEM
from bot.domain.outbox.effects import InvitePeople, TellNotice, TellRole
from bot.domain.postmortems.model import NewPostmortem
from bot.domain.settings import ReminderSettings, Role
from bot.domain.surface.answers import RolesTray
from bot.domain.surface.forms import HandOverRoleInput
from bot.domain.surface.role_line import RoleLine, read_role_line
from bot.domain.surface.shown import RolesShown
from bot.operations.erasure import Erasure
from bot.operations.incidents.vacancies import VacancyReads
from storage import members, settings
from tests.support.examples import tried
from tests.support.office import MEMBERS, NOBODIES, Office, keys
from tests.support.rows import effects

LIAISON = Role("Liaison", "Talks to support")


@pytest.fixture
def incident(office: Office) -> Incident:
    made = office.declare(by="ANA")
    office.perform_all()
    return made


def line(office: Office, incident: Incident, typed: str | RoleLine, by: str = "ANA", key: str = "") -> Given:
    read = read_role_line(typed) if isinstance(typed, str) else typed
    return office.roles.give_from_line(incident.id, read, read.role, by=by, key=key or next(keys))


def take(office: Office, incident: Incident, by: str, role: str = "scribe") -> None:
    office.roles.take(incident.id, role, by=by, key=next(keys))


def hand_over(
    office: Office, incident: Incident, to: str, was: str | None, by: str = "ANA", role: str = "scribe"
) -> None:
    office.roles.hand_over(HandOverRoleInput(incident.id, role, to, was), by=by, key=next(keys))


def held(office: Office, incident: Incident) -> dict[str, str]:
    shown = office.answers.load(RolesTray(incident.id), "ANA")
    assert isinstance(shown, RolesShown)
    return {role.name: user_id for role, user_id in shown.roles.held}


def add_roles(office: Office, *roles: Role) -> None:
    office.database.run(partial(settings.save, settings=ReminderSettings(roles=roles)))


def test_a_role_is_taken_given_handed_over_and_given_up_on_record(office: Office, incident: Incident) -> None:
    taken = line(office, incident, "scribe", by="BEN")
    assert (taken.incident.id, taken.role, taken.user_id) == (incident.id, SCRIBE, "BEN")
    assert line(office, incident, "comms <@BEN>", by="ANA").user_id == "BEN"
    hand_over(office, incident, "CHEN", was="BEN", by="BEN")
    assert held(office, incident) == {"Scribe": "CHEN", "Communications": "BEN"}
    office.roles.give_up(incident.id, "scribe", by="CHEN", key=next(keys))
    assert held(office, incident) == {"Communications": "BEN"}
    assert office.facts(incident, EntryKind.ROLE) == [
        ("BEN", None, "BEN", "Scribe"),
        ("ANA", None, "BEN", "Communications"),
        ("BEN", "BEN", "CHEN", "Scribe"),
        ("CHEN", "CHEN", None, "Scribe"),
    ]
    told = [each for each in effects(office.database) if isinstance(each, TellRole)]
    assert told == [
        TellRole(1, "BEN", "scribe", "BEN"),
        TellRole(1, "BEN", "communications", "ANA"),
        TellRole(1, "CHEN", "scribe", "BEN"),
    ]
    invited = [each.user_ids for each in effects(office.database) if isinstance(each, InvitePeople)]
    assert invited == [("ANA",), ("BEN",), ("BEN",), ("CHEN",)]


def test_the_commander_is_a_role_like_the_others(office: Office, incident: Incident) -> None:
    line(office, incident, "ic", by="BEN")
    assert held(office, incident) == {"Commander": "BEN"}
    assert office.manager.get_incident(1, viewer="ANA").commander_id == "BEN"  # type: ignore[union-attr]
    with pytest.raises(AlreadyLed):
        take(office, incident, "CHEN", role="commander")
    with pytest.raises(AlreadyCommander):
        line(office, incident, "commander <@BEN>")
    hand_over(office, incident, "CHEN", was="BEN", role="commander")
    with pytest.raises(RoleNotHeld):
        office.roles.give_up(incident.id, "commander", by="BEN", key=next(keys))
    office.roles.give_up(incident.id, "commander", by="CHEN", key=next(keys))
    assert held(office, incident) == {}
    assert office.facts(incident, EntryKind.COMMANDER)[-1] == ("CHEN", "CHEN", None, "")
    told = [each.user_id for each in effects(office.database) if isinstance(each, TellRole)]
    assert told == ["BEN", "CHEN"]


def test_if_two_people_take_a_role_at_once_the_second_learns_who_was_first(
    office: Office, incident: Incident
) -> None:
    before = set(office.rows())
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda by: tried(partial(line, office, incident, "scribe", by=by)), MEMBERS))
    [entry] = office.entries(incident, EntryKind.ROLE)
    for by, result in zip(MEMBERS, results, strict=True):
        if by == entry.to_value:
            assert isinstance(result, Given)
        else:
            assert isinstance(result, RoleTaken)
            assert (result.values["by"], result.values["name"]) == (entry.by, str(entry.by).title())
            assert result.offers == {"Take over": f"role INC-1 Scribe <@{by}>"}
    assert len([key for key in set(office.rows()) - before if "/role/" in key]) == 1


def test_whoever_is_named_takes_over_and_the_first_one_is_on_record(
    office: Office, incident: Incident
) -> None:
    take(office, incident, "BEN")
    line(office, incident, "scribe <@CHEN>", by="CHEN")
    assert office.facts(incident, EntryKind.ROLE)[-1] == ("CHEN", "BEN", "CHEN", "Scribe")


def test_a_second_click_changes_nothing_and_a_later_one_is_answered(
    office: Office, incident: Incident
) -> None:
    take(office, incident, "BEN")
    rows = office.rows()
    take(office, incident, "BEN")
    assert office.rows() == rows
    office.clock.move(minutes=1)
    with pytest.raises(RoleHeld):
        take(office, incident, "BEN")
    with pytest.raises(RoleHeld):
        line(office, incident, "scribe <@BEN>", by="ANA")
    assert len(office.entries(incident, EntryKind.ROLE)) == 1


def test_a_redelivered_request_changes_nothing(office: Office, incident: Incident) -> None:
    line(office, incident, "scribe", by="BEN", key="command/1")
    hand_over(office, incident, "CHEN", was="BEN")
    assert line(office, incident, "scribe", by="BEN", key="command/1").user_id == "BEN"
    office.roles.give_up(incident.id, "scribe", by="CHEN", key="click/1")
    take(office, incident, "CHEN")
    office.roles.give_up(incident.id, "scribe", by="CHEN", key="click/1")
    assert held(office, incident) == {"Scribe": "CHEN"}


def test_a_form_that_is_out_of_date_does_not_take_the_role_from_its_new_holder(
    office: Office, incident: Incident
) -> None:
    take(office, incident, "BEN")
    with pytest.raises(RoleTaken) as refused:
        hand_over(office, incident, "ANA", was=None)
    assert (refused.value.values["name"], refused.value.field) == ("Ben", "assigned_to")
    hand_over(office, incident, "ANA", was="BEN")
    assert held(office, incident) == {"Scribe": "ANA"}


def ways(office: Office, incident: Incident) -> list[Callable[[str], object]]:
    """Every way to act on a role."""
    return [
        lambda by: line(office, incident, "scribe", by=by),
        lambda by: take(office, incident, by),
        lambda by: hand_over(office, incident, "ANA", was=None, by=by),
        lambda by: office.roles.give_up(incident.id, "scribe", by=by, key=next(keys)),
    ]


def test_guests_bots_former_members_and_unknown_people_neither_get_nor_give_a_role(
    office: Office, incident: Incident
) -> None:
    rows = office.rows()
    for nobody in NOBODIES:
        for act in ways(office, incident):
            with pytest.raises(NotAllowed):
                act(nobody)
        for give in (
            partial(line, office, incident, RoleLine("scribe", (nobody,))),
            partial(line, office, incident, RoleLine("commander", (nobody,))),
            partial(hand_over, office, incident, nobody, was=None),
        ):
            with pytest.raises(NobodyKnown) as refused:
                give()
            assert (refused.value.values["person"], refused.value.field) == (nobody, "assigned_to")
    assert office.rows() == rows
    assert held(office, incident) == {}


def test_bad_lines_and_buttons_change_nothing(office: Office, incident: Incident) -> None:
    rows = office.rows()
    for act, error in (
        (partial(line, office, incident, "scribe <@ANA> <@BEN>"), OneHolder),
        (partial(line, office, incident, "x" * 200), UnknownRole),
        (partial(take, office, incident, "BEN", role="cook"), OutdatedButton),
        (partial(hand_over, office, incident, "BEN", was=None, role="cook"), OutdatedButton),
        (partial(office.roles.give_up, 1, "cook", by="ANA", key="k"), RoleNotHeld),
        (partial(office.roles.handing_over, 1, "cook", viewer="ANA"), OutdatedButton),
    ):
        with pytest.raises(error):
            act()
    assert office.rows() == rows


def test_a_private_incidents_roles_are_given_by_its_members_who_let_the_holder_in(office: Office) -> None:
    incident = office.declare(by="ANA", is_private=True)
    for act in ways(office, incident):
        with pytest.raises(UnknownRef):
            act("BEN")
    with pytest.raises(UnknownRef):
        office.roles.handing_over(incident.id, "scribe", viewer="BEN")
    line(office, incident, "scribe <@BEN>", by="ANA")
    present = office.database.read(partial(members.present, incident_id=incident.id))
    assert present == {"ANA", "BEN"}
    assert held(office, incident) == {"Scribe": "BEN"}


def test_a_role_that_the_settings_have_lost_stays_with_its_holder_until_it_is_given_up(
    office: Office, incident: Incident
) -> None:
    add_roles(office, LIAISON)
    line(office, incident, "liaison", by="BEN")
    add_roles(office)
    assert held(office, incident) == {"Liaison": "BEN"}
    for act in (
        lambda: take(office, incident, "CHEN", role="liaison"),
        lambda: hand_over(office, incident, "CHEN", was="BEN", role="liaison"),
        lambda: line(office, incident, "liaison <@CHEN>", by="BEN"),
        lambda: office.roles.handing_over(incident.id, "liaison", viewer="CHEN"),
    ):
        with pytest.raises(RoleGone):
            act()
    assert held(office, incident) == {"Liaison": "BEN"}
    office.roles.give_up(incident.id, "liaison", by="BEN", key=next(keys))
    assert held(office, incident) == {}
    with pytest.raises(OutdatedButton):
        take(office, incident, "CHEN", role="liaison")


def leave(office: Office, user_id: str) -> None:
    gone = {"id": user_id, "name": user_id, "updated": 200, "team_id": "T1", "deleted": True}
    office.people.save([gone])


def test_when_a_holder_leaves_the_channel_is_asked_and_anybody_can_take_the_role(
    office: Office, incident: Incident
) -> None:
    over = office.declare(by="ANA")
    for each in (incident, over):
        take(office, each, "BEN")
    office.step(over, "resolved")
    leave(office, "BEN")
    asked = [each for each in effects(office.database) if isinstance(each, TellNotice)]
    assert asked == [TellNotice(incident.id, Notice.VACANT.value, "BEN")]
    reads = VacancyReads(office.database, office.clock)
    left = reads.of(incident.id, "BEN")
    assert left and (left.roles, left.commands) == ((("scribe", "Scribe"),), False)
    take(office, incident, "CHEN")
    assert held(office, incident) == {"Scribe": "CHEN"}
    assert reads.of(incident.id, "BEN") is None


def test_whoever_left_while_an_incident_was_over_is_asked_for_once_it_is_reopened(
    office: Office, incident: Incident
) -> None:
    line(office, incident, "commander <@BEN>")
    take(office, incident, "BEN")
    take(office, incident, "CHEN", "communications")
    office.step(incident, "resolved")
    leave(office, "BEN")
    asked = partial(vacancies, office)
    assert asked() == []
    office.step(incident, "open", note="Back again", key="command/1")
    office.step(incident, "open", note="Back again", key="command/1")
    assert asked() == [TellNotice(incident.id, Notice.VACANT.value, "BEN")]
    left = VacancyReads(office.database, office.clock).of(incident.id, "BEN")
    assert left and (left.roles, left.commands) == ((("scribe", "Scribe"),), True)
    office.step(incident, "investigating")
    assert len(asked()) == 1


def vacancies(office: Office) -> list[TellNotice]:
    found = [each for each in effects(office.database) if isinstance(each, TellNotice)]
    return [each for each in found if each.notice == Notice.VACANT.value]


def test_an_erased_holder_is_nobody_and_the_channel_is_asked(office: Office, incident: Incident) -> None:
    take(office, incident, "BEN")
    office.perform_all()
    erasure = Erasure(office.database, office.clock)
    found = erasure.find("BEN")
    assert found.has_roles_in == (incident.id,)
    assert erasure.erase(found.subject) == 0
    assert held(office, incident) == {"Scribe": ERASED}
    assert office.facts(incident, EntryKind.ROLE) == [(ERASED, None, ERASED, "Scribe")]
    left = VacancyReads(office.database, office.clock).of(incident.id, ERASED)
    assert left and left.roles == (("scribe", "Scribe"),)
    take(office, incident, "CHEN")


def test_roles_are_in_the_postmortem_the_meeting_and_the_home(office: Office, incident: Incident) -> None:
    line(office, incident, "commander <@BEN>")
    line(office, incident, "scribe <@CHEN>")
    line(office, incident, "comms <@BEN>")
    office.postmortems.create_postmortem(incident.id, NewPostmortem(owner_id="ANA"), by="ANA", key=next(keys))
    people = office.postmortems.document(incident.id, viewer=SYSTEM).people
    assert people[:4] == (
        ("Declared by", "Ana"),
        ("Commander", "Ben"),
        ("Communications", "Ben"),
        ("Scribe", "Chen"),
    )
    assert office.meetings.defaults(incident.id, viewer="ANA").required == ("BEN", "CHEN", "ANA")
    assert office.answers.home("BEN")[2] == {incident.id: ["Commander", "Communications"]}
    assert office.answers.home("ANA")[2] == {}


def test_two_incidents_have_holders_of_their_own(office: Office, incident: Incident) -> None:
    other = office.declare(by="ANA")
    take(office, incident, "BEN")
    take(office, other, "CHEN")
    assert (held(office, incident), held(office, other)) == ({"Scribe": "BEN"}, {"Scribe": "CHEN"})

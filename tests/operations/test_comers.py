"""Who comes to an incident is invited and mentioned once, or somebody is asked first."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import select

from bot.domain.incidents.comers import MAX_UNASKED
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.incidents.planned import offer_key
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import EverybodyInvited, NotAllowed, UnknownRef
from bot.domain.kit.groups import UserGroup
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.settings import SettingsGroup
from bot.domain.surface.forms import PageInput
from storage import members, messages
from storage.tables import outbox
from tests.support.office import NOBODIES, Office, keys

ONCALL = UserGroup("S1", "oncall", "On call", ("ANA", "BEN", "CHEN", "GUEST", "LEFT"))
CROWD = UserGroup("S2", "everybody", "Everybody", tuple(f"U{number:03}" for number in range(300)))


@pytest.fixture
def office(office: Office) -> Office:
    office.groups.save([ONCALL, CROWD, UserGroup("S3", "nobody", "Nobody")])
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    return office


def invited(office: Office, incident: Incident) -> list[list[str]]:
    """The people of each invitation except the declarer's own."""
    query = select(outbox.c.payload).where(outbox.c.key.startswith(f"{incident.ref}/comers/"))
    with office.database.engine.connect() as connection:
        found = connection.execute(query.order_by(outbox.c.id)).scalars().all()
    return [(each if isinstance(each, dict) else json.loads(each))["user_ids"] for each in found]


def told(office: Office, incident: Incident) -> list[tuple[str | None, str]]:
    """(people, reason) of each entry about people who were brought in."""
    return [(to, text) for _, _, to, text in office.facts(incident, EntryKind.PEOPLE) if text]


def about(office: Office, incident: Incident) -> set[str]:
    """What is planned about who comes."""
    wanted = {"comers", "offer", "entry"}
    return {key.split("/")[1] for key in office.rows() if key.startswith(f"{incident.ref}/")} & wanted


def test_owners_and_members_of_groups_are_invited_once_and_the_timeline_says_why(office: Office) -> None:
    office.add_project(people=("BEN",), groups=("S1",))
    incident = office.declare(project_id="Checkout", by="ANA")
    assert invited(office, incident) == [["BEN", "CHEN"]]
    assert told(office, incident) == [("BEN", "owners of Checkout"), ("CHEN", "@oncall, for Checkout")]
    posts = [key for key in office.rows() if key.startswith(f"{incident.ref}/entry/")]
    assert len(posts) == 1, "one message mentions them all"


def test_a_redelivery_brings_in_nobody_else(office: Office) -> None:
    office.add_project(people=("BEN",))
    for _ in range(2):
        incident = office.declare(project_id="Checkout", key="view/1")
    assert invited(office, incident) == [["BEN"]]


def test_the_declaration_is_no_deeper_than_before(office: Office) -> None:
    links = "\n".join(f"Link {number} https://wiki.example.com/{number}" for number in range(3))
    office.add_project(people=("BEN",), groups=("S1",), links=links, home_channel="C7")
    incident = office.declare(project_id="Checkout")
    rounds = [{key for key in found if key.startswith(f"{incident.ref}/")} for found in office.perform_all()]
    assert len([found for found in rounds if found]) <= 3, rounds
    first = f"{incident.ref}/channel"
    assert rounds[0] == {first}
    assert {f"{incident.ref}/link/{number}" for number in range(3)} <= rounds[1]
    assert f"{incident.ref}/home" in rounds[1]


def test_without_a_project_nobody_else_comes(office: Office) -> None:
    office.add_project(people=("BEN",))
    incident = office.declare()
    assert about(office, incident) == set()


def test_a_group_with_nobody_in_it_and_one_that_is_gone_are_named(office: Office) -> None:
    office.add_project(people=("BEN",), groups=("S1", "S3"))
    office.groups.forget_before(office.clock.now)
    office.groups.save([UserGroup("S3", "nobody", "Nobody")])
    office.clock.move(seconds=1)
    office.groups.save([UserGroup("S3", "nobody", "Nobody")])
    office.groups.forget_before(office.clock.now)
    incident = office.declare(project_id="Checkout")
    assert told(office, incident) == [
        ("BEN", "owners of Checkout"),
        (None, "a user group for Checkout no longer exists"),
        (None, "@nobody, for Checkout, is empty"),
    ]
    assert invited(office, incident) == [["BEN"]]


def test_somebody_is_asked_before_a_crowd_is_invited(office: Office) -> None:
    office.add_project(people=("BEN",), groups=("S2",))
    incident = office.declare(project_id="Checkout")
    assert about(office, incident) == {"offer"}
    office.comers.invite(incident.id, only_named=True, by="ANA", key="click/1")
    assert invited(office, incident) == [["BEN"]]
    assert len(office.comers.offered(incident.id)) == 1, "the group can still be invited"
    office.comers.invite(incident.id, only_named=False, by="CHEN", key="click/2")
    assert invited(office, incident)[1:] == [list(CROWD.member_ids)]
    assert [each.by for each in office.entries(incident, EntryKind.PEOPLE)] == ["ANA", "CHEN"]


def test_as_many_as_that_come_without_a_question(office: Office) -> None:
    office.groups.save([UserGroup("S2", "everybody", "Everybody", CROWD.member_ids[:MAX_UNASKED])])
    office.add_project(groups=("S2",))
    assert len(invited(office, office.declare(project_id="Checkout"))[0]) == MAX_UNASKED


def test_to_a_private_incident_nobody_comes_until_a_member_agrees(office: Office) -> None:
    office.add_project(people=("BEN",), groups=("S1",), home_channel="C7")
    incident = office.declare(project_id="Checkout", is_private=True)
    assert about(office, incident) == {"offer"}
    assert f"{incident.ref}/home" not in office.rows()
    for outsider in ("BEN", "CHEN"):
        with pytest.raises(UnknownRef):
            office.comers.invite(incident.id, only_named=False, by=outsider, key=next(keys))
    office.comers.invite(incident.id, only_named=True, by="ANA", key=next(keys))
    assert invited(office, incident) == [["BEN"]]
    present = office.database.run(lambda tx: members.present(tx, incident.id))
    assert present == {"ANA", "BEN"}
    assert [each.user_ids for each in office.comers.offered(incident.id)] == [("CHEN",)]


def test_whoever_is_there_already_is_not_brought_in(office: Office) -> None:
    office.add_project(people=("BEN",), groups=("S1",))
    incident = office.declare(project_id="Checkout", is_private=True)
    office.manager.assign_commander(incident.id, "BEN", by="ANA", key=next(keys))
    assert [each.user_ids for each in office.comers.offered(incident.id)] == [("CHEN",)]


def test_whoever_was_paged_is_not_brought_in_as_well(office: Office) -> None:
    office.add_project(people=("BEN",), groups=("S1",))
    incident = office.declare(project_id="Checkout", is_private=True)
    office.pages.page(PageInput(incident.id, ("BEN",), "look", invites=True), by="ANA", key=next(keys))
    assert [each.user_ids for each in office.comers.offered(incident.id)] == [("CHEN",)]


def test_a_second_click_says_that_everybody_has_been_invited(office: Office) -> None:
    office.add_project(people=("BEN",))
    incident = office.declare(project_id="Checkout", is_private=True)
    office.comers.invite(incident.id, only_named=False, by="ANA", key="click/1")
    office.comers.invite(incident.id, only_named=False, by="ANA", key="click/1")
    with pytest.raises(EverybodyInvited):
        office.comers.invite(incident.id, only_named=False, by="ANA", key="click/2")
    assert invited(office, incident) == [["BEN"]]


@pytest.mark.parametrize("person", NOBODIES)
def test_whoever_may_not_act_brings_in_nobody(office: Office, person: str) -> None:
    office.add_project(groups=("S2",))
    incident = office.declare(project_id="Checkout")
    with pytest.raises(NotAllowed):
        office.comers.invite(incident.id, only_named=False, by=person, key=next(keys))
    assert invited(office, incident) == []


def test_an_incident_that_becomes_private_leaves_its_home_channel(office: Office) -> None:
    office.add_project(home_channel="C7")
    incident = office.declare(project_id="Checkout")
    office.perform_all()
    settled = set(office.rows())
    office.privacy.converted(f"C{incident.id}", is_private=True, ts="1770000000.000100", by="ANA")
    new = {key.split("/")[1] for key in set(office.rows()) - settled if key.startswith(incident.ref)}
    assert {"announcement", "home"} <= new


def test_whoever_the_settings_name_for_a_severity_comes_as_well_and_only_once(office: Office) -> None:
    office.add_project(people=("BEN",))
    office.set_up(SettingsGroup.PEOPLE, people_high=("BEN", "ANA"), groups_high=("S1",))
    incident = office.declare(project_id="Checkout", by="ANA")
    assert told(office, incident) == [("BEN", "owners of Checkout"), ("CHEN", "@oncall, for high incidents")]
    assert invited(office, incident) == [["BEN", "CHEN"]]
    low = office.declare(severity=IncidentSeverity.LOW)
    assert about(office, low) == set()


def test_those_who_come_to_a_worse_severity_come_when_it_is_raised(office: Office) -> None:
    office.add_project(groups=("S2",))
    office.set_up(SettingsGroup.PEOPLE, people_critical=("BEN", "CHEN"), people_low=("CHEN",))
    incident = office.declare(project_id="Checkout")
    assert about(office, incident) == {"offer"}
    change = partial(office.manager.change_severity, incident.id, by="ANA")
    change(IncidentSeverity.LOW, key="command/1")
    assert invited(office, incident) == [], "nobody comes because it is less bad"
    change(IncidentSeverity.CRITICAL, key="command/2")
    change(IncidentSeverity.CRITICAL, key="command/2")
    assert told(office, incident) == [("BEN CHEN", "on the list for critical incidents")]
    assert invited(office, incident) == [["BEN", "CHEN"]], "not those who were offered and not chosen"


def test_nobody_comes_when_the_severity_of_an_incident_that_is_over_is_corrected(office: Office) -> None:
    office.set_up(SettingsGroup.PEOPLE, people_critical=("BEN",))
    incident = office.declare()
    office.step(incident, "resolved")
    office.manager.change_severity(incident.id, IncidentSeverity.CRITICAL, by="ANA", key=next(keys))
    assert (invited(office, incident), told(office, incident)) == ([], [])


def test_the_question_follows_its_incident_when_that_becomes_private(office: Office) -> None:
    office.add_project(groups=("S2",))
    incident, other = office.declare(project_id="Checkout"), office.declare()
    office.perform_all()
    save = partial(messages.save, key=offer_key(incident.id), channel_id="C1", ts="1.0")
    office.database.run(save)
    settled = set(office.rows())
    for each in (incident, other):
        office.privacy.converted(f"C{each.id}", is_private=True, ts="1770000000.000100", by="ANA")
    new = {key.rpartition("/entry")[0] for key in set(office.rows()) - settled if "/offer" in key}
    assert new == {f"{incident.ref}/offer"}


def test_to_a_private_incident_nobody_comes_when_its_severity_is_raised(office: Office) -> None:
    office.set_up(SettingsGroup.PEOPLE, people_critical=("BEN",))
    incident = office.declare(is_private=True)
    assert about(office, incident) == set()
    office.manager.change_severity(incident.id, IncidentSeverity.CRITICAL, by="ANA", key=next(keys))
    assert "offer" in about(office, incident)
    assert invited(office, incident) == []


def test_they_are_mentioned_even_if_one_of_them_could_not_be_invited(office: Office) -> None:
    office.add_project(people=("BEN", "CHEN"))
    incident = office.declare(project_id="Checkout")
    [entry] = office.entries(incident, EntryKind.PEOPLE)
    invitation = office.perform_until(f"{incident.ref}/comers/{entry.id}")
    assert office.rows()[f"{incident.ref}/entry/{entry.id}"] == "waiting", "Slack notifies only members"
    office.outbox.fail(invitation, Failure(FailureKind.FINAL, "user_is_restricted", concerns="CHEN"))
    assert f"{incident.ref}/entry/{entry.id}" in office.claim()

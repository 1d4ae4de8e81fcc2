"""Roles: what the settings may add, who has which, and what people type to mean one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.incidents.planned import after_change
from bot.domain.incidents.roles import (
    BUILT_IN,
    COMMANDER,
    COMMUNICATIONS,
    DUTY_LIMIT,
    MAX_ADDED,
    NAME_LIMIT,
    SCRIBE,
    HeldRole,
    key_of,
    lacks_commander,
    read_roles,
    roles_of,
)
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import (
    BotError,
    DutyTooLong,
    RoleMeant,
    RoleMissing,
    RoleNameTooLong,
    RoleTwice,
    RoleUnreadable,
    TooManyRoles,
    UnknownRole,
)
from bot.domain.outbox.effects import InvitePeople, SetTopic, TellRole
from bot.domain.settings import Role
from bot.domain.surface.role_line import RoleLine, read_role_line, role_meant
from tests.support.examples import NOW, any_text, entry, incident, tried

LIAISON = Role("Liaison", "Talks to support")
FULL = "\n".join(f"{number:040}: {'x' * DUTY_LIMIT}" for number in range(MAX_ADDED))


def held(name: str, user_id: str) -> HeldRole:
    return HeldRole(12, key_of(name), name, user_id, NOW)


def test_a_line_of_the_settings_is_a_name_a_colon_and_a_duty() -> None:
    typed = " Liaison :Talks to support\n\n  Fire  marshal：  Counts: heads \n \u200b \n"
    assert read_roles(typed) == (LIAISON, Role("Fire marshal", "Counts: heads"))
    assert read_roles("") == ()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("Liaison", RoleUnreadable),
        ("Liaison:", RoleUnreadable),
        ("Liaison: \u200b", RoleUnreadable),
        (": talks", RoleUnreadable),
        ("🔥: burns", RoleUnreadable),
        (f"{'x' * (NAME_LIMIT + 1)}: talks", RoleNameTooLong),
        (f"{'x' * 200}: talks", RoleNameTooLong),
        (f"a{'ﷺ' * (NAME_LIMIT - 1)}: talks", RoleNameTooLong),
        (f"Liaison: {'x' * (DUTY_LIMIT + 1)}", DutyTooLong),
        ("Liaison: talks\nLIAISON : writes", RoleTwice),
        ("scribe: writes", RoleTwice),
        ("\n".join(f"Role {number}: x" for number in range(MAX_ADDED + 1)), TooManyRoles),
    ],
)
def test_a_role_that_cannot_be_added_is_refused_at_its_field(typed: str, error: type[BotError]) -> None:
    with pytest.raises(error) as refused:
        read_roles(typed)
    assert refused.value.field == "roles"


def test_as_many_and_as_long_roles_as_are_allowed_fit_the_field() -> None:
    assert len(read_roles(FULL)) == MAX_ADDED
    assert len(FULL) <= 2000


@given(any_text)
def test_whatever_is_typed_is_read_or_answered(typed: str) -> None:
    found = tried(partial(read_roles, typed))
    if not isinstance(found, BotError):
        assert read_roles("\n".join(f"{each.name}: {each.duty}" for each in found)) == found


def test_roles_are_those_built_in_then_those_added_then_those_that_were_removed_but_are_held() -> None:
    roles = roles_of(
        incident(commander_id="U0ANA"), [LIAISON], [held("Gone", "U0BEN"), held("Scribe", "U0CHEN")]
    )
    assert [each.name for each in roles.table] == [
        *("Commander", "Communications", "Scribe", "Liaison", "Gone"),
    ]
    assert roles.held == ((COMMANDER, "U0ANA"), (SCRIBE, "U0CHEN"), (Role("Gone", ""), "U0BEN"))
    assert roles.supporting == roles.held[1:]
    assert roles.holder(LIAISON) is None
    assert roles_of(incident(), [], []).table == BUILT_IN


@pytest.mark.parametrize("severity", IncidentSeverity)
@pytest.mark.parametrize("status", IncidentStatus)
def test_only_an_open_severe_incident_lacks_a_commander(
    severity: IncidentSeverity, status: IncidentStatus
) -> None:
    found = incident(severity=severity, status=status)
    is_severe = severity in {IncidentSeverity.CRITICAL, IncidentSeverity.HIGH}
    assert lacks_commander(found) == (is_severe and found.is_active)
    assert not lacks_commander(replace(found, commander_id="U0BEN"))


@pytest.mark.parametrize(
    ("typed", "role", "people"),
    [
        ("scribe", "scribe", ()),
        ("scribe <@U0BEN>", "scribe", ("U0BEN",)),
        ("<@U0BEN|ben> Fire  marshal", "Fire marshal", ("U0BEN",)),
        ("fire <@U0BEN> marshal <@U0ANA> <@U0BEN>", "fire marshal", ("U0BEN", "U0ANA")),
        ("<@U0BEN>", "", ("U0BEN",)),
    ],
)
def test_a_person_may_be_mentioned_anywhere_in_the_line(
    typed: str, role: str, people: tuple[str, ...]
) -> None:
    assert read_role_line(typed) == RoleLine(role, people)


def meant(typed: str, *people: str) -> Role:
    roles = roles_of(incident(), [LIAISON, Role("R&D", "Asks"), Role("Common", "Shares")], [])
    return role_meant(RoleLine(typed, people), typed, roles, incident())


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("scribe", SCRIBE),
        (" SCRIBE ", SCRIBE),
        ("comms", COMMUNICATIONS),
        ("ic", COMMANDER),
        ("incident commander", COMMANDER),
        ("scr", SCRIBE),
        ("liai", LIAISON),
        ("commu", COMMUNICATIONS),
    ],
)
def test_a_role_is_meant_by_its_name_another_name_or_its_beginning(typed: str, role: Role) -> None:
    assert meant(typed) == role


def test_a_similar_role_is_offered_with_the_person() -> None:
    with pytest.raises(RoleMeant) as refused:
        meant("scrbie", "U0BEN")
    assert refused.value.offers == {"Scribe": "role INC-12 Scribe <@U0BEN>"}
    with pytest.raises(RoleMeant) as refused:
        meant("R&T")
    assert refused.value.offers == {"R&D": "role INC-12 R&amp;D"}, "as Slack would have escaped it"


@pytest.mark.parametrize("typed", ["cook", "comm", "s", "x" * 2000])
def test_an_unknown_role_is_answered_with_all_of_them(typed: str) -> None:
    with pytest.raises((UnknownRole, RoleMeant)) as refused:
        meant(typed)
    assert len(refused.value.values["typed"]) <= 60
    if isinstance(refused.value, UnknownRole):
        assert "Commander, Communications, Scribe, Liaison" in refused.value.values["names"]


def test_no_role_is_answered_with_an_example() -> None:
    with pytest.raises(RoleMissing):
        meant(" ", "U0BEN")


def test_a_holder_is_invited_and_messaged_and_the_topic_stays() -> None:
    given_away = entry(EntryKind.ROLE, from_value="U0ANA", to_value="U0CHEN", text="Scribe")
    rows = {type(row.effect): row for row in after_change(incident(), given_away)}
    assert SetTopic not in rows
    assert rows[InvitePeople].effect == InvitePeople(12, ("U0CHEN",))
    assert rows[TellRole].effect == TellRole(12, "U0CHEN", "scribe", "U0BEN")
    assert rows[TellRole].key.endswith("/U0CHEN"), "by which it's found if the incident becomes private"
    given_up = replace(given_away, from_value="U0BEN", to_value=None)
    assert not {InvitePeople, TellRole} & {type(row.effect) for row in after_change(incident(), given_up)}


@given(st.sampled_from([COMMANDER.name, "x" * 80, "東京" * 40]))
def test_the_row_that_messages_a_holder_fits_its_columns(name: str) -> None:
    changed = entry(EntryKind.ROLE, to_value="U" * 32, text=name)
    for row in after_change(incident(id=10**9), changed):
        assert max(len(row.key), len(row.lane)) <= 255

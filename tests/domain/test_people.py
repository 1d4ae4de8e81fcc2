"""Who may act."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.kit.people import Person, person_from_slack

MEMBER: dict[str, Any] = {
    "id": "U0ANA",
    "name": "ana",
    "real_name": "Ana Alvarez",
    "tz": "America/Los_Angeles",
    "profile": {"display_name": "Ana"},
    "deleted": False,
    "is_bot": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
}


def test_a_full_member_may_act() -> None:
    person = person_from_slack(MEMBER, "T1")
    assert person == Person("U0ANA", "Ana", "America/Los_Angeles")
    assert person.may_act


@pytest.mark.parametrize(
    "different",
    [
        {"is_restricted": True},
        {"is_restricted": True, "is_ultra_restricted": True},
        {"is_stranger": True},
        {"is_bot": True},
        {"deleted": True},
        {"id": "USLACKBOT"},
    ],
)
def test_guests_strangers_bots_and_former_members_may_not_act(different: dict[str, Any]) -> None:
    assert not person_from_slack({**MEMBER, **different}, "T1").may_act


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"id": "U1", "name": "ana", "profile": {"display_name": "", "real_name": "Ana A"}}, "Ana A"),
        ({"id": "U1", "name": "ana"}, "ana"),
        ({"id": "U1"}, "U1"),
        ({"id": "U1", "name": None, "profile": None, "tz": None}, "U1"),
    ],
)
def test_everybody_has_a_name_however_little_slack_reports(user: dict[str, Any], name: str) -> None:
    person = person_from_slack(user, "T1")
    assert person.name == name
    assert person.tz is None

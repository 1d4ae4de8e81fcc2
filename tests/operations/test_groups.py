"""User groups and their members are what Slack reported last, in whatever order its reports arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.kit.groups import UserGroup, group_from_slack
from bot.operations.groups import UserGroups
from storage import groups
from tests.support.office import Office

ONCALL = UserGroup("S1", "oncall", "On call", ("UANA", "UBEN"))
OPS = UserGroup("S2", "Ops", "Operations", ("UCHI",))


@pytest.fixture
def known(office: Office) -> UserGroups:
    known = UserGroups(office.database, office.clock)
    known.save([OPS, ONCALL])
    return known


def stored(office: Office, group_id: str) -> UserGroup | None:
    return office.database.run(lambda tx: groups.get(tx, group_id))


def listed(office: Office) -> list[str]:
    return office.database.run(lambda tx: [each.handle for each in groups.all_enabled(tx)])


def test_a_group_has_its_members(office: Office, known: UserGroups) -> None:
    assert stored(office, "S1") == ONCALL
    assert office.database.run(lambda tx: groups.members_of(tx, "S2")) == ("UCHI",)
    assert office.database.run(groups.all_enabled) == [OPS, ONCALL]


def test_somebody_joins_and_somebody_leaves(office: Office, known: UserGroups) -> None:
    changed = UserGroup("S1", "first-line", "First line", ("UBEN", "UDEB"))
    known.save([changed])
    assert stored(office, "S1") == changed


def test_an_older_report_changes_nothing(office: Office, known: UserGroups) -> None:
    older = known.clock() - timedelta(seconds=1)
    known.save([UserGroup("S1", "old", "Old", ("UDEB",))], older)
    assert stored(office, "S1") == ONCALL


def test_a_disabled_group_is_known_and_not_listed(office: Office, known: UserGroups) -> None:
    known.save([group_from_slack({"id": "S1", "handle": "oncall", "name": "On call", "date_delete": 5})])
    found = stored(office, "S1")
    assert found is not None
    assert found.is_disabled
    assert listed(office) == ["Ops"]


def test_what_a_complete_list_lacks_is_forgotten_with_its_members(office: Office, known: UserGroups) -> None:
    later = known.clock() + timedelta(seconds=1)
    known.save([OPS], later)
    known.forget_before(later)
    assert stored(office, "S1") is None
    assert office.database.run(lambda tx: groups.members_of(tx, "S1")) == ()
    assert listed(office) == ["Ops"]


def test_a_server_that_returns_no_members_makes_a_group_without_any() -> None:
    assert group_from_slack({"id": "S1", "handle": "oncall"}) == UserGroup("S1", "oncall", "oncall")

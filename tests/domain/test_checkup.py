"""What the doctor makes of what it finds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.surface import checkup
from bot.domain.surface.checkup import Light
from bot.domain.surface.slack_app import SCOPES, Scope

EVERY = {scope.name for scope in SCOPES}


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_scope_that_was_not_granted_says_what_stops_working(scope: Scope) -> None:
    [found] = [each for each in checkup.scopes(EVERY - {scope.name}) if each.light is not Light.GREEN]
    assert found.name == f"scope {scope.name}"
    assert found.light is (Light.AMBER if scope.is_optional else Light.RED)
    assert scope.enables in found.found
    assert "reinstall the app" in found.remedy


def test_all_scopes_granted_is_green() -> None:
    assert {each.light for each in checkup.scopes(EVERY)} == {Light.GREEN}


def test_a_server_that_lists_no_scopes_is_no_fault() -> None:
    assert [each.light for each in checkup.scopes(())] == [Light.AMBER]


@pytest.mark.parametrize(
    ("behind", "light"),
    [(0, Light.GREEN), (29, Light.GREEN), (-31, Light.AMBER), (299, Light.AMBER), (-300, Light.RED)],
)
def test_a_clock_that_is_off_is_noticed_in_both_directions(behind: int, light: Light) -> None:
    found = checkup.clock(timedelta(seconds=behind))
    assert found.light is light
    assert ("ahead of" in found.found) is (behind <= 0)


@pytest.mark.parametrize(
    ("found", "light"),
    [("0011", Light.GREEN), ("", Light.AMBER), ("0010", Light.AMBER), ("0012", Light.AMBER)],
)
def test_each_revision_of_the_database_is_said(found: str, light: Light) -> None:
    assert checkup.revision(found, "0011").light is light


def test_what_failed_or_is_late_is_red() -> None:
    assert [each.light for each in checkup.outbox(0, [])] == [Light.GREEN]
    assert [each.light for each in checkup.outbox(2, [("pin the card", "not_pinnable")])] == [Light.RED] * 2
    assert checkup.is_ill(checkup.outbox(1, []))
    assert not checkup.is_ill(checkup.outbox(0, []))

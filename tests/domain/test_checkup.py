"""What the doctor makes of what it finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.surface import checkup
from bot.domain.surface.checkup import Light
from bot.domain.surface.slack_app import SCOPES, Scope
from bot.listeners import EVENTS

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
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
    [well] = checkup.outbox(7, 0, [])
    assert (well.light, "7 waiting" in well.found) == (Light.GREEN, True)
    dead = [("pin the card", "not_pinnable")]
    assert [each.light for each in checkup.outbox(2, 2, dead)] == [Light.RED] * 2
    assert checkup.is_ill(checkup.outbox(1, 1, []))
    assert not checkup.is_ill([well])


def test_an_event_that_an_incident_must_have_brought_is_red_until_it_is_seen() -> None:
    due = {each.name for each in checkup.events(EVENTS, {}, are_due=True) if each.light is Light.RED}
    assert due == {"event message.channels", "event member_joined_channel"}
    assert not checkup.is_ill(checkup.events(EVENTS, {}, are_due=False))
    seen = {each.name: NOON for each in EVENTS}
    found = checkup.events(EVENTS, seen, are_due=True)
    assert {each.found for each in found} == {"Last seen 2026-03-03 12:00 UTC."}


@pytest.mark.parametrize(
    ("ago", "light"),
    [(None, Light.AMBER), (0, Light.GREEN), (180, Light.GREEN), (181, Light.RED)],
)
@pytest.mark.parametrize("is_http", [True, False])
def test_a_bot_that_was_connected_and_no_longer_is_turns_red(
    ago: int | None, light: Light, is_http: bool
) -> None:
    seen = None if ago is None else NOON - timedelta(seconds=ago)
    found = checkup.connection(seen, NOON, is_http=is_http)
    assert (found.name, found.light) == ("requests" if is_http else "socket", light)


@pytest.mark.parametrize(
    ("role", "light"),
    [
        ("owner", Light.GREEN),
        ("writer", Light.GREEN),
        ("reader", Light.RED),
        ("freeBusyReader", Light.RED),
        ("", Light.GREEN),
    ],
)
def test_a_calendar_that_cannot_be_changed_is_red(role: str, light: Light) -> None:
    assert checkup.calendar("incidents@acme.example", role).light is light


def test_trouble_that_slack_reports_is_amber_and_named() -> None:
    assert checkup.slack_state([]).light is Light.GREEN
    found = checkup.slack_state(["Messages are slow", "Uploads fail"])
    assert (found.light, "Messages are slow; Uploads fail" in found.found) == (Light.AMBER, True)

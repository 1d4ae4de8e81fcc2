"""What the doctor makes of what it finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.surface import checkup
from bot.domain.surface.checkup import Check, Light, amber, green, red
from bot.domain.surface.slack_app import SCOPES, Scope
from bot.listeners import EVENTS

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
EVERY = {scope.name for scope in SCOPES}


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_scope_that_was_not_granted_says_what_stops_working(scope: Scope) -> None:
    [found] = [each for each in checkup.scopes(EVERY - {scope.name}) if each.light is not Light.GREEN]
    name, missing = f"scope {scope.name}", f"Not granted, so the bot can't {scope.enables}."
    update = "pdate the app from manifest.yml at https://api.slack.com/apps, then reinstall the app."
    optional = amber(name, missing, f"It is optional. To grant it: u{update}")
    assert found == (optional if scope.is_optional else red(name, missing, f"U{update}"))


def test_all_scopes_granted_is_green() -> None:
    assert checkup.scopes(EVERY) == [
        green(f"scope {scope.name}", f"Granted, to {scope.enables}.") for scope in SCOPES
    ]


def test_a_server_that_lists_no_scopes_is_not_a_fault() -> None:
    assert checkup.scopes(()) == [
        amber(
            "scopes",
            "The server doesn't say which scopes were granted.",
            "Compare them with manifest.yml in the app's settings.",
        )
    ]


def test_only_the_scopes_that_the_bot_needs_are_lacking() -> None:
    needed = sorted(scope.name for scope in SCOPES if not scope.is_optional)
    optional = {scope.name for scope in SCOPES if scope.is_optional}
    assert checkup.lacking(optional) == tuple(needed)
    assert checkup.lacking(set(needed[1:])) == (needed[0],)
    assert checkup.lacking(needed) == ()
    assert checkup.lacking(()) == ()


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (0, green("clock", "The clock is 0 s ahead of Slack's.")),
        (29, green("clock", "The clock is 29 s behind Slack's.")),
        (30, amber("clock", "The clock is 30 s behind Slack's.", "Keep the clock in sync (NTP).")),
        (-31, amber("clock", "The clock is 31 s ahead of Slack's.", "Keep the clock in sync (NTP).")),
        (299, amber("clock", "The clock is 299 s behind Slack's.", "Keep the clock in sync (NTP).")),
        (
            -300,
            red("clock", "The clock is 300 s ahead of Slack's.", "Set the clock, and keep it in sync (NTP)."),
        ),
    ],
)
def test_a_clock_that_is_off_is_noticed_in_both_directions(behind: int, expected: Check) -> None:
    assert checkup.clock(timedelta(seconds=behind)) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("0011", green("database", "Reachable, at revision 0011.")),
        ("", amber("database", "Reachable, and empty.", "Start the bot; it creates its tables.")),
        (
            "0010",
            amber(
                "database",
                "Reachable, at revision 0010; this version needs 0011.",
                "Start the bot; it migrates the database.",
            ),
        ),
        (
            "0012",
            amber(
                "database",
                "Reachable, at revision 0012, which a newer version has made.",
                "Upgrade this replica, too.",
            ),
        ),
    ],
)
def test_each_revision_of_the_database_is_named(found: str, expected: Check) -> None:
    assert checkup.revision(found, "0011") == expected


def test_the_settings_file_is_red_if_it_cannot_be_used_and_amber_if_another_one_counts() -> None:
    broken = checkup.settings_file("/etc/muster.yaml", ["line 2, people.role: There is no such setting."])
    assert (broken.light, "line 2, people.role" in broken.found) == (Light.RED, True)
    assert checkup.settings_file("/etc/muster.yaml", [], 3).light is Light.AMBER
    assert checkup.settings_file("", []).light is Light.AMBER
    well = checkup.settings_file("/etc/muster.yaml", [], 3, is_in_force=True)
    assert well == green("settings file", "It sets 3 of the settings.")
    none = checkup.settings_file("", [], is_in_force=True)
    assert none == green("settings file", "There is none: all settings are made in Slack.")


def test_what_failed_or_is_late_is_red() -> None:
    well = green("outbox", "Nothing has failed, and nothing is late; 7 waiting.")
    late = red("outbox", "2 late; 3 waiting.", "Check that the bot is running and reaches Slack.")
    dead = red(
        "outbox",
        "Given up: pin the card (not_pinnable).",
        "Fix the reason, then press Retry in `/incident doctor`.",
    )
    given_up = [("pin the card", "not_pinnable", 1)]
    assert checkup.outbox(7, 0, []) == [well]
    assert checkup.outbox(3, 2, given_up) == [late, dead]
    depth = green("outbox", "Something has failed, but nothing is late; 2 waiting.")
    assert checkup.outbox(2, 0, given_up) == [depth, dead]
    [_, often] = checkup.outbox(2, 0, [("pin the card", "not_pinnable", 3)])
    assert often.found == "Given up: pin the card (not_pinnable), 3 times."
    [_, restored] = checkup.outbox(2, 0, [("pin the card", "restored: this comes from a backup", 1)])
    assert restored.remedy == "Decide with app.py --restored; Retry doesn't touch it."
    assert checkup.is_ill([well, late])
    assert not checkup.is_ill([well])


def test_an_event_that_an_incident_must_have_brought_is_red_until_it_is_seen() -> None:
    due = [each for each in checkup.events(EVENTS, {}, are_due=True) if each.light is Light.RED]
    assert {each.name for each in due} == {"event message.channels", "event member_joined_channel"}
    assert {(each.found, each.remedy) for each in due} == {
        (
            "Never seen, although an incident was declared.",
            "Update the app from manifest.yml at https://api.slack.com/apps, then reinstall the app.",
        )
    }
    not_yet = checkup.events(EVENTS, {}, are_due=False)
    assert not_yet == [green(f"event {each.name}", "Not seen yet.") for each in EVENTS]
    seen = {each.name: NOON for each in EVENTS}
    found = checkup.events(EVENTS, seen, are_due=True)
    assert found == [green(f"event {each.name}", "Last seen 2026-03-03 12:00 UTC.") for each in EVENTS]


@pytest.mark.parametrize(
    ("ago", "light", "found", "remedy"),
    [
        (None, Light.AMBER, "No bot has been connected with this database yet.", "Start the bot."),
        (0, Light.GREEN, "A bot was connected at 2026-03-03 12:00 UTC.", ""),
        (180, Light.GREEN, "A bot was connected at 2026-03-03 11:57 UTC.", ""),
        (
            181,
            Light.RED,
            "No bot has been connected since 2026-03-03 11:56 UTC.",
            "Start the bot; if it is running, its log says why it isn't connected.",
        ),
    ],
)
@pytest.mark.parametrize(("is_http", "name"), [(True, "requests"), (False, "socket")])
def test_a_bot_that_was_connected_and_no_longer_is_turns_red(
    ago: int | None, light: Light, found: str, remedy: str, is_http: bool, name: str
) -> None:
    seen = None if ago is None else NOON - timedelta(seconds=ago)
    assert checkup.connection(seen, NOON, is_http=is_http) == Check(name, light, found, remedy)


CHANGED = green("calendar", "Incidents can be read and changed.")


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("owner", CHANGED),
        ("writer", CHANGED),
        (
            "reader",
            red(
                "calendar",
                "Incidents can be read, but not changed (reader).",
                "Share Incidents with the bot's account, with the permission to make changes to events.",
            ),
        ),
        ("", green("calendar", "Incidents can be read.")),
    ],
)
def test_a_calendar_that_cannot_be_changed_is_red(role: str, expected: Check) -> None:
    assert checkup.calendar("Incidents", role) == expected


def test_trouble_that_slack_reports_is_amber_and_named() -> None:
    assert checkup.slack_state([]) == green("slack's state", "Slack reports no trouble.")
    assert checkup.slack_state(["Messages are slow", "Uploads fail"]) == amber(
        "slack's state", "Slack reports: Messages are slow; Uploads fail.", "Wait until Slack has fixed it."
    )

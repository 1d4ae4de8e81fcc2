"""Every setting survives its form: shown, read back, saved, and read again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from bot.domain.kit.groups import UserGroup
from bot.domain.settings import (
    DEFAULTS,
    Checklist,
    ChecklistLine,
    ReminderSettings,
    Role,
    SettingsChange,
    SettingsGroup,
    TeamSettings,
    fingerprint,
    fingerprint_of_all,
)
from bot.domain.settings_fields import BY_NAME, SETTINGS, has_form, names_in
from bot.domain.surface.shown import FieldChange, SettingsFormShown, SettingsShown
from bot.views.kit.menus import GROUPS_MISSING
from bot.views.settings import FIELDS, GROUPS, settings_home
from bot.views.settings_form import parse_settings, people_in, settings_form
from storage.database import Database
from tests.support.office import Office, open_office
from tests.views.screens import check, check_form, submitted, texts

CHANGED = ReminderSettings(
    ladder=(-2, 0, 2),
    hour=8,
    working_days=(0, 1, 2),
    country="DE",
    days_off=(date(2030, 1, 2),),
    postmortems_for=("critical",),
    until=17,
    texts_kept=90,
    roles=(Role("Liaison", "Talks to support: hourly"),),
    call_from="calendar",
    call_link="https://meet.example.com/{ref}",
    update_critical=30,
    update_high=None,
    update_medium=240,
    update_low=120,
    nudged_at=("critical",),
    commander_after=None,
    people_critical=("ANA", "BEN"),
    groups_critical=("S1",),
    people_high=("ANA",),
    groups_high=("S1",),
    people_medium=("BEN",),
    groups_medium=("S1",),
    people_low=("CHEN",),
    groups_low=("S1",),
    checklists=(Checklist("First minutes", (ChecklistLine("Tell support", 15),), ("high",)),),
)
ONCALL = UserGroup("S1", "oncall", "On call", ("ANA",))
WITH_FORM = [each for each in SettingsGroup if has_form(each)]
THEIRS = TeamSettings(
    CHANGED,
    CHANGED,
    changes={SettingsGroup.PEOPLE: SettingsChange("U0ANA", datetime(2026, 11, 3, tzinfo=UTC))},
)


@pytest.fixture
def desk(sqlite_url: str) -> Office:
    database = Database(sqlite_url)
    database.migrate()
    office = open_office(database)
    office.groups.save([ONCALL])
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    office.connect_calendar(makes_calls=True)
    return office


def test_the_example_changes_every_setting() -> None:
    same = [each.name for each in fields(CHANGED) if getattr(CHANGED, each.name) == each.default]
    assert not same, f"give CHANGED of this file other values than the defaults of {same}"


def test_each_setting_is_in_one_group_and_shown() -> None:
    names = [each.name for each in fields(ReminderSettings)]
    assert sorted(BY_NAME) == sorted(each.name for each in SETTINGS) == sorted(FIELDS) == sorted(names)
    assert set(GROUPS) == set(SettingsGroup) == {each.group for each in SETTINGS}


def test_every_setting_is_shown_read_saved_and_kept(desk: Office) -> None:
    for group in WITH_FORM:
        before = fingerprint(desk.settings.get(by="BOSS"), names_in(group))
        form = settings_form(SettingsFormShown(group, THEIRS, (ONCALL,)))
        check_form(form)
        filled = parse_settings(submitted(form, {}))
        desk.settings.save(replace(filled, was=before), by="BOSS", key=f"view/{group}")
    assert desk.settings.get(by="BOSS") == replace(CHANGED, checklists=())
    desk.database.close()


@pytest.mark.parametrize("group", WITH_FORM)
def test_a_form_that_is_submitted_as_it_opened_changes_nothing(desk: Office, group: SettingsGroup) -> None:
    filled = parse_settings(submitted(settings_form(desk.settings.form(group.value, by="BOSS")), {}))
    assert desk.settings.save(filled, by="BOSS", key="view/1") == DEFAULTS
    assert not desk.settings.form(group.value, by="BOSS").settings.changes
    desk.database.close()


def test_the_home_says_what_is_set_and_who_changed_it() -> None:
    message = settings_home(SettingsShown(THEIRS))
    check(message)
    said = "\n".join(texts(list(message.blocks), "mrkdwn"))
    assert "More roles: Liaison" in said
    assert "Lists: First minutes" in said
    assert "_Changed by <@U0ANA>, <!date^" in said
    assert "Start of the working day: 08:00" in said
    assert "Working days: Monday to Wednesday" in said
    assert [each["accessory"]["value"] for each in message.blocks if "accessory" in each] == list(
        SettingsGroup
    )


def test_each_field_says_what_applies_without_it() -> None:
    for group in WITH_FORM:
        form = settings_form(SettingsFormShown(group, THEIRS, (ONCALL,)))
        hints = {each["block_id"]: each["hint"]["text"] for each in form["blocks"]}
        for name in names_in(group):
            assert f"By default: {FIELDS[name].words(BY_NAME[name].default)}." in hints[name]


def hint_of(changed: FieldChange) -> str:
    form = settings_form(SettingsFormShown(SettingsGroup.REMINDERS, THEIRS, changed={"hour": changed}))
    check_form(form)
    hints = {each["block_id"]: each["hint"]["text"] for each in form["blocks"]}
    assert hints["until"].endswith("By default: 18:00.")
    return str(hints["hour"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ana Diaz", "Changed by Ana Diaz on Thu 12 Nov 2026."),
        (None, "Changed on Thu 12 Nov 2026."),
        ("Ana\n\u202eDiaz", "Changed by Ana \u202eDiaz\u202c on Thu 12 Nov 2026."),
        ("x" * 3000, f"Changed by {'x' * 79}… on Thu 12 Nov 2026."),
    ],
)
def test_each_field_says_who_changed_it_and_when(name: str | None, said: str) -> None:
    expected = f"Reminders are sent then. By default: 09:00. {said}"
    assert hint_of(FieldChange(name, date(2026, 11, 12))) == expected


@pytest.mark.parametrize("group", WITH_FORM)
def test_a_form_knows_what_each_of_its_fields_showed(group: SettingsGroup) -> None:
    form = settings_form(SettingsFormShown(group, THEIRS, (ONCALL,)))
    found = parse_settings(submitted(form, {}))
    assert found.fields == {each: fingerprint(CHANGED, (each,)) for each in names_in(group)}
    assert len(form["private_metadata"]) < 3000
    before = {**form, "private_metadata": f'{{"group": "{group.value}", "was": "{found.was}"}}'}
    assert parse_settings(submitted(before, {})) == replace(found, fields={}), "as earlier versions open it"


def test_the_form_for_all_settings_of_earlier_versions_has_the_same_fingerprint() -> None:
    # As in tests/intake/revision_before.json.
    assert fingerprint_of_all(DEFAULTS) == "aa4f0f1476178ea3"
    assert len({fingerprint_of_all(each) for each in (DEFAULTS, CHANGED, replace(CHANGED, hour=7))}) == 3


def test_what_the_file_sets_is_shown_as_set_by_it_and_has_no_input() -> None:
    by_file = TeamSettings(
        CHANGED, DEFAULTS, frozenset({"texts_kept", *names_in(SettingsGroup.PEOPLE)}), "<muster>.yaml"
    )
    home = settings_home(SettingsShown(by_file))
    check(home)
    said = "\n".join(texts(list(home.blocks), "mrkdwn"))
    assert "Keep messages' texts: for 90 days (set by" in said
    groups = [each["accessory"]["value"] for each in home.blocks if "accessory" in each]
    assert "people" not in groups, "nothing is left to change"
    assert "channels" in groups
    form = settings_form(SettingsFormShown(SettingsGroup.CHANNELS, by_file))
    check_form(form)
    inputs = ["call_from", "call_link"]
    assert [each["block_id"] for each in form["blocks"] if each["type"] == "input"] == inputs
    assert list(parse_settings(submitted(form, {})).values) == inputs


def test_without_user_groups_the_form_says_why_and_keeps_what_was_set() -> None:
    form = settings_form(SettingsFormShown(SettingsGroup.PEOPLE, THEIRS))
    check_form(form)
    assert GROUPS_MISSING in str(form["blocks"])
    filled = parse_settings(submitted(form, {}))
    assert "groups_critical" not in filled.values
    assert people_in(filled) == ("ANA", "BEN", "ANA", "BEN", "CHEN")


def test_the_home_names_only_the_severities_to_which_somebody_comes() -> None:
    some = replace(DEFAULTS, people_high=("ANA",), groups_low=("S1", "S2"))
    for own, expected in (
        (DEFAULTS, "More roles: none · Invited by severity: nobody"),
        (
            some,
            ("More roles: none · Invited at high: 1 person · Groups invited at low: 2 groups"),
        ),
    ):
        home = settings_home(SettingsShown(TeamSettings(own, own)))
        assert expected in "\n".join(texts(list(home.blocks), "mrkdwn"))


@pytest.mark.parametrize("makes_calls", [True, False])
def test_the_form_says_if_the_calendar_makes_no_calls(makes_calls: bool) -> None:
    team = TeamSettings(DEFAULTS, DEFAULTS)
    form = settings_form(SettingsFormShown(SettingsGroup.CHANNELS, team, makes_calls=makes_calls))
    check_form(form)
    [hint] = [each["hint"]["text"] for each in form["blocks"] if each["block_id"] == "call_from"]
    assert ("I can't set up Google Meet calls" in hint) is not makes_calls

"""Admins change settings a group at a time; what doesn't fit is refused at its field."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.domain.action_items.model import NewActionItem
from bot.domain.kit.erasure import Subject
from bot.domain.kit.errors import (
    CallUnusable,
    CountryUnknown,
    DayReversed,
    DaysOffUnreadable,
    GroupGone,
    LadderUnreadable,
    MeetUnavailable,
    NotAdmin,
    NotAnId,
    NoWorkingDay,
    OutdatedButton,
    OwnerUnusable,
    RoleGone,
    RoleUnreadable,
    SetByFile,
    SettingsChanged,
    TextsKeptUnreadable,
    TooManyComers,
)
from bot.domain.kit.people import ERASED
from bot.domain.settings import (
    DEFAULTS,
    Role,
    SettingsChange,
    SettingsGroup,
    fingerprint,
    fingerprint_of_all,
)
from bot.domain.settings_fields import names_in
from bot.domain.surface.answers import RolesTray, SettingsHome
from bot.domain.surface.forms import SettingsInput
from bot.domain.surface.shown import FieldChange, RolesShown, SettingsShown
from bot.operations.erasure import Erasure
from storage import exports, workspace
from tests.support.office import Office, keys

PEOPLE, REMINDERS, CHANNELS = SettingsGroup.PEOPLE, SettingsGroup.REMINDERS, SettingsGroup.CHANNELS
LIAISON = "Liaison: Talks to support"


@pytest.fixture(autouse=True)
def _admins(office: Office) -> None:
    office.people.save([{"id": each, "name": each.lower(), "is_admin": True} for each in ("BOSS", "CHIEF")])


def opened(office: Office, group: SettingsGroup, **typed: Any) -> SettingsInput:
    """What is submitted from a form that opens now."""
    own, names = office.settings.form(group.value, by="BOSS").settings.own, names_in(group)
    fields = {each: fingerprint(own, (each,)) for each in names}
    return SettingsInput(group, fingerprint(own, names), typed, fields)


def changes(office: Office, reader: str = "BOSS") -> Mapping[SettingsGroup, SettingsChange]:
    shown = office.answers.load(SettingsHome(), reader)
    assert isinstance(shown, SettingsShown)
    return shown.settings.changes


@pytest.mark.parametrize(
    ("group", "values", "error"),
    [
        (REMINDERS, {"ladder": "soon"}, LadderUnreadable),
        (REMINDERS, {"ladder": ""}, LadderUnreadable),
        (REMINDERS, {"ladder": "1 2 3 4 5 6 7 8 9 10 11 12 13"}, LadderUnreadable),
        (REMINDERS, {"ladder": "61"}, LadderUnreadable),
        (REMINDERS, {"working_days": ()}, NoWorkingDay),
        (REMINDERS, {"country": "XX"}, CountryUnknown),
        (REMINDERS, {"country": "D"}, CountryUnknown),
        (REMINDERS, {"days_off": "christmas"}, DaysOffUnreadable),
        (REMINDERS, {"hour": "7", "until": "7"}, DayReversed),
        (REMINDERS, {"hour": "25"}, OutdatedButton),
        (PEOPLE, {"roles": "Liaison"}, RoleUnreadable),
        (PEOPLE, {"people_high": ("BOSS", "GUEST")}, OwnerUnusable),
        (PEOPLE, {"people_low": ("LEFT",)}, OwnerUnusable),
        (PEOPLE, {"people_low": ("javascript:",)}, NotAnId),
        (PEOPLE, {"people_low": tuple(f"U{number}" for number in range(51))}, TooManyComers),
        (PEOPLE, {"groups_critical": ("S404",)}, GroupGone),
        (CHANNELS, {"call_link": "http://meet.example.com"}, CallUnusable),
        (CHANNELS, {"call_from": "calendar"}, MeetUnavailable),
        (CHANNELS, {"call_from": "zoom"}, OutdatedButton),
        *(
            (CHANNELS, {"texts_kept": typed}, TextsKeptUnreadable)
            for typed in ("soon", "29", "11 years", "0", "-90 days")
        ),
    ],
)
def test_invalid_settings_are_refused_at_their_field(
    office: Office, group: SettingsGroup, values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        office.set_up(group, **values)
    field = getattr(refused.value, "field", None)
    assert field in values or error is OutdatedButton
    assert office.settings.get(by="BOSS") == DEFAULTS
    assert not changes(office)


@pytest.mark.parametrize(
    ("typed", "days"), [("", None), ("90", 90), (" 18 Months ", 540), ("2 years", 730), ("30d", 30)]
)
def test_texts_are_kept_for_as_long_as_was_typed(office: Office, typed: str, days: int | None) -> None:
    assert office.set_up(CHANNELS, texts_kept=typed).texts_kept == days


def test_only_admins_see_and_change_settings(office: Office) -> None:
    filled = opened(office, REMINDERS, ladder="1")
    for refused in (
        partial(office.settings.get, by="ANA"),
        partial(office.settings.form, "people", by="ANA"),
        partial(office.settings.save, filled, by="ANA", key=next(keys)),
        partial(office.answers.load, SettingsHome(), "ANA"),
    ):
        with pytest.raises(NotAdmin):
            refused()


def test_who_changed_a_group_and_when_is_kept(office: Office) -> None:
    office.set_up(PEOPLE, roles=LIAISON)
    first = office.clock.now
    office.clock.move(hours=1)
    office.set_up(CHANNELS, "CHIEF", texts_kept="90 days")
    assert changes(office) == {
        PEOPLE: SettingsChange("BOSS", first),
        CHANNELS: SettingsChange("CHIEF", first + timedelta(hours=1)),
    }


def of_fields(office: Office, group: SettingsGroup, reader: str = "BOSS") -> Mapping[str, FieldChange]:
    return office.settings.form(group.value, by=reader).changed


def as_an_earlier_release_notes_it(office: Office, group: SettingsGroup, by: str) -> None:
    text = f'{{"by": "{by}", "at": "{office.clock.now.isoformat()}"}}'
    office.database.run(partial(workspace.save, key=f"settings_by:{group.value}", value=text))


def test_who_changed_each_field_and_when_is_kept(office: Office) -> None:
    office.set_up(REMINDERS, hour="8", country="DE")
    office.clock.move(days=1)
    office.set_up(REMINDERS, "CHIEF", hour="7", country="de")
    first, second = FieldChange("boss", date(2026, 3, 2)), FieldChange("chief", date(2026, 3, 3))
    assert of_fields(office, REMINDERS) == {"hour": second, "country": first}
    assert of_fields(office, CHANNELS) == {}


def test_the_day_of_a_change_is_the_readers(office: Office) -> None:
    zones = {"BOSS": "America/Los_Angeles", "CHIEF": "Asia/Tokyo"}
    office.people.save(
        [{"id": each, "name": each, "is_admin": True, "tz": tz, "updated": 1} for each, tz in zones.items()]
    )
    office.clock.move(hours=8)
    office.set_up(CHANNELS, texts_kept="90")
    days = [of_fields(office, CHANNELS, each)["texts_kept"].day for each in zones]
    assert days == [date(2026, 3, 2), date(2026, 3, 3)]


def test_after_a_change_by_an_earlier_release_nobody_is_named_for_a_field(office: Office) -> None:
    office.set_up(REMINDERS, hour="8", country="DE")
    as_an_earlier_release_notes_it(office, REMINDERS, "CHIEF")
    assert of_fields(office, REMINDERS) == {}, "it may have changed any of them"
    office.set_up(REMINDERS, "CHIEF", hour="7")
    assert set(of_fields(office, REMINDERS)) == {"hour"}


def test_somebody_who_was_erased_is_not_named_for_a_field(office: Office) -> None:
    office.set_up(CHANNELS, texts_kept="90")
    office.set_up(PEOPLE, "CHIEF", roles=LIAISON)
    boss = Subject("BOSS")

    def exported() -> set[str]:
        rows = office.database.read(lambda tx: exports.of_person(tx, boss))
        return {row["key"] for row in rows.get("workspace", [])}

    assert exported() == {"settings_by:channels", "settings_field_by:texts_kept"}
    assert Erasure(office.database, office.clock).erase(boss) == 0
    assert exported() == set()
    assert of_fields(office, CHANNELS, "CHIEF") == {"texts_kept": FieldChange(None, date(2026, 3, 2))}
    assert of_fields(office, PEOPLE, "CHIEF") == {"roles": FieldChange("chief", date(2026, 3, 2))}
    assert changes(office, "CHIEF")[CHANNELS].by == ERASED


def test_two_admins_who_change_different_groups_do_not_collide(office: Office) -> None:
    theirs, mine = opened(office, PEOPLE, roles=LIAISON), opened(office, CHANNELS, texts_kept="90")
    office.settings.save(theirs, by="CHIEF", key=next(keys))
    found = office.settings.save(mine, by="BOSS", key=next(keys))
    assert (found.roles, found.texts_kept) == ((Role("Liaison", "Talks to support"),), 90)


def test_two_admins_who_save_different_groups_at_the_same_moment_both_succeed(office: Office) -> None:
    filled = {
        "BOSS": opened(office, PEOPLE, roles=LIAISON),
        "CHIEF": opened(office, CHANNELS, texts_kept="90"),
    }
    with ThreadPoolExecutor(2) as both:
        saves = [both.submit(office.settings.save, each, by=by, key=by) for by, each in filled.items()]
    for each in saves:
        each.result()
    found = office.settings.get(by="BOSS")
    assert (len(found.roles), found.texts_kept) == (1, 90)


def test_the_second_admin_who_changes_a_group_is_told_who_was_first(office: Office) -> None:
    theirs, mine = opened(office, PEOPLE, roles=LIAISON), opened(office, PEOPLE, roles="Driver: Drives")
    office.settings.save(theirs, by="CHIEF", key=next(keys))
    with pytest.raises(SettingsChanged) as refused:
        office.settings.save(mine, by="BOSS", key=next(keys))
    assert refused.value.values == {"by": "CHIEF", "name": "chief"}
    assert [each.name for each in office.settings.get(by="BOSS").roles] == ["Liaison"]


def test_whoever_changed_what_the_form_showed_otherwise_is_named(office: Office) -> None:
    office.people.save([{"id": "THIRD", "name": "third", "is_admin": True}])
    office.set_up(REMINDERS, "THIRD", country="DE")
    mine = opened(office, REMINDERS, hour="6")
    office.clock.move(minutes=1)
    office.set_up(REMINDERS, "CHIEF", until="20")
    office.clock.move(minutes=1)
    theirs = opened(office, REMINDERS, hour="7")
    office.set_up(REMINDERS, "THIRD", country="FR")
    office.set_up(REMINDERS, "THIRD", country="DE")
    with pytest.raises(SettingsChanged) as refused:
        office.settings.save(mine, by="BOSS", key=next(keys))
    assert refused.value.values["by"] == "CHIEF", "the country is again what it was"
    office.clock.move(minutes=1)
    as_an_earlier_release_notes_it(office, REMINDERS, "THIRD")
    with pytest.raises(SettingsChanged) as refused:
        office.settings.save(mine, by="BOSS", key=next(keys))
    assert refused.value.values["by"] == "THIRD", "the last who changed the group, as far as anybody knows"
    office.settings.save(theirs, by="BOSS", key=next(keys))


def test_a_redelivery_saves_nothing_again(office: Office) -> None:
    filled, key = opened(office, CHANNELS, texts_kept="90"), next(keys)
    office.settings.save(filled, by="BOSS", key=key)
    office.set_up(CHANNELS, "CHIEF", texts_kept="60")
    assert office.settings.save(filled, by="BOSS", key=key).texts_kept == 60


def test_the_form_for_all_settings_that_an_earlier_version_opened_still_saves(office: Office) -> None:
    old = SettingsInput(
        None,
        fingerprint_of_all(DEFAULTS),
        {
            "ladder": "0, 2",
            "hour": "7",
            "until": "18",
            "working_days": ("0", "6"),
            "country": "de",
            "days_off": "",
        },
    )
    saved = office.settings.save(old, by="BOSS", key=next(keys))
    assert (saved.ladder, saved.hour, saved.working_days, saved.country) == ((0, 2), 7, (0, 6), "DE")
    assert saved.postmortems_for == DEFAULTS.postmortems_for, "what it didn't have stays"
    assert list(changes(office)) == [REMINDERS]
    with pytest.raises(SettingsChanged):
        office.settings.save(old, by="CHIEF", key=next(keys))


def test_a_group_that_another_version_knows_is_left_alone(office: Office) -> None:
    office.set_up(PEOPLE, roles=LIAISON)
    office.database.run(
        partial(
            workspace.save, key="settings_by:moons", value='{"by": "BOSS", "at": "2026-03-02T09:00:00+00:00"}'
        )
    )
    assert list(changes(office)) == [PEOPLE]
    with pytest.raises(OutdatedButton):
        office.settings.form("moons", by="BOSS")


def use_file(office: Office, digest: str = "1", **values: Any) -> bool:
    return office.settings.use_file("muster.yaml", digest, values)


def test_what_the_file_sets_counts_and_is_shown_as_set_by_it(office: Office) -> None:
    office.set_up(REMINDERS, hour="8")
    assert use_file(office, hour=7, until=20)
    assert not use_file(office, hour=7, until=20), "nothing new"
    found = office.settings.form("reminders", by="BOSS").settings
    assert (found.effective.hour, found.own.hour, found.effective.until) == (7, 8, 20)
    assert (found.file, set(found.from_file)) == ("muster.yaml", {"hour", "until"})
    assert office.settings.get(by="BOSS").hour == 7


def test_what_the_file_sets_moves_what_is_planned(office: Office) -> None:
    new = NewActionItem(office.declare().id, "Raise the limit", assigned_to="BEN", due_date=date(2026, 3, 9))
    made = office.items.create_action_item(new, by="ANA", key=next(keys))
    use_file(office, ladder=(0,), hour=7, until=18)
    office.ring()
    moved = office.items.get_action_item(made.id, viewer="ANA")
    assert moved.remind_at == datetime(2026, 3, 9, 6, tzinfo=UTC)


def test_the_file_can_set_a_default_that_somebody_has_changed(office: Office) -> None:
    office.set_up(CHANNELS, texts_kept="90")
    office.set_up(PEOPLE, roles=LIAISON)
    use_file(office, texts_kept=None, roles=())
    found = office.settings.get(by="BOSS")
    assert (found.texts_kept, found.roles) == (None, ())


def test_other_fields_of_a_form_can_still_be_changed(office: Office) -> None:
    use_file(office, texts_kept=90)
    office.set_up(CHANNELS, call_link="https://meet.example.com")
    found = office.settings.get(by="BOSS")
    assert (found.texts_kept, found.call_link) == (90, "https://meet.example.com")
    office.settings.use_file("", "", {})
    assert office.settings.get(by="BOSS").texts_kept is None, "what was set in Slack counts again"


def test_a_form_that_is_older_than_the_file_is_refused_at_its_field(office: Office) -> None:
    mine = opened(office, CHANNELS, texts_kept="60", call_link="")
    use_file(office, texts_kept=90)
    with pytest.raises(SetByFile) as refused:
        office.settings.save(mine, by="BOSS", key=next(keys))
    assert (refused.value.field, refused.value.values["file"]) == ("texts_kept", "muster.yaml")


def test_a_role_of_the_file_can_be_taken_and_stays_with_its_holder_without_the_file(office: Office) -> None:
    incident = office.declare()
    use_file(office, roles=(Role("Liaison", "Talks to support"),))
    office.roles.take(incident.id, "liaison", by="BEN", key=next(keys))
    use_file(office, digest="2", roles=())
    shown = office.answers.load(RolesTray(incident.id), "ANA")
    assert isinstance(shown, RolesShown)
    assert shown.roles.holders == {"liaison": "BEN"}
    with pytest.raises(RoleGone):
        office.roles.take(incident.id, "liaison", by="CHEN", key=next(keys))

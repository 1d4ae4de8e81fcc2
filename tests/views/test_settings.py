"""Every setting survives its form: shown, read back, saved, and read again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

from bot.domain.settings import ReminderSettings, Role, fingerprint
from bot.views.settings import parse_settings, settings_form
from storage.database import Database
from tests.support.office import open_office
from tests.views.screens import submitted

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
    call_link="https://meet.example.com/{ref}",
)


def test_the_example_changes_every_setting() -> None:
    same = [each.name for each in fields(CHANGED) if getattr(CHANGED, each.name) == each.default]
    assert not same, f"give CHANGED of this file other values than the defaults of {same}"


def test_every_setting_is_shown_read_saved_and_kept(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.migrate()
    office = open_office(database)
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    before = fingerprint(office.settings.get(by="BOSS"))
    filled = parse_settings(submitted(settings_form(CHANGED), {}))
    office.settings.save(replace(filled, was=before), by="BOSS", key="view/1")
    assert office.settings.get(by="BOSS") == CHANGED
    database.close()

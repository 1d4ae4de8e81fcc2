"""What is written as JSON is written byte for byte as before: rows, buttons and forms outlive a release.

``written.json`` holds the text of an example of each. What a release has written stays in it: if a text there
changes, the versions in a rolling deploy write differently, and a reader for the earlier form is needed. New
texts may be added.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import Connection, Text, cast, select, update

from bot.codec import ADDED, answer_to_json, form_to_json
from bot.domain.calendar.meetings import Meeting, MeetingDefaults, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.incidents.model import Conversion, Incident
from bot.domain.kit.bookings import Booking
from bot.domain.kit.errors import OutdatedButton
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import EFFECTS
from bot.domain.postmortems.model import (
    AddedEvent,
    Curated,
    Postmortem,
    Section,
    content_of,
)
from bot.domain.projects.model import Project
from bot.domain.settings import (
    DEFAULTS,
    Checklist,
    ChecklistLine,
    ReminderSettings,
    Role,
    SettingsChange,
    SettingsGroup,
    TeamSettings,
)
from bot.domain.settings_fields import has_form
from bot.domain.surface.answers import Answer, FormOffer
from bot.domain.surface.forms import (
    STARTS,
    ActionStart,
    DeclareStart,
    FiveWhysStart,
    LessonStart,
)
from bot.domain.surface.shown import (
    ChecklistFormShown,
    HandOverRoleShown,
    PageFormShown,
    ProjectFormShown,
    SettingsFormShown,
    UpdateFormShown,
)
from bot.listeners import parse
from bot.views.action_items.forms import action_form, edit_item_form, reassign_form, redate_form, snooze_form
from bot.views.calendar.meeting_forms import meeting_form, pick_form
from bot.views.checklists.settings import checklist_form
from bot.views.five_whys.forms import hand_over_form, whys_form
from bot.views.incidents.forms import declare_form, edit_form, reopen_form
from bot.views.incidents.roles import hand_over_role_form
from bot.views.pages.forms import page_form
from bot.views.postmortems.exports import as_json
from bot.views.postmortems.forms import (
    complete_form,
    curate_form,
    lesson_form,
    owner_form,
    text_form,
    waive_form,
)
from bot.views.projects.forms import project_form
from bot.views.settings_form import settings_form
from bot.views.updates.forms import correction_form, update_form
from storage import incidents, meetings, postmortems, settings, workspace
from storage.database import Database
from storage.tables import incidents as incidents_table
from storage.tables import meetings as meetings_table
from storage.tables import outbox, postmortem_revisions
from storage.tables import postmortems as postmortems_table
from tests.support.examples import NOW, document, incident, item, meeting, postmortem, session
from tests.support.examples import update as an_update
from tests.support.rows import add, an_incident, claim, row

WRITTEN: Mapping[str, str] = json.loads(Path(__file__).with_name("written.json").read_text("utf-8"))
WORDS = 'Ünïcode <b> & "quotes" 🔥\n'
BY_NAME = {"incident_id": 1, "severity": "high", "since": "2026-03-01T08:00:00.250000+00:00"}
BY_TYPE: Mapping[str, Any] = {
    "int": 7,
    "str": WORDS,
    "str | None": WORDS,
    "int | None": 7,
    "bool": True,
    "tuple[str, ...]": ("U0ANA", WORDS),
    "Mapping[str, str]": {"hour": WORDS},
    "Mapping[str, Any]": {
        "title": WORDS,
        "number": 7,
        "nothing": None,
        "listed": ["a"],
        "inner": {"yes": True},
    },
}
"""A value for each type of field; a field of another type fails its test until the type is added here."""


def examples(kind: Any) -> Iterator[tuple[str, Any]]:
    """One with everything, and one with only what it needs, if they differ; one more for a newer field."""
    every = {each.name: BY_NAME.get(each.name, BY_TYPE[str(each.type)]) for each in fields(kind)}
    needed = {
        each.name: every[each.name]
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING
    }
    known_before = {name: value for name, value in every.items() if name not in ADDED.get(kind, ())}
    yield kind.__name__, kind(**known_before)
    if needed != every:
        yield f"{kind.__name__}, bare", kind(**needed)
    if every != known_before:
        yield f"{kind.__name__}, newer", kind(**every)


EFFECT_EXAMPLES = dict(found for kind in EFFECTS.values() for found in examples(kind))
ANSWER_EXAMPLES = dict(found for kind in get_args(Answer) for found in examples(kind))
START_EXAMPLES = dict(found for kind in STARTS.values() for found in examples(kind))

SLOT = Slot(NOW, NOW + timedelta(minutes=30), ("U0BEN",), (), ("U0EMI",))
BOOKING = Booking(
    NOW,
    NOW + timedelta(minutes=30),
    "https://calendar.example/e",
    "https://meet.example/m",
    datetime(2026, 3, 1, 8, 0, 0, 250_000, UTC),
    is_inviting=False,
    invited=("ana@acme.example",),
    calendar_id="team@acme.example",
)
MEETINGS = {
    "Meeting": meeting(
        id=0,
        incident_id=1,
        skip=3,
        offered=(SLOT, replace(SLOT, busy=())),
        wanted=SLOT,
        is_picked=True,
        was_taken=True,
        booking=BOOKING,
        booked=SLOT,
        sequence=2,
        replies={"U0ANA": Reply.ACCEPTED, "U0BEN": Reply.NEEDS_ACTION},
    ),
    "Meeting, bare": meeting(id=0, incident_id=1, optional=(), booking=Booking(NOW, NOW)),
}
POSTMORTEMS = {
    "Postmortem": postmortem(
        incident_id=1,
        summary=WORDS,
        root_causes=("No limit was set", WORDS),
        curated={7: Curated(False, WORDS, NOW), 12: Curated()},
        added=(AddedEvent(NOW, WORDS),),
    ),
    "Postmortem, bare": postmortem(incident_id=1, root_causes=(), lessons_learned=(), owner_id=None),
}
CHECKLIST = Checklist("First minutes", (ChecklistLine(WORDS, 15),), ("high",), "Scribe", "Payments")
SETTINGS = {
    "ReminderSettings": ReminderSettings(
        (-1, 0), 8, (0, 6), "DE", (date(2026, 12, 24),), ("critical",), until=17
    ),
    "ReminderSettings, bare": ReminderSettings(),
    "ReminderSettings, newer": ReminderSettings(texts_kept=90, roles=(Role("Liaison", WORDS),)),
    "ReminderSettings, with updates": ReminderSettings(
        update_critical=30, update_low=240, nudged_at=("critical",), commander_after=None
    ),
    "ReminderSettings, with who comes": ReminderSettings(people_critical=("U0ANA",), groups_low=("S1",)),
    "ReminderSettings, with Google Meet": ReminderSettings(call_from="calendar"),
    "ReminderSettings, with a call": ReminderSettings(call_link="https://meet.example.com/{ref}"),
    "ReminderSettings, with a checklist": ReminderSettings(checklists=(CHECKLIST,)),
}
CONVERSIONS = dict(examples(Conversion))
PROJECT = Project(7, WORDS, (), (), (), "U0ANA", NOW, "U0ANA", NOW)
MEETING_DEFAULTS = MeetingDefaults(
    incident(), ("U0ANA",), (), 30, (date(2026, 3, 3), date(2026, 3, 9)), 3, is_connected=True
)
FORMS = {
    "declare": declare_form(DeclareStart("x", source_channel="C1", source_ts="1.2")),
    "declare, bare": declare_form(DeclareStart()),
    "edit": edit_form(incident(title=WORDS)),
    "reopen": reopen_form(incident()),
    "action_item": action_form(ActionStart(12, WORDS, "", "C1", "1.2")),
    "action_item, bare": action_form(ActionStart(12)),
    "edit_item": edit_item_form(item(title=WORDS, due_date=date(2026, 3, 3))),
    "edit_item, bare": edit_item_form(item(assigned_to=None)),
    "reassign_item": reassign_form(item()),
    "redate_item": redate_form(item()),
    "snooze_item": snooze_form(item()),
    **{
        f"settings, {each.value}": settings_form(SettingsFormShown(each, TeamSettings(DEFAULTS, DEFAULTS)))
        for each in SettingsGroup
        if has_form(each)
    },
    "five_whys": whys_form(FiveWhysStart(12, WORDS, "C1", "1.2"), incident(), "U0ANA"),
    "hand_over_whys": hand_over_form(session()),
    "hand_over_role": hand_over_role_form(HandOverRoleShown(incident(), Role(WORDS, ""), "U0ANA")),
    "postmortem_text": text_form(postmortem(), incident(), Section.SUMMARY),
    "postmortem_lesson": lesson_form(LessonStart(12, 1), postmortem()),
    "postmortem_timeline": curate_form(incident()),
    "postmortem_owner": owner_form(incident(), postmortem()),
    "complete_postmortem": complete_form(incident(), ()),
    "waive_postmortem": waive_form(incident()),
    "meeting": meeting_form(MEETING_DEFAULTS),
    "meeting, bare": meeting_form(replace(MEETING_DEFAULTS, meeting_id=None)),
    "pick_meeting_time": pick_form(meeting()),
    "project_form": project_form(ProjectFormShown(PROJECT)),
    "project_form, bare": project_form(ProjectFormShown(None)),
    "write_update": update_form(UpdateFormShown(incident(), an_update(), 30)),
    "write_update, bare": update_form(UpdateFormShown(incident(), None, 30)),
    "page_people": page_form(PageFormShown(incident())),
    "correct_update": correction_form(incident(), an_update(corrected_at=NOW)),
    "checklist": checklist_form(ChecklistFormShown(CHECKLIST, ("Scribe",))),
}


def pinned(what: str) -> dict[str, str]:
    """The texts of a group, by name."""
    return {name.partition("/")[2]: text for name, text in WRITTEN.items() if name.startswith(f"{what}/")}


def check(what: str, written: Mapping[str, str]) -> None:
    before = pinned(what)
    assert before, f"{what} has been written before"
    assert set(before) <= set(written), "what was written once is still known by its name"
    for name, text in before.items():
        assert written[name] == text, (
            f"{what}/{name} differs from written.json. Can the release before read it? If it ignores a field"
            " that it doesn't know, as in settings, change the text there; if not, see ADDED in bot/codec.py"
        )


def offer(start: Any) -> dict[str, Any]:
    name, arguments = form_to_json(start)
    return {"form": name, "arguments": arguments}


def test_effects_are_rows_with_the_same_payload_and_come_back(database: Database) -> None:
    assert an_incident(database) == BY_NAME["incident_id"]
    add(database, *(row(name, effect=effect) for name, effect in EFFECT_EXAMPLES.items()))
    payloads = select(outbox.c.key, cast(outbox.c.payload, Text))
    check("effect", database.run(lambda tx: {each.key: each[1] for each in tx.execute(payloads)}))
    assert {key: each.effect for key, each in claim(database).items()} == EFFECT_EXAMPLES


def test_answers_have_the_same_text_and_come_back_from_buttons() -> None:
    check("answer", {name: json.dumps(answer_to_json(answer)) for name, answer in ANSWER_EXAMPLES.items()})
    for name, text in pinned("answer").items():
        assert parse.answer(text) == ANSWER_EXAMPLES[name]


def test_starts_of_forms_have_the_same_text_and_come_back_from_buttons() -> None:
    check("start", {name: json.dumps(offer(start)) for name, start in START_EXAMPLES.items()})
    for name, text in pinned("start").items():
        assert parse.form(text) == START_EXAMPLES[name]


def test_a_form_on_offer_is_a_row_with_the_same_text() -> None:
    offered = FormOffer(*form_to_json(ActionStart(12, WORDS)))
    check("offer", {"ActionStart": json.dumps(answer_to_json(offered))})


def test_forms_carry_the_same_text() -> None:
    check("carried", {name: view["private_metadata"] for name, view in FORMS.items()})
    shown = {name.partition(",")[0] for name in FORMS}
    assert shown == {name.value for name in STARTS}, "each form has an example in FORMS of this file"


@pytest.mark.parametrize("name", MEETINGS)
def test_meetings_have_the_same_content_and_come_back(database: Database, name: str) -> None:
    def there_and_back(tx: Connection) -> tuple[str, Meeting, Meeting | None]:
        made = meetings.add(tx, MEETINGS[name])
        text = tx.execute(select(cast(meetings_table.c.content, Text))).scalar_one()
        return text, made, meetings.get(tx, made.id, SYSTEM)

    an_incident(database)
    text, made, found = database.run(there_and_back)
    assert text == pinned("meeting")[name]
    assert made == found == replace(MEETINGS[name], id=made.id)


@pytest.mark.parametrize("name", POSTMORTEMS)
def test_postmortems_have_the_same_content_and_come_back(database: Database, name: str) -> None:
    def there_and_back(tx: Connection) -> tuple[list[str], list[Postmortem | None]]:
        wanted = POSTMORTEMS[name]
        made = postmortems.add(tx, wanted)
        saved = postmortems.save(tx, made)
        postmortems.add_revision(tx, saved, "U0ANA", Section.SUMMARY)
        kept = [postmortems_table.c.content, postmortem_revisions.c.content]
        texts = [tx.execute(select(cast(column, Text))).scalar_one() for column in kept]
        return texts, [made, saved, postmortems.of_incident(tx, made.incident_id, SYSTEM)]

    an_incident(database)
    texts, found = database.run(there_and_back)
    assert set(texts) == {pinned("postmortem")[name]}
    for each in filter(None, found):
        assert content_of(each) == content_of(POSTMORTEMS[name])
        assert each.lessons_learned == POSTMORTEMS[name].lessons_learned
        assert each.curated == POSTMORTEMS[name].curated
    assert len(found) == 3
    assert None not in found


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_have_the_same_text_and_come_back(database: Database, name: str) -> None:
    database.run(partial(settings.save, settings=SETTINGS[name]))
    assert database.run(partial(workspace.get, key="settings")) == pinned("settings")[name]
    assert database.run(settings.get) == SETTINGS[name]


def test_what_the_settings_file_sets_and_who_changed_them_have_the_same_text(database: Database) -> None:
    """Replicas of different releases read each other's."""
    values: dict[str, Any] = {"texts_kept": 90, "roles": (Role("Liaison", WORDS),)}
    values |= {"days_off": (date(2026, 12, 24),), "call_link": None}

    def written(tx: Connection) -> dict[str, str]:
        settings.save_file(tx, "muster.yaml", "d1", values)
        settings.note_change(tx, SettingsGroup.PEOPLE, ["roles"], "U0ANA", NOW)
        return workspace.several(tx, ("settings_file", "settings_by:people", "settings_field_by:roles"))

    check("fact", database.run(written))
    changed = SettingsChange("U0ANA", NOW)
    assert database.run(settings.changes) == {SettingsGroup.PEOPLE: changed}
    of_fields = partial(settings.changes_of_fields, group=SettingsGroup.PEOPLE)
    assert database.run(of_fields) == {"roles": changed}
    team = database.run(settings.of_team)
    assert (team.file, team.digest, set(team.from_file)) == ("muster.yaml", "d1", set(values))
    assert {name: getattr(team.effective, name) for name in values} == values


@pytest.mark.parametrize("name", CONVERSIONS)
def test_conversions_have_the_same_text_and_come_back(database: Database, name: str) -> None:
    def there_and_back(tx: Connection) -> tuple[str, Incident | None]:
        made = incidents.add(tx, incident(conversion=CONVERSIONS[name]))
        text = tx.execute(select(cast(incidents_table.c.metadata, Text))).scalar_one()
        return text, incidents.get(tx, made.id, SYSTEM)

    text, found = database.run(there_and_back)
    assert text == pinned("conversion")[name]
    assert found
    assert found.conversion == CONVERSIONS[name]
    assert found.metadata == {}


def test_an_export_has_the_same_text() -> None:
    told = document(
        postmortem(**{name: getattr(POSTMORTEMS["Postmortem"], name) for name in ("curated", "added")})
    )
    check("export", {"Document": as_json(told)})


def test_rows_that_only_another_version_can_read_are_given_up_unless_there_is_a_default(
    database: Database,
) -> None:
    plain: dict[str, Any] = {"user_id": "U0ANA", "channel_id": "C1", "thread_ts": None, "answer": {}}
    odd: dict[str, Any] = {
        "a field is missing": {name: value for name, value in plain.items() if name != "answer"},
        "a field is unknown": {**plain, "x": 1},
        "a list": [],
        "nothing": None,
    }
    sent = EFFECT_EXAMPLES["SendAnswer"]
    add(database, *(row(name, effect=sent) for name in (*odd, "as it should be", "a value of another type")))
    for key, payload in {**odd, "a value of another type": {**plain, "user_id": 1}}.items():
        changed = update(outbox).where(outbox.c.key == key).values(payload=payload)
        database.run(partial(Connection.execute, statement=changed))
    assert set(claim(database)) == {"as it should be", "a value of another type"}
    dead = select(outbox.c.key).where(outbox.c.state == "dead", outbox.c.last_error == "unreadable")
    assert set(database.run(lambda tx: tx.execute(dead).scalars().all())) == set(odd)


def test_settings_of_older_and_newer_versions_can_be_read(database: Database) -> None:
    kept = json.loads(pinned("settings")["ReminderSettings"])
    newer, older = (
        {**kept, "x": 1},
        {name: v for name, v in kept.items() if name not in {"until", "postmortems_for"}},
    )
    wanted = SETTINGS["ReminderSettings"]
    for stored, found in (
        (newer, wanted),
        (older, replace(wanted, until=18, postmortems_for=("critical", "high"))),
    ):
        database.run(partial(workspace.save, key="settings", value=json.dumps(stored)))
        assert database.run(settings.get) == found


@pytest.mark.parametrize(
    "value",
    [
        "",
        "12",
        "[]",
        "null",
        "no JSON",
        "{}",
        '{"show": "Nothing"}',
        '{"show": "Tray"}',
        '{"show": "Tray", "incident_id": "1"}',
        '{"show": "Tray", "incident_id": true}',
        '{"show": "Tray", "incident_id": 1.5}',
        '{"show": "Tray", "incident_id": 1, "x": 1}',
        '{"show": "IncidentList", "severity": "terrible"}',
        '{"show": "Briefing", "incident_id": 1, "since": "yesterday"}',
        '{"show": "Briefing", "incident_id": 1, "since": "2026-03-01T10:00:00"}',
        '{"show": "ItemList", "assigned_to": 7}',
        '{"show": "FormOffer", "form": "edit", "arguments": []}',
    ],
)
def test_a_button_with_an_unknown_answer_is_refused(value: str) -> None:
    with pytest.raises(OutdatedButton):
        parse.read(parse.answer, {"value": value})


@pytest.mark.parametrize(
    "value",
    [
        "[]",
        "{}",
        '{"form": "edit"}',
        '{"form": "nothing", "arguments": {}}',
        '{"form": "edit", "arguments": {}}',
        '{"form": "edit", "arguments": []}',
        '{"form": "edit", "arguments": {"incident_id": "1"}}',
        '{"form": "edit", "arguments": {"incident_id": null}}',
        '{"form": "edit", "arguments": {"incident_id": 1, "x": 1}}',
    ],
)
def test_a_button_with_an_unknown_form_is_refused(value: str) -> None:
    with pytest.raises(OutdatedButton):
        parse.read(parse.form, {"value": value})

"""Whatever is put into a form is stored, or refused with a sentence; nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.action_items.model import NewActionItem, digest_of
from bot.domain.incidents.model import Incident, IncidentSeverity, IncidentStatus, NewIncident
from bot.domain.kit.errors import BotError
from bot.domain.postmortems.model import LessonLearned, Section, section_text
from bot.domain.settings import SettingsGroup
from bot.domain.settings_fields import has_form
from bot.domain.surface.forms import (
    ActionStart,
    ChecklistStart,
    CompleteStart,
    CorrectionStart,
    CurateStart,
    DeclareStart,
    EditItemStart,
    EditStart,
    FiveWhysStart,
    FormName,
    FormStart,
    HandOverRoleStart,
    HandOverStart,
    LessonStart,
    MeetingInput,
    MeetingStart,
    PageStart,
    PickTimeStart,
    PostmortemOwnerStart,
    PostmortemTextStart,
    ProjectInput,
    ProjectStart,
    ReassignStart,
    RedateStart,
    ReopenStart,
    SettingsStart,
    SnoozeStart,
    UpdateInput,
    UpdateStart,
    WaiveStart,
)
from bot.effects.forms import OPENED, Sources
from bot.listeners.forms import FORMS
from bot.listeners.services import Services
from bot.views.kit.errors import sentence
from storage.database import Database
from storage.tables import metadata
from tests.support.dates import AHEAD

Json = dict[str, Any]
JUST_NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
AN_HOUR_AGO = JUST_NOW - timedelta(hours=1)
FAR_AHEAD = JUST_NOW + timedelta(days=1200)
keys = (f"k{number}" for number in count(1))


class Desk:
    """The operations of a whole bot on an empty database, and two people."""

    def __init__(self, folder: Path) -> None:
        known = {
            "slack_bot_token": "xoxb-1",
            "slack_app_token": "xapp-1",
            "database_url": f"sqlite:///{folder}/muster.db",
        }
        bot = build(Settings.model_validate(known))
        self.database: Database = bot.database
        self.services: Services = bot.services
        self.database.migrate()
        people = [{"id": each, "name": each, "updated": 1, "is_admin": True} for each in ("U0ANA", "U0BEN")]
        self.services.people.save(people)

    def incident(self, *steps: IncidentStatus) -> Incident:
        """An incident with an open action item, brought through these statuses."""
        new = NewIncident(
            "Checkout is down", IncidentSeverity.HIGH, declared_at=JUST_NOW - timedelta(hours=1)
        )
        incident = self.services.incidents.declare_incident(new, by="U0ANA", key=next(keys))
        for step in steps:
            self.services.incidents.update_status(incident.id, step, by="U0ANA", key=next(keys))
        return incident

    def item(self) -> int:
        """The id of a new action item."""
        new = NewActionItem(self.incident().id, "Raise the limit")
        return self.services.items.create_action_item(new, by="U0ANA", key=next(keys)).id

    def postmortem(self, *, whole: bool = False) -> int:
        """The number of a resolved incident with a postmortem in progress; ``whole`` means nothing lacks."""
        number, postmortems = self.incident(IncidentStatus.RESOLVED).id, self.services.postmortems
        postmortems.create_postmortem(number, by="U0ANA", key=next(keys))
        if whole:
            for section in (Section.SUMMARY, Section.IMPACT, Section.ROOT_CAUSES):
                found = postmortems.get_postmortem(number, viewer="U0ANA")
                was = digest_of(section_text(found, section)) if found else ""
                postmortems.edit(number, section, "Known", was, by="U0ANA", key=next(keys))
            postmortems.add_lesson_learned(number, LessonLearned("Learnt"), by="U0ANA", key=next(keys))
            item = NewActionItem(number, "Raise the limit", assigned_to="U0ANA", due_date=AHEAD)
            self.services.items.create_action_item(item, by="U0ANA", key=next(keys))
            assert not postmortems.missing(number, viewer="U0ANA")
        return number

    def meeting(self) -> int:
        """The id of a meeting whose time is still to be found."""
        number = self.postmortem()
        wanted = MeetingInput(number, ("U0ANA",), (), 30, None, None)
        return self.services.meetings.ask(wanted, by="U0ANA", key=next(keys)).id

    def session(self) -> int:
        """The id of a five-whys session."""
        number = self.incident().id
        return self.services.whys.conduct_five_whys(number, "U0ANA", by="U0ANA", key=next(keys)).id

    def update(self) -> int:
        """The number of an incident with an update."""
        filled = UpdateInput(self.incident().id, "It is slow")
        return self.services.updates.write(filled, by="U0ANA", key=next(keys)).id

    def project(self) -> int:
        """The id of a project."""
        self.services.projects.save(ProjectInput(None, "", "Checkout"), by="U0ANA", key=next(keys))
        return self.services.projects.offered("", 1)[0].id

    def view(self, start: FormStart) -> Json:
        """The form as it opens."""
        services = self.services
        sources = Sources(
            services.answers,
            services.items,
            services.whys,
            services.postmortems,
            services.settings,
            services.meetings,
            services.updates,
            services.roles,
            services.projects,
            services.pages,
            services.checklist_settings,
        )
        return dict(OPENED[type(start)](sources, start, "U0ANA"))

    def written(self) -> str:
        """Everything in the database, as text."""

        def dump(tx: Connection) -> str:
            tables = metadata.sorted_tables
            return "\n".join(repr(tuple(row)) for table in tables for row in tx.execute(select(table)))

        return self.database.run(dump)


def opens_settings(group: SettingsGroup, _desk: Desk) -> FormStart:
    return SettingsStart(group.value)


OPENS: Mapping[FormName, Mapping[str, Callable[[Desk], FormStart]]] = {
    FormName.DECLARE: {"": lambda _desk: DeclareStart()},
    FormName.EDIT: {"": lambda desk: EditStart(desk.incident().id)},
    FormName.REOPEN: {"": lambda desk: ReopenStart(desk.incident(IncidentStatus.RESOLVED).id)},
    FormName.ACTION: {"": lambda desk: ActionStart(desk.incident().id)},
    FormName.EDIT_ITEM: {"": lambda desk: EditItemStart(desk.item())},
    FormName.REASSIGN: {"": lambda desk: ReassignStart(desk.item())},
    FormName.REDATE: {"": lambda desk: RedateStart(desk.item())},
    FormName.SNOOZE: {"": lambda desk: SnoozeStart(desk.item())},
    FormName.SETTINGS: {
        each.value: partial(opens_settings, each) for each in SettingsGroup if has_form(each)
    },
    FormName.WHYS: {"": lambda desk: FiveWhysStart(desk.incident().id)},
    FormName.HAND_OVER: {"": lambda desk: HandOverStart(desk.session())},
    FormName.HAND_OVER_ROLE: {"": lambda desk: HandOverRoleStart(desk.incident().id, "scribe")},
    FormName.POSTMORTEM_TEXT: {
        "summary": lambda desk: PostmortemTextStart(desk.postmortem(), "summary"),
        "impact": lambda desk: PostmortemTextStart(desk.postmortem(), "impact"),
        "causes": lambda desk: PostmortemTextStart(desk.postmortem(), "root_causes"),
    },
    FormName.LESSON: {"": lambda desk: LessonStart(desk.postmortem())},
    FormName.CURATE: {"": lambda desk: CurateStart(desk.postmortem())},
    FormName.POSTMORTEM_OWNER: {"": lambda desk: PostmortemOwnerStart(desk.postmortem())},
    FormName.COMPLETE: {
        "with parts missing": lambda desk: CompleteStart(desk.postmortem()),
        "with nothing missing": lambda desk: CompleteStart(desk.postmortem(whole=True)),
    },
    FormName.WAIVE: {"": lambda desk: WaiveStart(desk.incident(IncidentStatus.RESOLVED).id)},
    FormName.MEETING: {"": lambda desk: MeetingStart(desk.postmortem())},
    FormName.PICK_TIME: {"": lambda desk: PickTimeStart(desk.meeting())},
    FormName.UPDATE: {
        "while it is open": lambda desk: UpdateStart(desk.incident().id),
        "once it is resolved": lambda desk: UpdateStart(desk.incident(IncidentStatus.RESOLVED).id),
    },
    FormName.PROJECT: {"": lambda desk: ProjectStart(desk.project())},
    FormName.PAGE: {"": lambda desk: PageStart(desk.incident().id)},
    FormName.CORRECTION: {"": lambda desk: CorrectionStart(desk.update(), 1)},
    FormName.CHECKLIST: {"": lambda _desk: ChecklistStart()},
}
"""Each form, in each state in which it asks for something else."""

TYPED: Mapping[str, str] = {
    "ladder": "-5, 2, 11",
    "days_off": "2031-12-24",
    "country": "FR",
    "roles": "Liaison: Talks to support",
    "links": "Runbook https://wiki.example.com/runbook",
}
"""What fields that take no free text are filled with."""


def filled(name: FormName, block: Json) -> tuple[Json, tuple[str, ...]]:
    """The state of a field into which something new was put, and the ways in which that may be stored."""
    element = block["element"]
    marker = f"marker {block['block_id']}"
    text = TYPED.get(block["block_id"], marker)
    others = [each for each in element.get("options", ()) if each != element.get("initial_option")]
    option = others[-1] if others else {"value": marker}
    at = JUST_NOW if name is FormName.CURATE else FAR_AHEAD
    in_options = ({"selected_option": option}, (str(option["value"]),))
    # Of several boxes at once, numbers and flags are stored, which say nothing in a dump.
    boxes = ({"selected_options": others}, ())
    kinds: Mapping[str, tuple[Json, tuple[str, ...]]] = {
        "plain_text_input": ({"value": text}, (text,) if text == marker else ()),
        "users_select": ({"selected_user": "U0BEN"}, ("U0BEN",)),
        "multi_users_select": ({"selected_users": ["U0ANA", "U0BEN"]}, ("U0BEN",)),
        "channels_select": ({"selected_channel": "C0HOME"}, ("C0HOME",)),
        "datepicker": ({"selected_date": f"{AHEAD}"}, (f"{AHEAD}", f"{AHEAD:%Y, %-m, %-d}")),
        "datetimepicker": (
            {"selected_date_time": int(at.timestamp())},
            (f"{at:%Y-%m-%dT%H:%M:%S}", f"{at:%Y, %-m, %-d, %-H, %-M}"),
        ),
        "static_select": in_options,
        "radio_buttons": in_options,
        # Without a choice, it is a new event whose words and time are given.
        "external_select": ({}, ()) if name is FormName.CURATE else in_options,
        "checkboxes": boxes,
        "multi_static_select": boxes,
    }
    return kinds[element["type"]]


CASES = [(name, case) for name, cases in OPENS.items() for case in cases]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.database.close()


def test_every_form_is_filled_in_here() -> None:
    for name in FormName:
        assert name in OPENS, f"{name} has no row in OPENS of this file"


@pytest.mark.parametrize(
    ("name", "case"), CASES, ids=[f"{name.value} {case}".strip() for name, case in CASES]
)
def test_what_is_put_into_a_form_is_stored_or_refused(desk: Desk, name: FormName, case: str) -> None:
    view = desk.view(OPENS[name][case](desk))
    fields = {each["block_id"]: filled(name, each) for each in view["blocks"] if each["type"] == "input"}
    state = {block_id: {block_id: value} for block_id, (value, _words) in fields.items()}
    submitted = {**view, "id": next(keys), "state": {"values": state}}
    before = desk.written()
    try:
        FORMS[name].submits(desk.services, submitted, "U0ANA", next(keys))
        refusal = ""
    except BotError as error:
        refusal = sentence(error)
    after = desk.written()
    for block_id, (_value, words) in fields.items():
        is_stored = not words or any(after.count(word) > before.count(word) for word in words)
        assert is_stored or refusal, block_id

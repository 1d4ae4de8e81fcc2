"""An outsider asks about a private incident everywhere, and about one that doesn't exist: no difference.

The answers are the same byte for byte except for the number: in answers, errors, forms, lists, suggestions,
App Home, the doctor and the log. Each later surface is added here; a subcommand, a button or a form that
isn't tried fails here.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

import pytest
from slack_bolt import App
from sqlalchemy import Connection

from bot.bootstrap import Bot
from bot.domain.calendar.meetings import Meeting, MeetingStatus
from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.checklists.model import posted
from bot.domain.five_whys.model import NewAnalysis, Why, started
from bot.domain.kit.errors import UnknownRef
from bot.domain.pages.model import Page
from bot.domain.postmortems.model import Postmortem
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings
from bot.domain.surface.forms import FormName
from bot.domain.updates.model import Update
from bot.intake.middleware import Requests
from bot.listeners import action_items, clicks, register
from bot.listeners.commands import COMMANDS
from bot.listeners.forms import OPENERS
from bot.worker.metrics import Meter
from storage import checklists, five_whys, meetings, pages, postmortems, settings, time_blocks, updates
from tests.faults.conftest import checked
from tests.faults.test_channels_made_private import convert, declare_publicly
from tests.faults.test_private_incidents import declare_privately
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.people import eventually, shown
from tests.support.postgres import Databases

Json = dict[str, Any]
OUTSIDER, OUTSIDER_ID = "ben", "U0BEN"
HIDDEN, MISSING = 1, 99

LINES = {
    "": ["{ref}"],
    "declare": [],
    "list": ["list", "list all", "list all project:leaks", "list all severity:high"],
    "status": ["status {ref} resolved", "status {ref} open"],
    "resolve": ["resolve {ref} done"],
    "close": ["close {ref}"],
    "reopen": ["reopen {ref} again"],
    "lead": ["lead {ref}", "lead {ref} @ana"],
    "role": ["role {ref}", "role {ref} scribe", "role {ref} scribe @ana", "role {ref} scrib"],
    "page": ["page {ref}", "page {ref} @ana it leaks", "page {ref} again invite @ana it leaks"],
    "people": ["people {ref}"],
    "severity": ["severity {ref} low", "severity {ref} high"],
    "rename": ["rename {ref} Another name", "rename {ref} The swordfish leaks"],
    "update": ["update {ref}", "update {ref} It leaks"],
    "call": ["call {ref}", "call {ref} https://meet.example.com/room", "call {ref} x", "call {ref} none"],
    "checklist": ["checklist {ref}", "checklist {ref} first", "checklist {ref} frist", "checklist first"],
    "catchup": ["catchup {ref}", "catchup"],
    "timeline": ["timeline {ref}", "timeline {ref} all"],
    "action": ["action {ref} Look for leaks @ana due tomorrow", "action {ref}"],
    "actions": ["actions {ref}", "actions {ref} mine", "actions {ref} @ana", "actions", "actions @ana"],
    "whys": ["whys {ref}", "whys {ref} Why does it leak"],
    "root": ["root {ref} cause: leaks"],
    "postmortem": ["postmortem {ref}"],
    "meet": ["meet {ref}"],
    "block": ["block {ref}", "block {ref} 2h @ana", "block {ref} 2h"],
    "projects": [],
    "settings": [],
    "doctor": ["doctor"],
    "help": [],
}
"""What is typed for each subcommand; nothing for those that show no incident."""

ACTIONS = {
    **dict.fromkeys(clicks._STEPS, "{n}"),
    **dict.fromkeys(OPENERS, "{n}"),
    **dict.fromkeys(clicks._ANSWERS, "{n}"),
    "open_form": '{{"form": "edit", "arguments": {{"incident_id": {n}}}}}',
    **dict.fromkeys(action_items._STEPS, "{n}"),
    "show_items": '{{"show": "ItemList", "incident_id": {n}}}',
    **dict.fromkeys(action_items._PRIORITIES, "{n}"),
    "snooze_item": "{n}/1",
    "snooze_items": "AI-{n}/reminder/0/2026-03-05/U0BEN/1",
    "join_incident": "{n}",
    r"run_line_\d+": '{{"line": "resolve INC-{n} done"}}',
    "show_whys": '{{"show": "WhysTray", "analysis_id": {n}}}',
    **dict.fromkeys(("whys_finish", "whys_abandon", "whys_resume"), "{n}"),
    **dict.fromkeys(("whys_root_cause", "whys_branch", "whys_take_back", "whys_go_on"), "{n}/1"),
    "whys_undo": "{n}/1",
    "show_revision": '{{"show": "Revisions", "incident_id": {n}, "number": 1}}',
    **dict.fromkeys(("start_postmortem", "reopen_postmortem"), "{n}"),
    "more_postmortem": "{n}/title",
    "edit_lesson": "{n}/1",
    **dict.fromkeys(("other_times", "keep_meeting", "cancel_meeting"), "{n}"),
    **dict.fromkeys(("block_hour", "confirm_block", "extend_block", "free_block"), "{n}"),
    "book_slot": "{n}/1900000000",
    "take_command": "{n}",
    **dict.fromkeys(("correct_update", "no_change_update", "snooze_update"), "{n}/1"),
    **dict.fromkeys(("subscribe_incident", "unsubscribe_incident"), "{n}"),
    **dict.fromkeys(("take_role", "give_up_role", "hand_over_role"), "{n}/scribe"),
    **dict.fromkeys(("tick_line", "untick_line", "line_to_item", "pick_line_for_item"), "{n}/1"),
    "post_checklist": "{n}/first",
    "catch_up": "{n}",
    **dict.fromkeys(("invite_comers", "invite_named_comers"), "{n}"),
    "answer_page": "{n}/1",
    "cancel_offer": "cancel",
    **dict.fromkeys(("make_public", "keep_private"), "{n}"),
    "retry_failed": "{n}",
    "retry_everything": "all",
    "page_back|page_on|show_other": '{{"show": "Timeline", "incident_id": {n}}}',
}
"""What each button carries; of those that share a listener, the first is clicked."""
OTHERS = {
    "event": {
        "app_home_opened",
        "app_mention",
        "channel_created",
        "channel_deleted",
        "channel_id_changed",
        "channel_left",
        "channel_rename",
        "channel_shared",
        "channel_unarchive",
        "group_deleted",
        "group_left",
        "group_rename",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message",
        "pin_added",
        "pin_removed",
        "reaction_added",
        "reaction_removed",
        "subteam_created",
        "subteam_updated",
        "team_join",
        "user_change",
    },
    "command": {"/incident"},
    "options": {"project", "event", r"groups(_\w+)?"},
    "shortcut": {
        "add_lesson",
        "ask_why",
        "create_action_item",
        "declare_from_message",
        "declare_incident",
        "name_root_cause",
    },
}
"""Everything else that has a listener.

Nobody gets an answer to events other than mentions and the App Home, and a shortcut opens an empty form.
"""

REFUSED_TRIGGERS = {"invalid_trigger_id", "expired_trigger_id", "exchanged_trigger_id", "invalid_trigger"}
"""These clicks are made up, and so are the trigger ids with which forms would be opened."""
_numbers = itertools.count(1)


@pytest.fixture(scope="module", params=["small", "large", "converted"])
def outsider(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _postgresql: Databases
) -> Iterator[Arena]:
    """An arena with a private incident that ben may not know of; shared, since he changes nothing.

    The converted one was declared publicly, and then people made its channel private.
    """
    folder, is_small = tmp_path_factory.mktemp("arena"), request.param != "large"
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'muster.db'}" if is_small else stack.enter_context(_postgresql.fresh())
        made = stack.enter_context(make(url, "socket" if is_small else "http", folder))
        made.expected.codes |= REFUSED_TRIGGERS
        made.bot()
        declare_with_item(made, is_converted=request.param == "converted")
        made.workspace.post("join", channel="incidents", user=OUTSIDER)
        quiet(made)
        yield from checked(made)


def declare_with_item(arena: Arena, *, is_converted: bool = False) -> None:
    """Declare a private incident with an action item, which ana owns, and what :func:`add_session` adds."""
    channel = declare_publicly(arena) if is_converted else declare_privately(arena)
    arena.workspace.command("action Look for the swordfish @ana due tomorrow", channel=channel)
    arena.settle()
    # Straight into the database: posting it would take a second per message.
    arena._bots[0].database.run(add_session)
    if is_converted:
        convert(arena, channel)
        eventually(lambda: not arena.workspace.announcements())
        arena.settle()
        arena.secrets.append("swordfish")


def add_session(tx: Connection) -> None:
    """Add a session, a postmortem, its meeting, a time block, a page, an update and a checklist."""
    now = datetime.now(UTC)
    checklist = Checklist("First", (ChecklistLine("Feed the swordfish"),))
    settings.save(tx, ReminderSettings(checklists=(checklist,)))
    checklists.add(tx, posted(checklist, HIDDEN, "U0ANA", now))
    made = five_whys.add(tx, started(NewAnalysis(HIDDEN, "The swordfish swims", "U0ANA"), "U0ANA", now))
    postmortems.add(tx, Postmortem(0, HIDDEN, "The swordfish", "", "", (), (), "U0ANA", 0, "U0ANA", now, now))
    window = (now.date(), now.date())
    about = Meeting(0, HIDDEN, MeetingStatus.OFFERED, ("U0ANA",), (), 30, window, "U0ANA", now, now)
    meetings.add(tx, about)
    pages.add(tx, Page(0, HIDDEN, "U0ANA", now, "The swordfish bites", people={"U0BEN": None}))
    updates.add(tx, Update(0, HIDDEN, 1, "U0ANA", now, "The swordfish is out"))
    time_blocks.add(tx, TimeBlock(0, HIDDEN, "U0ANA", BlockStatus.ASKED, 60, "U0ANA", now, now))
    five_whys.add_answer(tx, Why(0, made.id, None, "Why?", "The swordfish net broke", "U0ANA", now))


def normal(text: str) -> str:
    """The text without what differs by number, time or chance."""
    text = re.sub(r"INC-\d+|inc-\d+", "INC-n", text)
    return re.sub(r"\d+", "n", re.sub(r"[0-9a-f]{12,}|[0-9a-f-]{36}", "id", text))


def quiet(arena: Arena) -> None:
    """Wait until nothing is in progress and the last log records, which follow the work, are written."""
    arena.settle()
    seen = -1
    while seen != len(arena.records):
        seen = len(arena.records)
        time.sleep(0.15)


def compare(arena: Arena, asks: Mapping[str, Callable[[int], str]]) -> None:
    """Check that answers and log are the same for either. It must be quiet before, and is afterwards.

    Everything is asked about one incident and then about the other, because waiting for quiet takes longest.
    """
    told, logged = [], []
    for number in (HIDDEN, MISSING):
        before = len(arena.records)
        [planned] = arena.rows("SELECT coalesce(max(id), 0) AS newest FROM outbox")
        told.append({name: normal(ask(number)) for name, ask in asks.items()})
        quiet(arena)
        kept = [each for each in arena.records[before:] if each["event"] != "request" or "why" in each]
        # What was put off before, such as a topic, may be done at any moment.
        kept = [each for each in kept if each.get("row", planned.newest + 1) > planned.newest]
        logged.append(sorted(normal(json.dumps(each, default=str, sort_keys=True)) for each in kept))
    assert told[0] == told[1]
    assert logged[0] == logged[1]
    assert not [
        name for name, text in told[0].items() if "swordfish" in text.replace("The swordfish leaks", "")
    ]


def test_every_subcommand_is_tried() -> None:
    names = {command.name for command in COMMANDS}
    assert set(LINES) == names, "add to LINES of this file what somebody outside types to try each command"


def test_no_command_reveals_anything(outsider: Arena) -> None:
    def type_in(line: str, number: int) -> str:
        return outsider.workspace.command(line.format(ref=f"INC-{number}"), OUTSIDER)

    compare(outsider, {line: partial(type_in, line) for lines in LINES.values() for line in lines})


def test_mentions_reveal_nothing(outsider: Arena) -> None:
    def mention(line: str, number: int) -> str:
        return shown(outsider.workspace.mention(line.format(ref=f"INC-{number}"), "incidents", OUTSIDER))

    compare(outsider, {line: partial(mention, line) for line in ("timeline {ref}", "resolve {ref}", "{ref}")})


class Register:
    """Takes the place of Bolt's app, and records what has a listener."""

    def __init__(self) -> None:
        self.listened: dict[str, set[str]] = {}

    def __getattr__(self, kind: str) -> Callable[[Any], Callable[[Any], None]]:
        def listen(what: Any) -> Callable[[Any], None]:
            if not callable(what):
                name = str(getattr(what, "pattern", what)).strip("^$()")
                self.listened.setdefault(kind, set()).add(name)
            return lambda _listener: None

        return listen


def test_every_button_form_and_event_is_tried(small: Arena) -> None:
    [bot] = small.bots(1)
    app = Register()
    register(cast(App, app), bot.services)
    forms = {each.value for each in FORMS} | {FormName.DECLARE.value}
    assert app.listened == {**OTHERS, "action": set(ACTIONS), "view": forms}


@pytest.mark.timeout(180)  # Some seventy buttons, each clicked twice and answered.
@pytest.mark.parametrize("outsider", ["small", "converted"], indirect=True)
def test_no_button_reveals_anything(outsider: Arena) -> None:
    [bot] = outsider._bots
    compare(outsider, {action: partial(clicked, outsider, bot, action) for action in sorted(ACTIONS)})


def clicked(arena: Arena, bot: Bot, action: str, number: int) -> str:
    """What the outsider sees who clicks a button that carries this."""
    value = ACTIONS[action].format(n=number)
    before = len(arena.workspace.answers(OUTSIDER, "incidents"))
    stamp = f"1.{next(_numbers):06}"
    body = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": OUTSIDER_ID, "team_id": "T1"},
        "channel": {"id": arena.workspace.channel("incidents")["id"]},
        "container": {"type": "message", "message_ts": stamp},
        "message": {"ts": stamp},
        "trigger_id": stamp,
        "response_url": response_url(arena),
        "actions": [
            {
                "action_id": action.split("|", maxsplit=1)[0].replace(r"\d+", "1"),
                "block_id": "b",
                "type": "button",
                "value": value,
                "selected_option": {"value": value},
                "action_ts": stamp,
            }
        ],
    }
    answered = Requests(bot.app, bot.worker.wake, Meter()).answer(body, {}, stamp, "interactive")
    answered.finish()
    arena.settle()
    eventually(lambda: len(arena.workspace.answers(OUTSIDER, "incidents")) > before)
    found = arena.workspace.answers(OUTSIDER, "incidents")[before:]
    return answered.response.body + "".join(map(shown, found))


def response_url(arena: Arena) -> str:
    """The URL for answers to what the outsider does in the announcements channel."""
    store = arena.sandbox.store
    return arena.sandbox.interactions.response_url(store.channel("incidents"), store.person(OUTSIDER))


TYPED: dict[str, Json] = {
    "title": {"value": "y"},
    "project": {"value": "Leaks"},
    "why": {"value": "because"},
    "due_date": {"selected_date": "2027-01-01"},
    "working_days": {"selected_options": []},
    "problem": {"value": "Leaks"},
    "known": {"value": "Leaks"},
    "facilitator": {"selected_user": OUTSIDER_ID},
    "assigned_to": {"selected_user": OUTSIDER_ID},
    "impact": {"value": "Leaks"},
    "lesson": {"value": "Leaks"},
    "text": {"value": "Leaks"},
    "despite": {"value": "Leaks"},
    "required": {"selected_users": [OUTSIDER_ID]},
    "minutes": {"selected_option": {"value": "30"}},
    "window_from": {"selected_date": "2027-01-01"},
    "window_to": {"selected_date": "2027-01-01"},
    "at": {"selected_date_time": 1_900_000_000},
}
FORMS: dict[FormName, Json] = {
    FormName.EDIT: {"incident_id": 0, "title": "x", "severity": "high"},
    FormName.REOPEN: {"incident_id": 0},
    FormName.ACTION: {},
    FormName.EDIT_ITEM: {"title": "x"},
    FormName.REASSIGN: {},
    FormName.REDATE: {},
    FormName.SNOOZE: {},
    FormName.SETTINGS: {},
    FormName.WHYS: {},
    FormName.HAND_OVER: {},
    FormName.HAND_OVER_ROLE: {"role": "scribe", "was": None},
    FormName.POSTMORTEM_TEXT: {"section": "impact", "was": ""},
    FormName.LESSON: {},
    FormName.CURATE: {},
    FormName.POSTMORTEM_OWNER: {},
    FormName.COMPLETE: {},
    FormName.WAIVE: {},
    FormName.MEETING: {},
    FormName.PICK_TIME: {},
    FormName.UPDATE: {"seen": 0},
    FormName.PAGE: {"again": True, "invites": True},
    FormName.CORRECTION: {"number": 1, "was_corrected": ""},
    FormName.PROJECT: {},
    FormName.CHECKLIST: {"key": "first", "was": ""},
}


def test_every_form_is_tried() -> None:
    assert set(FORMS) | {FormName.DECLARE} == set(FormName)


def test_no_form_reveals_anything(outsider: Arena) -> None:
    bot = outsider._bots[0]

    def submit(form: FormName, number: int) -> str:
        view = {
            "id": f"V{next(_numbers)}",
            "type": "modal",
            "callback_id": form.value,
            "private_metadata": json.dumps(
                {
                    **FORMS[form],
                    **dict.fromkeys(("incident_id", "item_id", "analysis_id", "meeting_id"), number),
                }
            ),
            "blocks": [{"type": "input", "block_id": name} for name in ("title", "why")],
            "state": {"values": {name: {name: typed} for name, typed in TYPED.items()}},
        }
        body = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": OUTSIDER_ID}, "view": view}
        answered = Requests(bot.app, bot.worker.wake, Meter()).answer(body, {}, "form", "interactive")
        answered.finish()
        return str(answered.response.body)

    compare(outsider, {form.value: partial(submit, form) for form in FORMS})


def test_lists_suggestions_home_and_doctor_look_as_if_it_did_not_exist(small: Arena) -> None:
    [bot] = small.bots(1)
    slack = small.workspace

    def everything() -> list[str]:
        slack.post("open-home", user=OUTSIDER)
        small.settle()
        lines = ["", "list", "list all", "list all project:leaks", "doctor", "resolve", "close"]
        lines += ["actions", "actions mine", "actions @ana"]
        told = [slack.command(line, OUTSIDER) for line in lines]
        known = bot.services.incidents.suggest_projects("", 20, viewer=OUTSIDER_ID)
        for number in (HIDDEN, MISSING):
            with pytest.raises(UnknownRef):
                bot.services.postmortems.suggest_events(number, "", 20, viewer=OUTSIDER_ID)
        return [*told, str(known), shown(eventually(lambda: slack.get(f"view/{OUTSIDER}")["home"]))]

    small.settle()
    before = everything()
    small.expected.dead.add("PinCard")
    small.expected.errors.add("effect given up")
    small.workspace.faults({"method": "pins.add", "effect": "error:not_pinnable"})
    declare_with_item(small)
    assert "not_pinnable" in slack.command("doctor", "ana")
    assert everything() == before

"""Every calendar answers every question; without one, meetings are files; and nobody asks which one it is."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import pytest

from bot.config import CALENDARS, FILES, Settings
from bot.domain.calendar.meetings import EventNews, Meeting, MeetingPlan, MeetingStatus, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.kit.bookings import Booking
from bot.domain.kit.errors import NoCalendar
from bot.domain.outbox.effects import ArrangeMeeting, PutIncidentEvent
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import Claimed
from bot.effects import calendars
from bot.effects.calendar_files import CalendarFiles
from bot.effects.calendars import Booked, Calendar
from bot.effects.failures import CallFailed
from bot.effects.google.calendar import GoogleCalendar
from bot.effects.meetings import MeetingPerformers
from bot.views.calendar.events import meeting_event
from bot.views.calendar.meetings import NO_CALENDAR
from bot.views.kit.errors import sentence
from tests.support.examples import NOW, meeting, meeting_plan
from tests.support.google_network import TEAM, Network, wired

ROOT = Path(__file__).parents[2]
SLOT = Slot(NOW + timedelta(days=1), NOW + timedelta(days=1, minutes=30))
EVENT = meeting_event(meeting_plan(meeting()), SLOT)
ADDRESS = "ana@acme.example"
GUESTS = tuple(each.email for each in EVENT.guests or ())
THERE = Booking(SLOT.start, SLOT.end, invited=GUESTS, calendar_id=TEAM)
A_FILE = Booking(SLOT.start, SLOT.end, is_inviting=False)
FOUND = {
    "id": EVENT.id,
    "start": {"dateTime": SLOT.start.isoformat()},
    "end": {"dateTime": SLOT.end.isoformat()},
}
NEWS = EventNews(EVENT.id, is_cancelled=False, start=SLOT.start, end=SLOT.end)

NAMING_IT = {"config.py", "arguments.py", "google.py"}
"""The settings, and the command that logs in to Google."""
KINDS: dict[type[Any], Callable[[], Calendar]] = {
    GoogleCalendar: lambda: wired(Network(found=FOUND)),
    CalendarFiles: CalendarFiles,
}
QUESTIONS: dict[str, Callable[[Calendar], object]] = {
    "id": lambda calendar: calendar.id,
    "makes_calls": lambda calendar: calendar.makes_calls,
    "call": lambda calendar: calendar.call(EVENT),
    "show": lambda calendar: calendar.show(EVENT),
    "hide": lambda calendar: calendar.hide(EVENT.id),
    "block": lambda calendar: calendar.block(ADDRESS, EVENT),
    "unblock": lambda calendar: calendar.unblock(ADDRESS, EVENT.id),
    "find": lambda calendar: calendar.find(EVENT.id, None),
    "book": lambda calendar: calendar.book(EVENT, None),
    "reinvite": lambda calendar: calendar.reinvite(EVENT, THERE),
    "cancel": lambda calendar: calendar.cancel(EVENT.id, None),
    "busy": lambda calendar: calendar.busy([ADDRESS], SLOT.start, SLOT.end),
    "changes": lambda calendar: list(calendar.changes(None, NOW, lambda ids: ids)),
    "access": lambda calendar: calendar.access(),
    "stop": lambda calendar: calendar.stop(),
    "close": lambda calendar: calendar.close(),
}


ELSEWHERE = Failure(FailureKind.FINAL, "google_not_connected")
NOTHING = dict.fromkeys(QUESTIONS)
ANSWERS: dict[type[Any], dict[str, object]] = {
    GoogleCalendar: {
        **NOTHING,
        "id": TEAM,
        "makes_calls": True,
        "call": Failure(FailureKind.PASSING, "google_call_pending"),
        "find": NEWS,
        "book": Booked(THERE),
        "reinvite": Booked(THERE),
        "busy": {ADDRESS: None},
        "changes": [([NEWS], "t1")],
        "access": "",
    },
    CalendarFiles: {
        **NOTHING,
        "makes_calls": False,
        "call": ELSEWHERE,
        "block": ELSEWHERE,
        "unblock": ELSEWHERE,
        "book": Booked(A_FILE),
        "busy": {ADDRESS: None},
        "changes": [],
        "access": "",
    },
}


def test_every_method_of_the_port_is_walked() -> None:
    assert set(QUESTIONS) == {name for name in vars(Calendar) if not name.startswith("_")}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_calendar_answers_every_question(question: str, kind: type[Any]) -> None:
    try:
        said = QUESTIONS[question](KINDS[kind]())
    except CallFailed as error:
        said = error.failure
    assert said == ANSWERS[kind][question]


@pytest.mark.parametrize("module", sorted({*CALENDARS.values(), FILES}))
def test_every_calendar_that_settings_can_choose_is_walked(module: str) -> None:
    found = import_module(module)
    assert callable(found.connect)
    assert [each for each in KINDS if each.__module__ == module], f"{module} has no row in KINDS of this file"


def settings(**values: str) -> Settings:
    return Settings.model_validate({"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", **values})


@pytest.mark.parametrize("setting", CALENDARS)
def test_each_setting_chooses_its_calendar_and_without_any_meetings_are_files(setting: str) -> None:
    chosen = {"google_subject": "ana@acme.example", setting: "file.json"}
    assert settings(**chosen).calendar == CALENDARS[setting]
    assert isinstance(calendars.connect(settings(), lambda: NOW), CalendarFiles)


def test_an_event_in_a_disconnected_calendar_is_never_mistaken_for_a_file() -> None:
    files = CalendarFiles()
    for ask in (
        lambda: files.find(EVENT.id, THERE),
        lambda: files.book(EVENT, THERE),
        lambda: files.cancel(EVENT.id, THERE),
    ):
        with pytest.raises(CallFailed) as error:
            ask()
        assert error.value.failure == ELSEWHERE


class Office:
    """Slack, the operations and the outbox, as far as arranging a meeting needs them."""

    def __init__(self, plan: MeetingPlan) -> None:
        self._plan = plan
        self.files: list[dict[str, Any]] = []
        self.noted: list[tuple[Booking, Slot]] = []
        self.offered: list[tuple[Slot, ...]] = []

    def plan(self, _meeting_id: int) -> MeetingPlan:
        return self._plan

    def clock(self) -> object:
        return NOW

    def where(self, _key: str) -> tuple[str, str]:
        return "C0INC", "1.0"

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        self.files.append({"method": method, **values})
        return {}

    def offer(self, _meeting: Meeting, slots: tuple[Slot, ...], _skip: int) -> None:
        self.offered.append(slots)

    def booked(self, _seen: Meeting, booking: Booking, slot: Slot, _replies: dict[str, Reply]) -> None:
        self.noted.append((booking, slot))


def arranged(**values: Any) -> Office:
    """Arrange a meeting like this without a calendar; the results."""
    office = Office(replace(meeting_plan(meeting(**values)), is_connected=False))
    known = cast("Any", office)
    row = Claimed(1, "key", PutIncidentEvent(12), 1, False, NOW, "me")
    MeetingPerformers(known, known, known, known, CalendarFiles()).arrange(ArrangeMeeting(12, 3), row)
    return office


def test_without_a_calendar_times_are_offered_and_everybody_is_unknown() -> None:
    [slots] = arranged().offered
    assert len(slots) == 3
    for each in slots:
        assert each.busy == ()
        assert {*each.unknown, *each.outside} == {"U0ANA", "U0BEN", "U0EMI"}


def test_without_a_calendar_a_booking_is_a_file_in_the_thread() -> None:
    office = arranged(status=MeetingStatus.BOOKING, wanted=SLOT)
    [(booking, slot)] = office.noted
    assert (booking, slot.start) == (A_FILE, SLOT.start)
    [file] = office.files
    assert (file["method"], file["thread_ts"]) == ("files.upload_v2", "1.0")
    assert "METHOD:PUBLISH" in file["content"] and "DTSTART:20260303T093000Z" in file["content"]


def test_without_a_calendar_a_file_is_sent_late_rather_than_never() -> None:
    late = Slot(NOW - timedelta(hours=1), NOW)
    office = arranged(status=MeetingStatus.BOOKING, wanted=late)
    assert len(office.files) == len(office.noted) == 1


def test_without_a_calendar_a_cancelled_meeting_is_a_file_if_there_was_one_before() -> None:
    [file] = arranged(status=MeetingStatus.CANCELLED, booking=A_FILE).files
    assert "METHOD:CANCEL" in file["content"]
    assert arranged(status=MeetingStatus.CANCELLED).files == []


@pytest.mark.parametrize("booking", [A_FILE, THERE])
def test_without_a_calendar_nobody_is_invited_again(booking: Booking) -> None:
    office = arranged(status=MeetingStatus.BOOKED, booking=booking, booked=SLOT)
    assert (office.files, office.noted) == ([], [])


def test_people_read_whom_to_ask_and_only_the_settings_name_what_connects_a_calendar() -> None:
    how = sentence(NoCalendar()).removeprefix("No calendar is connected. ")
    assert NO_CALENDAR.endswith(how)
    told = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "bot").rglob("*.py")
        if "GOOGLE_TOKEN_FILE" in path.read_text() and path.name not in NAMING_IT
    ]
    assert told == []


@pytest.mark.parametrize("folder", ["domain", "effects", "operations"])
def test_only_its_own_folder_mentions_google(folder: str) -> None:
    known = ROOT / "bot" / "effects" / "google"
    # Errors that people read may name it.
    sentences = ROOT / "bot" / "domain" / "kit" / "errors.py"
    for path in (ROOT / "bot" / folder).rglob("*.py"):
        if path != sentences and not path.is_relative_to(known):
            assert "google" not in ast.unparse(_without_docstrings(path)).lower(), path


def _without_docstrings(path: Path) -> ast.Module:
    """The file's code. Docstrings may say that a rule is Google's."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
    return tree


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def test_an_event_without_guests_says_whose_it_is_if_that_matters() -> None:
    named = replace(EVENT, title_alone="Ana's")
    assert (named.alone.title, named.alone.guests) == ("Ana's", ())
    assert EVENT.alone == replace(EVENT, guests=())

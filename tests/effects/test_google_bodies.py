"""What Google is sent for each kind of event, byte for byte: events in calendars outlive a release."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

import pytest

from bot.domain.action_items.model import ActionItemStatus
from bot.domain.calendar.events import DueDateEvent, IncidentEvent
from bot.domain.calendar.meetings import Invitee, Meeting, MeetingPlan, MeetingStatus, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.calendar.time_blocks import BlockPlan
from bot.domain.incidents.model import Conversion, Incident
from bot.domain.kit.bookings import Booking
from bot.domain.kit.people import Person
from bot.domain.outbox.effects import ArrangeMeeting, Effect, PutDueDate, PutIncidentEvent, PutTimeBlock
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import Claimed
from bot.effects.calendar import CalendarPerformers
from bot.effects.failures import CallFailed
from bot.effects.meetings import MeetingPerformers
from bot.views.calendar.events import incident_event
from tests.support.examples import NOW, incident, item, meeting, meeting_plan, time_block
from tests.support.google_network import FINE, MISSING, NO_GUESTS, REFUSED, TEAM, Call, Network, wired

Json = dict[str, Any]

LINK = "https://acme.slack.com/archives/C0INC"
BEN = Person("U0BEN", "Ben", email="ben@acme.example")
SLOT = Slot(NOW + timedelta(days=1), NOW + timedelta(days=1, minutes=30))
CONVERTED = Conversion(is_private=False, ts="1")
ROW = Claimed(1, "key", PutIncidentEvent(12), 1, False, NOW, "me")
WORDS = {"summary": "INC-12 [high] A <b> & c", "description": f"In Slack: {LINK}"}
HIDDEN = {"summary": "Private incident", "description": "", "visibility": "private"}
HOUR = {
    "start": {"dateTime": "2026-03-02T09:30:00+00:00"},
    "end": {"dateTime": "2026-03-02T10:30:00+00:00"},
}
HALF = {
    "start": {"dateTime": "2026-03-03T09:30:00+00:00"},
    "end": {"dateTime": "2026-03-03T10:00:00+00:00"},
}
DAY = {"start": {"date": "2026-03-09"}, "end": {"date": "2026-03-10"}}
BEN_AS_GUEST = {"email": "ben@acme.example", "displayName": "Ben"}
GUESTS = [
    {"email": "ana@acme.example", "displayName": "ana", "optional": False},
    {"email": "ben@acme.example", "displayName": "ben", "optional": False},
    {"email": "emi@acme.example", "displayName": "emi", "optional": True},
]
CALL = {"createRequest": {"requestId": "0a1b2c", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}
AGENDA = f"What happened, why, and what we can learn from it.\n\nIn Slack: {LINK}"
MEETING = {
    "summary": "Postmortem INC-12: A <b> & c",
    "description": AGENDA,
    **HALF,
    "transparency": "opaque",
    "attendees": GUESTS,
    "conferenceData": CALL,
}


class Facts:
    """Answers as the operations would, and keeps what is noted about a booking."""

    def __init__(self, fact: object) -> None:
        self._fact = fact
        self.noted: list[tuple[Booking, Slot, dict[str, Reply]]] = []

    def incident_event(self, _incident_id: int) -> object:
        return self._fact

    def due_date(self, _incident_id: int, _item_id: int) -> object:
        return self._fact

    def plan(self, _number: int) -> object:
        return self._fact

    def clock(self) -> object:
        return NOW

    def booked(self, _seen: Meeting, booking: Booking, slot: Slot, replies: dict[str, Reply]) -> None:
        self.noted.append((booking, slot, replies))


def perform(effect: Effect, fact: object, network: Network) -> Facts:
    """Perform the effect on this network; what was noted."""
    facts, calendar = Facts(fact), wired(network)
    known = cast("Any", facts)
    if isinstance(effect, ArrangeMeeting):
        MeetingPerformers(known, known, known, known, calendar).arrange(effect, ROW)
        return facts
    performers = CalendarPerformers(calendar, known, known, known, known)
    table: dict[type[Any], Any] = {
        PutIncidentEvent: performers.put_incident,
        PutDueDate: performers.put_due_date,
        PutTimeBlock: performers.put_block,
    }
    table[type(effect)](effect, ROW)
    return facts


def sent(effect: Effect, fact: object, *answers: tuple[int, str], found: Json | None = None) -> list[Call]:
    """The writing calls, in order; the reads before them are left out."""
    network = Network(*answers, found=found)
    perform(effect, fact, network)
    return [each for each in network.calls if each[0] != "GET"]


def inserted(event: Json, calendar: str = TEAM, event_id: str = "e1", send: str = "externalOnly") -> Call:
    """The call that makes an event; Google notifies guests with calendars elsewhere, or all of them."""
    body = json.dumps({**event, "id": event_id})
    return "POST", f"{calendar.replace('@', '%40')}/events", {"sendUpdates": send}, body


def invited(event: Json, calendar: str = TEAM) -> Call:
    """The call that makes a time block's event and notifies its guest."""
    return inserted(event, calendar, send="all")


def booked(event: Json) -> Call:
    """The call that makes a meeting's event and notifies the guests."""
    method, path, query, body = inserted(event, event_id="0a1b2c")
    more = {"conferenceDataVersion": "1"} if "conferenceData" in event else {}
    return method, path, {**query, "sendUpdates": "all", **more}, body


def deleted(calendar: str = TEAM, event_id: str = "e1", notified: str = "externalOnly") -> Call:
    return "DELETE", f"{calendar.replace('@', '%40')}/events/{event_id}", {"sendUpdates": notified}, ""


def about(**values: Any) -> Incident:
    return incident(**{"title": "A <b> & c", **values})


def of_incident(**values: Any) -> IncidentEvent:
    return IncidentEvent(about(**values), "e1", LINK)


def of_item(owner: Person | None = BEN, whose: Incident | None = None, **values: Any) -> DueDateEvent:
    return DueDateEvent(item(**{"due_date": date(2026, 3, 9), **values}), whose or about(), owner, "e1", LINK)


def of_block(person: Person = BEN, whose: Incident | None = None, **values: Any) -> BlockPlan:
    return BlockPlan(time_block(**values), whose or about(), person, "e1", LINK)


def of_meeting(whose: Incident | None = None, *, now: Json | None = None, **values: Any) -> MeetingPlan:
    plain: Json = {"status": MeetingStatus.BOOKING, "wanted": SLOT, "is_picked": True}
    return meeting_plan(meeting(**(now or plain)), whose or about(), **{"channel_link": LINK, **values})


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (
            of_incident(),
            {**WORDS, **HOUR, "transparency": "transparent"},
        ),
        (of_incident(is_private=True), {**HIDDEN, **HOUR, "transparency": "transparent"}),
        (
            of_incident(conversion=CONVERTED),
            {**WORDS, "visibility": "default", **HOUR, "transparency": "transparent"},
        ),
    ],
)
def test_an_incident(fact: IncidentEvent, event: Json) -> None:
    assert sent(PutIncidentEvent(12), fact) == [inserted(event)]


DUE = {
    "summary": "Due: AI-7 Raise the pool limit (Ben)",
    "description": f"In Slack: {LINK}",
    **DAY,
    "transparency": "transparent",
    "attendees": [BEN_AS_GUEST],
}


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (of_item(), DUE),
        (of_item(None), {**DUE, "summary": "Due: AI-7 Raise the pool limit", "attendees": []}),
        (
            of_item(whose=about(is_private=True)),
            {**HIDDEN, **DAY, "transparency": "transparent", "attendees": [BEN_AS_GUEST]},
        ),
    ],
)
def test_a_due_date(fact: DueDateEvent, event: Json) -> None:
    assert sent(PutDueDate(12, 7), fact) == [inserted(event)]


def test_a_due_date_for_an_account_that_may_not_invite() -> None:
    calls = sent(PutDueDate(12, 7), of_item(), NO_GUESTS, FINE)
    assert calls == [inserted(DUE), inserted({**DUE, "attendees": []})]


def test_a_due_date_that_is_over() -> None:
    assert sent(PutDueDate(12, 7), of_item(status=ActionItemStatus.COMPLETED)) == [deleted()]


BLOCK = {
    "summary": "INC-12: investigating",
    "description": f"In Slack: {LINK}",
    **HOUR,
    "transparency": "opaque",
    "attendees": [BEN_AS_GUEST],
}
ALONE = {**BLOCK, "summary": "INC-12: investigating (Ben)", "attendees": []}
HIDDEN_BLOCK = {**HIDDEN, **HOUR, "transparency": "opaque", "attendees": [BEN_AS_GUEST]}
OWN = "ben@acme.example"


@pytest.mark.parametrize(
    ("whose", "event", "alone"),
    [(about(), BLOCK, ALONE), (about(is_private=True), HIDDEN_BLOCK, {**HIDDEN_BLOCK, "attendees": []})],
)
def test_a_time_block_in_each_kind_of_calendar(whose: Incident, event: Json, alone: Json) -> None:
    fact = of_block(whose=whose)
    assert sent(PutTimeBlock(12, 4), fact) == [invited(event)]
    calls = [invited(event), invited(alone, OWN)]
    assert sent(PutTimeBlock(12, 4), fact, NO_GUESTS, FINE) == calls
    assert sent(PutTimeBlock(12, 4), fact, NO_GUESTS, REFUSED, FINE) == [*calls, invited(alone)]


def test_a_time_block_of_somebody_without_an_e_mail() -> None:
    nameless = of_block(replace(BEN, email=None))
    assert sent(PutTimeBlock(12, 4), nameless) == [invited({**BLOCK, "attendees": []})]


THERE: Json = {**BLOCK, "id": "e1", "etag": '"1"', "status": "confirmed"}


@pytest.mark.parametrize(
    ("there", "send"),
    [
        ({**THERE, "end": {"dateTime": "2026-03-02T11:30:00+00:00"}}, "externalOnly"),
        ({**THERE, "attendees": []}, "all"),
        ({**THERE, "status": "cancelled"}, "all"),
    ],
)
def test_only_an_invitation_to_a_time_block_is_mailed_to_everybody(there: Json, send: str) -> None:
    [(_, _, query, _)] = sent(PutTimeBlock(12, 4), of_block(), found=there)
    assert query == {"sendUpdates": send}


def test_a_time_block_written_by_an_earlier_version_is_left_alone() -> None:
    guest = {**BEN_AS_GUEST, "responseStatus": "accepted"}
    assert sent(PutTimeBlock(12, 4), of_block(), found={**THERE, "attendees": [guest]}) == []


@pytest.mark.parametrize("answer", [FINE, MISSING])
def test_a_time_block_that_is_over(answer: tuple[int, str]) -> None:
    assert sent(PutTimeBlock(12, 4), of_block(ends_at=NOW), answer) == [deleted(), deleted(OWN)]


@pytest.mark.parametrize(
    ("fact", "event"),
    [
        (of_meeting(), MEETING),
        (
            of_meeting(about(is_private=True)),
            {
                **HIDDEN,
                **HALF,
                "transparency": "opaque",
                "attendees": GUESTS,
                "conferenceData": CALL,
                "guestsCanInviteOthers": False,
            },
        ),
        (
            of_meeting(about(conversion=CONVERTED)),
            {
                "summary": "Postmortem INC-12: A <b> & c",
                "description": AGENDA,
                "visibility": "default",
                **HALF,
                "transparency": "opaque",
                "attendees": GUESTS,
                "conferenceData": CALL,
                "guestsCanInviteOthers": True,
            },
        ),
        (
            of_meeting(
                invitees=tuple(
                    Invitee(user, name, "team@acme.example", "UTC", name == "ana")
                    for user, name in (("U0ANA", "ana"), ("U0BEN", "ben"), ("U0EMI", "emi"))
                )
            ),
            {
                **MEETING,
                "attendees": [{"email": "team@acme.example", "displayName": "ana", "optional": False}],
            },
        ),
    ],
)
def test_a_meeting(fact: MeetingPlan, event: Json) -> None:
    network = Network(FINE)
    facts = perform(ArrangeMeeting(12, 3), fact, network)
    writes = [each for each in network.calls if each[1].startswith("team%40") and each[0] != "GET"]
    assert writes == [booked(event)]
    addresses = tuple(each.email for each in fact.invitees)
    [(booking, slot, replies)] = facts.noted
    assert booking == Booking(SLOT.start, SLOT.end, invited=cast("Any", addresses), calendar_id=TEAM)
    assert (slot.start, slot.end, replies) == (SLOT.start, SLOT.end, {})


def test_a_meeting_of_an_account_that_may_not_make_video_calls() -> None:
    plain = {name: value for name, value in MEETING.items() if name != "conferenceData"}
    calls = sent(ArrangeMeeting(12, 3), of_meeting(), FINE, (400, "invalid"), FINE)
    assert calls[1:] == [booked(MEETING), booked(plain)]


STANDS: Json = {
    "id": "0a1b2c",
    "etag": '"7"',
    "status": "confirmed",
    "summary": "Ours",
    **HALF,
    "attendees": [{"email": "Ana@acme.example", "responseStatus": "accepted"}, {"email": "x@other.example"}],
    "conferenceData": {"conferenceId": "abc"},
}
BOOKING = Booking(SLOT.start, SLOT.end, invited=("ana@acme.example",), calendar_id="old@acme.example")
IS_BOOKED = {"status": MeetingStatus.BOOKED, "booking": BOOKING, "booked": SLOT}


def test_a_meeting_whose_guests_change_stays_where_it_was_booked() -> None:
    network = Network(found=STANDS)
    facts = perform(ArrangeMeeting(12, 3), of_meeting(now=IS_BOOKED), network)
    plain = {name: value for name, value in MEETING.items() if name not in {"attendees", "conferenceData"}}
    guests = [{**GUESTS[0], **STANDS["attendees"][0], "optional": False}, STANDS["attendees"][1], *GUESTS[1:]]
    body = {**STANDS, "status": "confirmed", **plain, "attendees": guests}
    path = "old%40acme.example/events/0a1b2c"
    query = {"sendUpdates": "all", "conferenceDataVersion": "1"}
    assert network.calls[-1] == ("PUT", path, query, json.dumps(body))
    [(booking, slot, _)] = facts.noted
    assert (booking.calendar_id, slot) == ("old@acme.example", SLOT)


def test_a_meeting_that_is_cancelled() -> None:
    fact = of_meeting(now={"status": MeetingStatus.CANCELLED, "booking": BOOKING})
    assert sent(ArrangeMeeting(12, 3), fact) == [deleted("old@acme.example", "0a1b2c", "all")]


MEET = "https://meet.google.com/abc-defg-hij"
PENDING: Json = {"createRequest": {"requestId": "e1", "status": {"statusCode": "pending"}}}
FAILED: Json = {"createRequest": {"requestId": "e1", "status": {"statusCode": "failure"}}}
READY: Json = {"entryPoints": [{"entryPointType": "video", "uri": MEET}]}


def call_of(found: Json | None) -> tuple[str | CallFailed, list[Call]]:
    """What is said when the incident's call is asked for, with the writing calls."""
    network = Network(found=found)
    try:
        said: str | CallFailed = wired(network).call(incident_event(of_incident()))
    except CallFailed as error:
        said = error
    return said, [each for each in network.calls if each[0] != "GET"]


def test_an_incident_gets_a_call_whose_request_has_the_id_of_its_event() -> None:
    said, [(method, _path, query, body)] = call_of(None)
    asked = json.loads(body)["conferenceData"]["createRequest"]
    assert (method, query["conferenceDataVersion"]) == ("POST", "1")
    assert asked == {"requestId": "e1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    assert isinstance(said, CallFailed)
    assert said.failure == Failure(FailureKind.PASSING, "google_call_pending")


@pytest.mark.parametrize("call", [{"conferenceData": READY}, {"conferenceData": READY, "hangoutLink": MEET}])
def test_a_call_that_is_there_is_taken(call: Json) -> None:
    event = {"id": "e1", **WORDS, **HOUR, "transparency": "transparent", **call}
    assert call_of(event) == (MEET, [])


def test_a_call_that_is_pending_is_looked_at_again_and_not_requested_again() -> None:
    event = {"id": "e1", **WORDS, **HOUR, "transparency": "transparent", "conferenceData": PENDING}
    said, written = call_of(event)
    assert isinstance(said, CallFailed)
    assert said.failure == Failure(FailureKind.PASSING, "google_call_pending")
    assert written == []


def test_a_call_that_has_failed_is_requested_under_another_id() -> None:
    event = {"id": "e1", **WORDS, **HOUR, "transparency": "transparent", "conferenceData": FAILED}
    said, [(method, _path, query, body)] = call_of(event)
    assert (method, query["conferenceDataVersion"]) == ("PUT", "1")
    assert json.loads(body)["conferenceData"]["createRequest"]["requestId"].startswith("e1-")
    assert isinstance(said, CallFailed)
    assert said.failure == Failure(FailureKind.PASSING, "google_call_failed")


@pytest.mark.parametrize("call", [PENDING, FAILED, READY])
def test_what_becomes_of_the_call_is_left_alone_when_the_event_changes(call: Json) -> None:
    found = {"id": "e1", "conferenceData": call}
    [(_method, _path, query, body)] = sent(PutIncidentEvent(12), of_incident(), found=found)
    assert query["conferenceDataVersion"] == "1"
    assert json.loads(body)["conferenceData"] == call

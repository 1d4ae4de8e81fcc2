"""What Google Calendar is given: it fits Google's schema and limits, shows text as text, leaks no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.model import ActionItemStatus
from bot.domain.calendar.events import CalendarEvent, DueDateEvent, IncidentEvent
from bot.domain.calendar.meetings import MAX_PEOPLE, Invitee
from bot.domain.calendar.slots import Slot
from bot.domain.calendar.time_blocks import BlockPlan
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.kit.people import Person
from bot.domain.kit.text import storable
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import LessonLearned
from bot.effects.google.events import body_of
from bot.views.calendar.events import agenda, block_event, due_event, incident_event, meeting_event
from sandbox.google.schema import check_body
from tests.support.examples import (
    HOSTILE,
    NOW,
    any_text,
    document,
    incident,
    item,
    meeting,
    meeting_plan,
    postmortem,
    time_block,
)

Event = dict[str, Any]

LINK = "https://acme.slack.com/archives/C0INC"
BEN = Person("U0BEN", "Ben", email="ben@acme.example")
SLOT = Slot(NOW, NOW + timedelta(minutes=30))
DAY = date(2026, 3, 9)
SECRET = "Layoffs of <finance> & co"
HIDDEN = incident(title=SECRET, description=SECRET, channel_name="inc-12-layoffs", is_private=True)
NOTHING_SAID = {"summary": "Private incident", "description": "", "visibility": "private"}
texts = any_text.map(storable)


def sent(event: CalendarEvent | None, *, has_guests: bool = True) -> Event | None:
    """What Google is given for it, with its guests or without."""
    if event is None:
        return None
    return body_of(event if has_guests else event.alone)


def of_incident(found: Incident, link: str | None = LINK) -> Event:
    return body_of(incident_event(IncidentEvent(found, "e1", link)))


def of_item(owner: Person | None = BEN, about: Incident | None = None, **values: Any) -> Event | None:
    found = item(**{"due_date": DAY, **values})
    return sent(due_event(DueDateEvent(found, about or incident(), owner, "e1", LINK)))


def of_block(
    person: Person = BEN, about: Incident | None = None, *, has_guests: bool = True, **values: Any
) -> Event | None:
    plan = BlockPlan(time_block(**values), about or incident(), person, "e1", LINK)
    return sent(block_event(plan), has_guests=has_guests)


def of_meeting(about: Incident | None = None, **values: Any) -> Event:
    return body_of(meeting_event(meeting_plan(meeting(), about, **{"channel_link": LINK, **values}), SLOT))


def everything(about: Incident, name: str, draft: Document | None) -> Iterator[Event]:
    """Every kind of event, with a user's text everywhere it can have one."""
    person = replace(BEN, name=name)
    yield of_incident(about)
    yield of_incident(about, None)
    for owner in (person, None):
        yield of_item(owner, about, title=name[:200]) or {}
    for has_guests in (True, False):
        yield of_block(person, about, has_guests=has_guests) or {}
    invitees = tuple(
        Invitee(f"U{n}", name, f"u{n}@acme.example", "UTC", n % 2 == 0) for n in range(MAX_PEOPLE)
    )
    yield of_meeting(about, invitees=invitees, draft=draft)


def fits(event: Event) -> None:
    """Check that Google takes it: by its own schema, and by the lengths in its documentation."""
    check_body("Event", event)
    assert 0 < len(event["summary"]) <= 1024
    assert len(event["description"]) <= 8192
    assert not re.search(r"[<>]", event["description"])


@given(texts, texts, st.sampled_from(IncidentSeverity), st.booleans())
def test_google_takes_whatever_people_write(
    title: str, text: str, severity: IncidentSeverity, is_private: bool
) -> None:
    about = incident(title=title, severity=severity, is_private=is_private)
    draft = document(
        postmortem(summary=text[:3000], impact=text[:3000], root_causes=(text[:300],) * 20),
        items=((item(title=title[:200]), text[:80]),) * 20,
    )
    for event in everything(about, text[:80], draft):
        fits(event)


@pytest.mark.parametrize("text", ["&", "<", "<b>", "&amp;", "🔥", "x", "line\n", "a b "])
def test_google_takes_the_longest_texts(text: str) -> None:
    written = postmortem(
        summary=(text * 3000)[:3000],
        impact=(text * 3000)[:3000],
        root_causes=((text * 300)[:300],) * 20,
        lessons_learned=(LessonLearned((text * 600)[:600]),) * 30,
    )
    draft = document(written, items=((item(title=(text * 200)[:200]), (text * 80)[:80]),) * 100)
    for event in everything(incident(title=text * 2000), (text * 80)[:80], draft):
        fits(event)


@pytest.mark.parametrize("text", HOSTILE)
def test_titles_stay_as_they_are_and_descriptions_show_text_as_text(text: str) -> None:
    said = " ".join(storable(text).split())
    draft = document(postmortem(summary=said))
    event = of_meeting(incident(title=said), draft=draft)
    assert event["summary"] == f"Postmortem INC-12: {said}"
    assert "<" not in event["description"]
    assert unescape(event["description"]).startswith(f"Summary\n{said}\n\n")


def test_an_open_incident_is_shown_for_an_hour_and_makes_nobody_busy() -> None:
    assert of_incident(incident()) == {
        "summary": "INC-12 [high] Database is slow",
        "description": f"In Slack: {LINK}",
        "start": {"dateTime": "2026-03-02T09:30:00+00:00"},
        "end": {"dateTime": "2026-03-02T10:30:00+00:00"},
        "transparency": "transparent",
    }


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"updated_at": NOW + timedelta(hours=5)}, "2026-03-02T14:30:00+00:00"),
        ({"resolved_at": NOW + timedelta(minutes=12)}, "2026-03-02T09:42:00+00:00"),
        (
            {"resolved_at": NOW + timedelta(minutes=12), "updated_at": NOW + timedelta(hours=5)},
            "2026-03-02T09:42:00+00:00",
        ),
        ({"resolved_at": NOW + timedelta(seconds=3, microseconds=7)}, "2026-03-02T09:31:00+00:00"),
        ({"resolved_at": NOW}, "2026-03-02T09:31:00+00:00"),
        ({"resolved_at": NOW - timedelta(hours=1)}, "2026-03-02T09:31:00+00:00"),
        ({"resolved_at": NOW + timedelta(hours=2, microseconds=7)}, "2026-03-02T11:30:00+00:00"),
    ],
)
def test_an_incident_ends_with_its_resolution_and_lasts_a_minute_at_least(
    values: dict[str, Any], end: str
) -> None:
    event = of_incident(incident(**values))
    assert (event["start"], event["end"]) == (
        {"dateTime": "2026-03-02T09:30:00+00:00"},
        {"dateTime": end},
    )


def test_without_a_channel_nothing_leads_to_it() -> None:
    assert of_incident(incident(), None)["description"] == ""


def test_a_private_incidents_events_say_only_that_it_is_private() -> None:
    draft = document(postmortem(summary=SECRET), incident=HIDDEN)
    made = [
        of_incident(HIDDEN),
        of_item(about=HIDDEN, title=SECRET),
        of_block(about=HIDDEN),
        of_block(about=HIDDEN, has_guests=False),
        of_meeting(HIDDEN, draft=draft),
    ]
    for event in made:
        assert event
        check_body("Event", event)
        assert {name: event[name] for name in NOTHING_SAID} == NOTHING_SAID
        assert not re.search(r"INC-12|Layoffs|layoffs|high|AI-7|archives", str(event))


def test_a_private_meeting_is_open_to_nobody_else() -> None:
    assert of_meeting(HIDDEN)["guestsCanInviteOthers"] is False
    assert "guestsCanInviteOthers" not in of_meeting()


def test_a_due_date_is_an_all_day_event_of_its_owner() -> None:
    assert of_item() == {
        "summary": "Due: AI-7 Raise the pool limit (Ben)",
        "description": f"In Slack: {LINK}",
        "start": {"date": "2026-03-09"},
        "end": {"date": "2026-03-10"},
        "transparency": "transparent",
        "attendees": [{"email": "ben@acme.example", "displayName": "Ben"}],
    }


@pytest.mark.parametrize(
    ("owner", "title"),
    [
        (None, "Due: AI-7 Raise the pool limit"),
        (replace(BEN, email=None), "Due: AI-7 Raise the pool limit (Ben)"),
    ],
)
def test_a_due_date_without_an_e_mail_has_no_guest(owner: Person | None, title: str) -> None:
    event = of_item(owner)
    assert event
    assert (event["summary"], event["attendees"]) == (title, [])


def test_a_due_date_for_an_account_that_may_not_invite_has_no_guest() -> None:
    shown = DueDateEvent(item(due_date=DAY), incident(), BEN, "e1", LINK)
    assert sent(due_event(shown), has_guests=False) == {**(of_item() or {}), "attendees": []}


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31)])
def test_an_all_day_event_ends_on_the_next_day(day: date) -> None:
    event = of_item(due_date=day)
    assert event
    assert date.fromisoformat(event["end"]["date"]) - day == timedelta(days=1)


@pytest.mark.parametrize("status", ActionItemStatus)
def test_only_open_items_with_a_due_date_have_an_event(status: ActionItemStatus) -> None:
    assert of_item(due_date=None, status=status) is None
    is_to_do = status in {ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS}
    assert (of_item(status=status) is not None) == is_to_do


def test_a_time_block_makes_its_owner_busy() -> None:
    assert of_block() == {
        "summary": "INC-12: investigating",
        "description": f"In Slack: {LINK}",
        "start": {"dateTime": "2026-03-02T09:30:00+00:00"},
        "end": {"dateTime": "2026-03-02T10:30:00+00:00"},
        "transparency": "opaque",
        "attendees": [
            {"email": "ben@acme.example", "displayName": "Ben"},
        ],
    }


def test_a_time_block_for_an_account_that_may_not_invite_says_whose_it_is() -> None:
    alone = {"summary": "INC-12: investigating (Ben)", "attendees": []}
    assert of_block(has_guests=False) == {**(of_block() or {}), **alone}
    nameless = of_block(replace(BEN, email=None))
    assert nameless and nameless["attendees"] == []


@pytest.mark.parametrize(
    "values",
    [
        {"starts_at": None},
        {"ends_at": None},
        {"ends_at": NOW},
        {"ends_at": NOW - timedelta(seconds=1)},
        {"ends_at": NOW + timedelta(milliseconds=900)},
    ],
)
def test_a_time_block_that_never_began_has_no_event(values: dict[str, Any]) -> None:
    assert of_block(**values) is None


def test_a_meeting_invites_everybody_and_has_a_place_to_meet() -> None:
    event = of_meeting()
    check_body("Event", event)
    assert event == {
        "summary": "Postmortem INC-12: Database is slow",
        "description": f"What happened, why, and what we can learn from it.\n\nIn Slack: {LINK}",
        "start": {"dateTime": "2026-03-02T09:30:00+00:00"},
        "end": {"dateTime": "2026-03-02T10:00:00+00:00"},
        "transparency": "opaque",
        "attendees": [
            {"email": "ana@acme.example", "displayName": "ana", "optional": False},
            {"email": "ben@acme.example", "displayName": "ben", "optional": False},
            {"email": "emi@acme.example", "displayName": "emi", "optional": True},
        ],
        "conferenceData": {
            "createRequest": {
                "requestId": "0a1b2c",
                "conferenceSolutionKey": {"type": "hangoutsMeet"},
            }
        },
    }


def test_people_without_an_e_mail_are_not_guests() -> None:
    people = tuple(replace(each, email=None) for each in meeting_plan(meeting()).invitees)
    assert of_meeting(invitees=people)["attendees"] == []


def test_two_people_with_one_e_mail_are_one_guest_who_is_required_if_either_is() -> None:
    both = (
        Invitee("U0ANA", "ana", "team@acme.example", "UTC", is_required=True),
        Invitee("U0EMI", "emi", "team@acme.example", "UTC", is_required=False),
    )
    [guest] = of_meeting(invitees=both)["attendees"]
    assert (guest["email"], guest["optional"]) == ("team@acme.example", False)


FULL_AGENDA = f"""\
Summary
The pool ran out.

Impact
A third of all payments failed.

Root causes
- No limit was set

Lessons
- Alert on the pool

Action items
- AI-7 Raise the pool limit (Ben, due 2026-03-09)
- AI-8 Check it (no owner yet)

In Slack: {LINK}"""


def agenda_of(draft: Document | None, link: str | None = LINK) -> str:
    return agenda(meeting_plan(meeting(), draft=draft, channel_link=link))


def test_the_agenda_has_as_much_of_the_postmortem_as_is_written() -> None:
    items = ((item(due_date=DAY), "Ben"), (item(id=8, title="Check it"), ""))
    assert agenda_of(document(items=items)) == FULL_AGENDA
    some = document(postmortem(impact="", root_causes=(), lessons_learned=()), items=())
    assert agenda_of(some, None) == "Summary\nThe pool ran out."


def test_an_empty_draft_has_an_agenda_too() -> None:
    empty = document(postmortem(summary="", impact="", root_causes=(), lessons_learned=()), items=())
    assert agenda_of(empty) == (
        "The draft is still empty. We'll talk about what happened, why, and what we can learn from it.\n\n"
        f"In Slack: {LINK}"
    )
    assert agenda_of(None, None) == "What happened, why, and what we can learn from it."


@pytest.mark.parametrize("text", ["x", "&"])
def test_the_longest_agenda_still_leads_to_the_incident(text: str) -> None:
    draft = document(postmortem(summary=text * 3000, impact=text * 3000, root_causes=(text * 300,) * 20))
    assert of_meeting(draft=draft)["description"].endswith(f"In Slack: {LINK}")


def test_times_are_whole_seconds_with_their_offset() -> None:
    odd = datetime(2026, 3, 2, 9, 30, 1, 999_999, tzinfo=UTC)
    event = body_of(meeting_event(meeting_plan(meeting()), Slot(odd, odd + timedelta(minutes=30))))
    assert event["start"] == {"dateTime": "2026-03-02T09:30:01+00:00"}
    assert event["end"] == {"dateTime": "2026-03-02T10:00:01+00:00"}

"""A meeting as a file: another program reads from it what was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from icalendar import Calendar, Event

from bot.domain.calendar.meetings import MeetingPlan
from bot.domain.calendar.slots import Slot
from bot.domain.incidents.model import TITLE_LIMIT
from bot.domain.kit.text import one_line, storable
from bot.views.calendar.events import agenda, meeting_event
from bot.views.calendar.ics import event_file, file_name
from tests.support.examples import (
    HOSTILE,
    NOW,
    any_text,
    document,
    incident,
    meeting,
    meeting_plan,
    postmortem,
)

TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
SLOT = Slot(TEN, TEN + timedelta(minutes=45))
AWKWARD = "a, b; c\\d \\n e: \"f\" 'g'"


def read(content: str) -> tuple[Calendar, Event]:
    """The file's calendar, and its only event."""
    found = Calendar.from_ical(content)
    [event] = found.walk("VEVENT")
    assert isinstance(event, Event)
    return found, event


def meeting_file(plan: MeetingPlan, slot: Slot, *, is_cancelled: bool = False) -> str:
    return event_file(meeting_event(plan, slot), is_cancelled=is_cancelled)


def text_of(event: Event, name: str) -> str:
    return str(event[name])


def plan_of(title: str, summary: str, **values: Any) -> MeetingPlan:
    """A meeting about an incident with that title, and with that summary in its draft."""
    draft = document(postmortem(summary=summary))
    return meeting_plan(meeting(**values), incident(title=title), draft=draft)


def test_another_program_reads_what_was_meant() -> None:
    plan = plan_of(AWKWARD, f"{AWKWARD}\nand\n\nmore", sequence=4)
    found, event = read(meeting_file(plan, SLOT))
    assert (found["VERSION"], found["METHOD"], found["PRODID"]) == ("2.0", "PUBLISH", "-//Muster//EN")
    assert {name: text_of(event, name) for name in ("UID", "SUMMARY", "DESCRIPTION", "STATUS")} == {
        "UID": "0a1b2c@muster",
        "SUMMARY": f"Postmortem INC-12: {AWKWARD}",
        "DESCRIPTION": agenda(plan),
        "STATUS": "CONFIRMED",
    }
    assert (event["SEQUENCE"], event.start, event.end) == (4, SLOT.start, SLOT.end)
    assert event.DTSTAMP == NOW


def test_the_raw_file_escapes_what_would_end_a_value() -> None:
    raw = meeting_file(plan_of("one, two; three", "four\nfive"), SLOT).replace("\r\n ", "")
    assert "SUMMARY:Postmortem INC-12: one\\, two\\; three\r\n" in raw
    assert "DESCRIPTION:Summary\\nfour\\nfive\\n\\nImpact\\n" in raw


def test_times_are_whole_seconds_of_utc() -> None:
    odd = timedelta(microseconds=999_999)
    content = meeting_file(plan_of("x", "y", updated_at=NOW + odd), Slot(TEN + odd, SLOT.end + odd))
    assert "\r\nDTSTART:20260303T100000Z\r\nDTEND:20260303T104500Z\r\n" in content
    assert "\r\nDTSTAMP:20260302T093000Z\r\n" in content


@given(any_text, any_text)
def test_whatever_people_write_is_read_back_and_adds_nothing(title: str, summary: str) -> None:
    # Titles of incidents are never longer than that.
    plan = plan_of(one_line(title)[:TITLE_LIMIT], storable(summary))
    content = meeting_file(plan, SLOT)
    _, event = read(content)
    assert text_of(event, "SUMMARY") == f"Postmortem INC-12: {plan.incident.title}"
    assert text_of(event, "DESCRIPTION") == agenda(plan)
    names = [line.partition(":")[0] for line in content.replace("\r\n ", "").split("\r\n") if line]
    assert sorted(names) == sorted(
        [
            *("BEGIN", "VERSION", "PRODID", "METHOD", "BEGIN", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP"),
            "ORGANIZER;CN=Muster",
            *("UID", "SEQUENCE", "STATUS", "DESCRIPTION", "END", "END"),
        ]
    )


@pytest.mark.parametrize("text", [*HOSTILE, "🔥" * 500, "x" * 3000, "é" * 100])
def test_no_line_is_longer_than_every_program_reads(text: str) -> None:
    content = meeting_file(plan_of(one_line(text), storable(text)), SLOT)
    assert max(len(line.encode()) for line in content.split("\r\n")) <= 75


def test_the_same_event_at_another_time_has_its_uid_and_a_higher_number() -> None:
    events = [
        read(meeting_file(plan_of("x", "y", sequence=number), Slot(start, start + timedelta(minutes=30))))[1]
        for number, start in ((1, TEN), (2, TEN + timedelta(days=1)))
    ]
    assert [text_of(each, "UID") for each in events] == ["0a1b2c@muster"] * 2
    assert [each["SEQUENCE"] for each in events] == [1, 2]
    assert events[1].start == TEN + timedelta(days=1)


def test_a_cancelled_meeting_is_removed_again() -> None:
    plan = plan_of("x", "y", sequence=2)
    found, event = read(meeting_file(plan, SLOT, is_cancelled=True))
    assert (found["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)
    assert text_of(event, "UID") == text_of(read(meeting_file(plan, SLOT))[1], "UID")


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_private_incidents_file_says_only_that_it_is_private(is_cancelled: bool) -> None:
    plan = plan_of("Layoffs", "Layoffs")
    hidden = replace(plan, incident=replace(plan.incident, is_private=True))
    content = meeting_file(hidden, SLOT, is_cancelled=is_cancelled)
    _, event = read(content)
    assert text_of(event, "SUMMARY") == "Private incident"
    assert not any(secret in content for secret in ("Layoffs", "INC-12", "archives", "DESCRIPTION"))


def test_every_state_of_a_meeting_has_its_own_file() -> None:
    assert file_name("INC-12", meeting(sequence=2)) == "INC-12-postmortem-meeting-3-2.ics"
    names = {file_name("INC-12", meeting(id=n, sequence=m)) for n in (3, 32) for m in (2, 22)}
    assert len(names) == 4

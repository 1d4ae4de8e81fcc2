"""An event as it should be and the one that Google has: what is kept, and when nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.effects.google.events import is_like, merged

Json = dict[str, Any]

WANTED: Json = {
    "summary": "Postmortem",
    "description": "",
    "start": {"dateTime": "2026-12-01T10:00:00+00:00"},
    "end": {"dateTime": "2026-12-01T10:30:00+00:00"},
    "transparency": "opaque",
    "attendees": [
        {"email": "ana@acme.example", "displayName": "ana", "optional": False},
        {"email": "ben@acme.example", "displayName": "ben", "optional": True},
    ],
}
FOUND: Json = {
    "id": "one",
    "etag": '"7"',
    "sequence": 3,
    "status": "confirmed",
    "summary": "Postmortem",
    # As Google writes it: in the calendar's own time zone, and without default values.
    "start": {"dateTime": "2026-12-01T11:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-12-01T11:30:00+01:00", "timeZone": "Europe/Berlin"},
    "attendees": [
        {"email": "Ana@acme.example", "responseStatus": "accepted", "comment": "gladly"},
        {"email": "ben@acme.example", "responseStatus": "declined", "optional": True},
        {"email": "guest@other.example", "responseStatus": "needsAction"},
    ],
}
INVITED = ("ana@acme.example", "ben@acme.example")


def guests(event: Json) -> list[tuple[str, str | None]]:
    return [(each["email"], each.get("responseStatus")) for each in event["attendees"]]


def test_answers_and_guests_that_people_added_stay() -> None:
    both = merged(WANTED, FOUND, INVITED)
    assert guests(both) == [
        ("Ana@acme.example", "accepted"),
        ("ben@acme.example", "declined"),
        ("guest@other.example", "needsAction"),
    ]
    assert both["attendees"][0]["comment"] == "gladly"
    assert (both["sequence"], both["etag"]) == (3, '"7"')


def test_whoever_was_invited_and_is_not_any_more_goes() -> None:
    less = {**WANTED, "attendees": WANTED["attendees"][1:]}
    assert guests(merged(less, FOUND, INVITED)) == [
        ("ben@acme.example", "declined"),
        ("guest@other.example", "needsAction"),
    ]
    assert guests(merged(less, FOUND, None)) == [("ben@acme.example", "declined")]


def test_whoever_is_new_is_invited_and_who_has_to_come_is_said_anew() -> None:
    new = [{"email": "chen@acme.example"}, {"email": "ben@acme.example", "optional": False}]
    both = merged({**WANTED, "attendees": new}, FOUND, INVITED)
    assert guests(both) == [
        ("ben@acme.example", "declined"),
        ("guest@other.example", "needsAction"),
        ("chen@acme.example", None),
    ]
    assert both["attendees"][0]["optional"] is False


def test_an_event_of_a_day_that_somebody_made_one_of_an_hour_is_one_of_a_day_again() -> None:
    day = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    assert merged({**WANTED, **day}, FOUND, None)["start"] == {"date": "2026-12-01"}


def test_a_call_that_is_set_up_stays_and_a_cancelled_event_is_there_again() -> None:
    call = {"conferenceId": "abc-defg-hij"}
    asked = {**WANTED, "conferenceData": {"createRequest": {"requestId": "one"}}}
    both = merged(asked, {**FOUND, "status": "cancelled", "conferenceData": call}, None)
    assert (both["conferenceData"], both["status"]) == (call, "confirmed")
    assert merged(asked, FOUND, None)["conferenceData"] == asked["conferenceData"]


def test_however_google_writes_it_it_is_alike() -> None:
    assert is_like(FOUND, merged(WANTED, FOUND, INVITED))


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Another"},
        {"description": "Why"},
        {"start": {"dateTime": "2026-12-01T10:15:00+00:00"}},
        {"end": {"date": "2026-12-01"}},
        {"transparency": "transparent"},
        {"visibility": "private"},
        {"attendees": [{"email": "chen@acme.example"}]},
        {"attendees": [{**each, "optional": True} for each in WANTED["attendees"]]},
        {"conferenceData": {"createRequest": {"requestId": "one"}}},
    ],
)
def test_whatever_differs_is_sent(change: Json) -> None:
    assert not is_like(FOUND, merged({**WANTED, **change}, FOUND, INVITED))


def test_what_was_cancelled_is_not_alike() -> None:
    gone = {**FOUND, "status": "cancelled"}
    assert not is_like(gone, merged(WANTED, gone, INVITED))

"""An event as it should be and the one that Google has: what is kept, and when nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.kit.bookings import is_whole_day
from bot.effects.google.events import is_like, merged, news_of

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


def test_guests_who_are_no_longer_invited_are_removed() -> None:
    less = {**WANTED, "attendees": WANTED["attendees"][1:]}
    assert guests(merged(less, FOUND, INVITED)) == [
        ("ben@acme.example", "declined"),
        ("guest@other.example", "needsAction"),
    ]
    assert guests(merged(less, FOUND, None)) == [("ben@acme.example", "declined")]


def test_new_guests_are_invited_and_who_is_required_is_updated() -> None:
    new = [{"email": "chen@acme.example"}, {"email": "ben@acme.example", "optional": False}]
    both = merged({**WANTED, "attendees": new}, FOUND, INVITED)
    assert guests(both) == [
        ("ben@acme.example", "declined"),
        ("guest@other.example", "needsAction"),
        ("chen@acme.example", None),
    ]
    assert both["attendees"][0]["optional"] is False


def test_an_all_day_event_that_somebody_shortened_is_all_day_again() -> None:
    day = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    assert merged({**WANTED, **day}, FOUND, None)["start"] == {"date": "2026-12-01"}


def test_an_existing_video_call_stays_and_a_cancelled_event_is_restored() -> None:
    call = {"conferenceId": "abc-defg-hij"}
    asked = {**WANTED, "conferenceData": {"createRequest": {"requestId": "one"}}}
    both = merged(asked, {**FOUND, "status": "cancelled", "conferenceData": call}, None)
    assert (both["conferenceData"], both["status"]) == (call, "confirmed")


def test_a_video_call_is_requested_under_another_id_for_each_event_that_lacks_it() -> None:
    """Google ignores an id that was used before, so a repeated attempt must use the same one, no other."""
    asked = {**WANTED, "conferenceData": {"createRequest": {"requestId": "one", "x": 1}}}

    def request_id(found: Json) -> str:
        request = merged(asked, found, None)["conferenceData"]["createRequest"]
        assert request["x"] == 1
        return str(request["requestId"])

    gone = {**FOUND, "status": "cancelled", "etag": '"8"'}
    names = [request_id(each) for each in (FOUND, gone, {**gone, "etag": '"9"'}, {"id": "one"}, gone)]
    assert len({"one", *names[:4]}) == 5
    assert names[4] == names[1]


def test_an_event_equals_itself_however_google_writes_it() -> None:
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


def test_a_cancelled_event_is_not_equal() -> None:
    gone = {**FOUND, "status": "cancelled"}
    assert not is_like(gone, merged(WANTED, gone, INVITED))


def test_an_all_day_event_is_read_as_the_midnights_around_its_days() -> None:
    day = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    news = news_of({**FOUND, "id": "one", **day})
    assert news.start and news.end and is_whole_day(news.start, news.end)
    assert news.start.isoformat() == "2026-12-01T00:00:00+00:00"
    timed = news_of({**FOUND, "id": "one"})
    assert timed.start and timed.end and not is_whole_day(timed.start, timed.end)

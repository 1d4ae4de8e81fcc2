"""Events in the sandbox's calendars, through Google's own client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.google.schema import check_body
from sandbox.server import Sandbox
from tests.sandbox.google import TEAM, Clients, event, refused
from tests.support.people import Workspace

ID = "0123456789abcdefghijklmnopqrstuv"
CONFERENCE = {"createRequest": {"requestId": "one", "conferenceSolutionKey": {"type": "hangoutsMeet"}}}


@pytest.fixture
def quiet(start: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox in which everybody's calendar is empty."""
    return start(busy=False)


@pytest.fixture
def events(google: Clients, quiet: Sandbox, tmp_path: Path) -> Any:
    return google.user(quiet, tmp_path).events()


@pytest.fixture
def people(quiet: Sandbox) -> Workspace:
    return Workspace(quiet.url)


def insert(events: Any, calendar: str = TEAM, **values: Any) -> dict[str, Any]:
    made = events.insert(
        calendarId=calendar, sendUpdates="all", conferenceDataVersion=1, body=event(**values)
    ).execute()
    return dict(made)


def get(events: Any, event_id: str, calendar: str = TEAM) -> dict[str, Any]:
    return dict(events.get(calendarId=calendar, eventId=event_id).execute())


def invited(*names: str) -> list[dict[str, str]]:
    return [{"email": f"{name}@acme.example"} for name in names]


def test_an_event_exists_once_under_the_clients_own_id(events: Any) -> None:
    made = insert(events, id=ID)
    assert (made["id"], made["status"], made["sequence"]) == (ID, "confirmed", 0)
    with refused(409, "duplicate"):
        insert(events, id=ID)
    assert get(events, ID) == made
    check_body("Event", made)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"id": "UPPER"}, "invalid"),
        ({"id": "0123"}, "invalid"),
        ({"sumary": "a typing error"}, "parseError"),
        ({"start": {"dateTime": "2026-12-01T11:00:00+00:00"}}, "timeRangeEmpty"),
        ({"start": {"date": "2026-12-01"}}, "invalid"),
        ({"start": {"dateTime": "2026-12-01T09:00:00"}}, "required"),
        ({"start": {"dateTime": "next tuesday"}}, "parseError"),
        ({"start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Mars"}}, "invalid"),
        ({"start": None}, "required"),
        ({"attendees": invited("ana", "ana")}, "invalid"),
        ({"attendees": [{"displayName": "Ana"}]}, "invalid"),
        ({"conferenceData": {"createRequest": {"requestId": "1"}}}, "invalid"),
    ],
)
def test_requests_that_google_would_refuse_are_refused(
    events: Any, values: dict[str, Any], reason: str
) -> None:
    with refused(400, reason):
        insert(events, **values)


def test_whether_to_notify_people_has_to_be_given(events: Any) -> None:
    with refused(400, "required"):
        events.insert(calendarId=TEAM, body=event(attendees=invited("ana"))).execute()


def test_guests_have_the_event_in_their_own_calendars_and_get_mail(events: Any, people: Workspace) -> None:
    made = insert(events, attendees=invited("ana", "ben"))
    for name in ("ana", "ben"):
        assert [each["id"] for each in people.get(f"calendar/{name}")["events"]] == [made["id"]]
    assert people.get("calendar/chen")["events"] == []
    events.patch(
        calendarId=TEAM, eventId=made["id"], sendUpdates="all", body={"attendees": invited("ana")}
    ).execute()
    events.delete(calendarId=TEAM, eventId=made["id"], sendUpdates="none").execute()
    mails = [(each["to"][:3], each["kind"]) for each in people.get("calendar-mails")["mails"]]
    assert mails == [
        ("ana", "invitation"),
        ("ben", "invitation"),
        ("ben", "cancellation"),
        ("ana", "update"),
    ]


def test_a_deleted_event_is_gone_and_can_be_restored(events: Any) -> None:
    insert(events, id=ID)
    events.delete(calendarId=TEAM, eventId=ID, sendUpdates="none").execute()
    with refused(410, "deleted"):
        events.delete(calendarId=TEAM, eventId=ID, sendUpdates="none").execute()
    assert get(events, ID)["status"] == "cancelled"
    with refused(409, "duplicate"):
        insert(events, id=ID)
    with refused(404, "notFound"):
        events.patch(calendarId=TEAM, eventId=ID, sendUpdates="none", body={"summary": "x"}).execute()
    body = event(status="confirmed")
    events.update(calendarId=TEAM, eventId=ID, sendUpdates="none", body=body).execute()
    assert get(events, ID)["status"] == "confirmed"


def test_a_patch_leaves_other_fields_alone_and_counts_moves(events: Any) -> None:
    made = insert(events, description="Agenda", attendees=invited("ana"))
    later = {"start": {"dateTime": "2026-12-01T12:00:00Z"}, "end": {"dateTime": "2026-12-01T13:00:00Z"}}
    moved = events.patch(calendarId=TEAM, eventId=made["id"], sendUpdates="all", body=later).execute()
    assert (moved["description"], moved["sequence"]) == ("Agenda", 1)
    assert moved["etag"] != made["etag"]


def test_a_patch_merges_nested_fields(events: Any) -> None:
    insert(events, id=ID)
    target = {"calendarId": TEAM, "eventId": ID, "sendUpdates": "none"}
    day = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
    with refused(400, "invalid"):
        events.patch(**target, body=day).execute()
    whole = {name: {**each, "dateTime": None} for name, each in day.items()}
    assert events.patch(**target, body=whole).execute()["start"] == {"date": "2026-12-01"}


def test_an_update_replaces_everything_and_counts_moves(events: Any) -> None:
    made = insert(events, id=ID, conferenceData=CONFERENCE)
    later = {"start": {"dateTime": "2026-12-02T10:00:00Z"}, "end": {"dateTime": "2026-12-02T11:00:00Z"}}
    target = {"calendarId": TEAM, "eventId": ID, "sendUpdates": "none", "conferenceDataVersion": 1}
    moved = events.update(**target, body={**made, **later}).execute()
    assert (moved["sequence"], moved["hangoutLink"]) == (1, made["hangoutLink"])
    with refused(400, "invalid"):
        events.update(**target, body={**event(), "sequence": 0}).execute()
    plain = events.update(**target, body={**event(), "sequence": 1}).execute()
    assert "hangoutLink" not in plain and "conferenceData" not in plain


def test_an_update_of_an_event_that_has_changed_meanwhile_is_refused(events: Any) -> None:
    made = insert(events, id=ID)
    target = {"calendarId": TEAM, "eventId": ID, "sendUpdates": "none"}
    for etag, is_taken in ((made["etag"], True), (made["etag"], False), ("*", True)):
        request = events.update(**target, body={**event(summary="New"), "sequence": made["sequence"]})
        request.headers["If-Match"] = etag
        if is_taken:
            request.execute()
        else:
            with refused(412, "conditionNotMet"):
                request.execute()


def test_only_its_own_calendar_reports_a_deleted_event(events: Any) -> None:
    insert(events, id=ID, attendees=invited("ana"))
    events.delete(calendarId=TEAM, eventId=ID, sendUpdates="none").execute()
    assert get(events, ID)["summary"] == "Postmortem"
    assert get(events, ID)["status"] == "cancelled"


def conference(request_id: str) -> dict[str, Any]:
    return {"createRequest": {**CONFERENCE["createRequest"], "requestId": request_id}}


def test_a_request_for_a_video_call_works_once(events: Any) -> None:
    made = insert(events, conferenceData=CONFERENCE)
    assert made["hangoutLink"] == made["conferenceData"]["entryPoints"][0]["uri"]
    assert "hangoutLink" not in insert(events, conferenceData=CONFERENCE)
    assert insert(events, conferenceData=conference("two"))["hangoutLink"] != made["hangoutLink"]
    body = event(conferenceData=conference("three"))
    assert "hangoutLink" not in events.insert(calendarId=TEAM, sendUpdates="none", body=body).execute()


def test_a_deleted_event_has_lost_its_video_call_and_gets_another_one_under_another_id(events: Any) -> None:
    made = insert(events, id=ID, conferenceData=CONFERENCE)
    events.delete(calendarId=TEAM, eventId=ID, sendUpdates="none").execute()
    assert "hangoutLink" not in get(events, ID) and "conferenceData" not in get(events, ID)
    target = {"calendarId": TEAM, "eventId": ID, "sendUpdates": "all", "conferenceDataVersion": 1}
    again = events.update(**target, body=event(conferenceData=CONFERENCE)).execute()
    assert (again["status"], "hangoutLink" in again) == ("confirmed", False)
    again = events.update(**target, body=event(conferenceData=conference("two"))).execute()
    assert again["hangoutLink"] != made["hangoutLink"]


def on(people: Workspace, name: str) -> list[str]:
    """The ids of what somebody's calendar shows."""
    return [each["id"] for each in people.get(f"calendar/{name}")["events"]]


@pytest.mark.parametrize(
    ("added", "send", "response", "is_shown"),
    [
        ("known", "all", "needsAction", True),
        ("known", "externalOnly", "needsAction", True),
        ("known", "none", "needsAction", False),
        ("known", "all", "accepted", False),
        ("everyone", "externalOnly", "needsAction", True),
        ("everyone", "all", "accepted", True),
        ("everyone", "none", "accepted", False),
        ("email", "all", "needsAction", False),
        ("email", "all", "accepted", False),
    ],
)
def test_a_guests_setting_the_mail_and_the_answer_decide_whether_they_see_an_event(
    events: Any, people: Workspace, added: str, send: str, response: str, is_shown: bool
) -> None:
    people.post("calendar-invitations", user="ana", added=added)
    guest = {"email": "ana@acme.example", "responseStatus": response}
    made = events.insert(calendarId=TEAM, sendUpdates=send, body=event(attendees=[guest])).execute()
    assert (made["id"] in on(people, "ana")) is is_shown
    assert made["attendees"][0]["responseStatus"] == (response if is_shown else "needsAction")


def test_a_guest_who_was_mailed_can_answer_and_then_sees_the_event(events: Any, people: Workspace) -> None:
    people.post("calendar-invitations", user="ana", added="email")
    mailed, quiet = (
        events.insert(calendarId=TEAM, sendUpdates=send, body=event(attendees=invited("ana"))).execute()
        for send in ("all", "externalOnly")
    )
    people.post("calendar-respond", user="ana", event=mailed["id"], response="accepted")
    with pytest.raises(AssertionError):
        people.post("calendar-respond", user="ana", event=quiet["id"], response="accepted")
    assert on(people, "ana") == [mailed["id"]]
    body = {**get(events, mailed["id"]), "summary": "Later"}
    events.update(calendarId=TEAM, eventId=mailed["id"], sendUpdates="externalOnly", body=body).execute()
    assert on(people, "ana") == [mailed["id"]]


def test_a_video_call_may_take_a_while(events: Any, people: Workspace) -> None:
    people.faults({"google": "events.insert", "effect": "conference_pending"})
    made = insert(events, conferenceData=CONFERENCE)
    assert "hangoutLink" not in made
    assert "hangoutLink" in get(events, made["id"])


def test_a_video_call_may_fail_and_be_requested_again_under_another_id(
    events: Any, people: Workspace
) -> None:
    people.faults({"google": "events.insert", "effect": "conference_failed"})
    made = insert(events, conferenceData=CONFERENCE)
    found = get(events, made["id"])
    assert found["conferenceData"]["createRequest"]["status"] == {"statusCode": "failure"}
    assert "hangoutLink" not in found
    request = {**CONFERENCE["createRequest"], "requestId": "another"}
    again = {**found, "conferenceData": {"createRequest": request}}
    change = {"calendarId": TEAM, "eventId": made["id"], "conferenceDataVersion": 1}
    assert "hangoutLink" in events.update(**change, body=again).execute()


def test_changes_are_read_from_the_last_sync_on(events: Any, people: Workspace) -> None:
    made, gone = insert(events, attendees=invited("ana")), insert(events)
    first = events.list(calendarId=TEAM, maxResults=1).execute()
    assert "nextSyncToken" not in first
    last = events.list(calendarId=TEAM, maxResults=1, pageToken=first["nextPageToken"]).execute()
    assert len(first["items"]) == len(last["items"]) == 1
    token = last["nextSyncToken"]
    people.post("calendar-respond", user="ana", event=made["id"], response="declined")
    people.post("calendar-delete", calendar=TEAM, event=gone["id"])
    news = events.list(calendarId=TEAM, syncToken=token).execute()
    check_body("Events", news)
    assert [(each["id"], each["status"]) for each in news["items"]] == [
        (made["id"], "confirmed"),
        (gone["id"], "cancelled"),
    ]
    assert news["items"][0]["attendees"][0]["responseStatus"] == "declined"
    with refused(400, "invalid"):
        events.list(calendarId=TEAM, syncToken=token, timeMin="2026-12-01T00:00:00Z").execute()
    people.post("google-forget-sync")
    with refused(410, "fullSyncRequired"):
        events.list(calendarId=TEAM, syncToken=token).execute()


def test_a_list_covers_a_time_span_and_is_in_order(events: Any) -> None:
    late = insert(events, start={"date": "2026-12-03"}, end={"date": "2026-12-04"})
    early = insert(events)
    options = {"calendarId": TEAM, "singleEvents": True, "orderBy": "startTime"}
    found = events.list(**options).execute()["items"]
    assert [each["id"] for each in found] == [early["id"], late["id"]]
    found = events.list(**options, timeMin="2026-12-02T00:00:00Z").execute()["items"]
    assert [each["id"] for each in found] == [late["id"]]
    with refused(400, "invalid"):
        events.list(calendarId=TEAM, orderBy="startTime").execute()


def test_people_change_their_calendars_as_in_google(events: Any, people: Workspace) -> None:
    made = insert(events, attendees=invited("ana"))
    times = {"start": "2026-12-02T10:00:00+00:00", "end": "2026-12-02T11:00:00+00:00"}
    people.post("calendar-change", calendar=TEAM, event=made["id"], summary="Later", **times)
    changed = get(events, made["id"])
    assert (changed["summary"], changed["start"]["dateTime"]) == ("Later", times["start"])
    for wrong in ({"calendar": "nobody"}, {"event": "0000000"}):
        with pytest.raises(AssertionError):
            people.post("calendar-change", **{"calendar": TEAM, "event": made["id"], **wrong})
    with pytest.raises(AssertionError):
        people.post("calendar-respond", user="ben", event=made["id"], response="accepted")

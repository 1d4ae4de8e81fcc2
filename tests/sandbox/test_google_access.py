"""Who may do what with the sandbox's calendars, when people are busy, and what fails on demand."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from google.auth.exceptions import RefreshError
from googleapiclient.errors import HttpError

from sandbox.google.access import SCOPES
from sandbox.google.schema import check_body, methods
from sandbox.server import Sandbox
from tests.sandbox.google import TEAM, Clients, event, refused
from tests.support.people import Workspace

WIDE = "https://www.googleapis.com/auth/calendar"
DAY = ("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")


@pytest.fixture
def quiet(start: Callable[..., Sandbox]) -> Sandbox:
    return start(busy=False)


@pytest.fixture
def people(quiet: Sandbox) -> Workspace:
    return Workspace(quiet.url)


def busy(api: Any, *calendars: str, day: tuple[str, str] = DAY) -> dict[str, Any]:
    body = {"timeMin": day[0], "timeMax": day[1], "items": [{"id": each} for each in calendars]}
    answer = api.freebusy().query(body=body).execute()
    check_body("FreeBusyResponse", answer)
    return dict(answer["calendars"])


def spans(found: dict[str, Any]) -> list[str]:
    return [f"{each['start'][11:16]}-{each['end'][11:16]}" for each in found["busy"]]


def add(people: Workspace, first: str, last: str, **more: Any) -> str:
    start, end = (f"2026-12-01T{each}:00+00:00" for each in (first, last))
    return str(people.post("calendar-event", calendar="ben", summary="x", start=start, end=end, **more)["id"])


def test_busy_times_are_merged_and_free_or_declined_events_are_not_busy(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    api = google.user(quiet, tmp_path)
    add(people, "10:00", "11:00")
    add(people, "10:30", "12:00")
    add(people, "14:00", "15:00", transparency="transparent")
    refusal = add(people, "16:00", "17:00", attendees=["ana"])
    assert spans(busy(api, "ben@acme.example")["ben@acme.example"]) == ["10:00-12:00", "16:00-17:00"]
    assert spans(busy(api, "ana@acme.example")["ana@acme.example"]) == ["16:00-17:00"]
    people.post("calendar-respond", user="ana", event=refusal, response="declined")
    assert spans(busy(api, "ana@acme.example")["ana@acme.example"]) == []


def test_an_all_day_event_is_a_day_in_its_owners_time_zone(
    google: Clients, quiet: Sandbox, tmp_path: Path
) -> None:
    api = google.user(quiet, tmp_path)
    whole = event(
        start={"date": "2026-12-01"}, end={"date": "2026-12-02"}, attendees=[{"email": "emi@acme.example"}]
    )
    api.events().insert(calendarId=TEAM, sendUpdates="all", body=whole).execute()
    # Midnight in Tokyo is 15:00 UTC on the previous day.
    assert spans(busy(api, "emi@acme.example")["emi@acme.example"]) == ["00:00-15:00"]


def test_each_calendar_that_cannot_be_read_has_its_own_error(
    google: Clients, quiet: Sandbox, tmp_path: Path
) -> None:
    found = busy(google.user(quiet, tmp_path), "ben@acme.example", "eve@other.example")
    assert "errors" not in found["ben@acme.example"]
    assert found["eve@other.example"]["errors"][0]["reason"] == "notFound"


def test_at_most_fifty_calendars_can_be_queried_at_once(
    google: Clients, quiet: Sandbox, tmp_path: Path
) -> None:
    api = google.user(quiet, tmp_path)
    names = [f"u{number}@other.example" for number in range(51)]
    assert len(busy(api, *names[:50])) == 50
    with refused(400, "tooManyCalendarsRequested"):
        busy(api, *names)
    for day, reason in (
        ((DAY[1], DAY[0]), "timeRangeEmpty"),
        ((DAY[0], "2027-12-01T00:00:00Z"), "timeRangeTooLong"),
    ):
        with refused(400, reason):
            busy(api, "ben@acme.example", day=day)


def test_everybodys_calendar_has_events_by_default(sandbox: Sandbox, tmp_path: Path) -> None:
    events = Workspace(sandbox.url).get("calendar/ben")["events"]
    assert len(events) > 20
    assert Workspace(sandbox.url).get("calendar/gus")["events"] == []


def test_a_service_account_alone_invites_nobody_and_sees_nobody(
    google: Clients, quiet: Sandbox, tmp_path: Path
) -> None:
    api = google.service(quiet, tmp_path)
    guests = event(attendees=[{"email": "ana@acme.example"}])
    with refused(403, "forbiddenForServiceAccounts"):
        api.events().insert(calendarId=TEAM, sendUpdates="all", body=guests).execute()
    request = {"requestId": "1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    call = event(conferenceData={"createRequest": request})
    with refused(400, "invalid"):
        api.events().insert(calendarId=TEAM, conferenceDataVersion=1, body=call).execute()
    assert busy(api, "ana@acme.example")["ana@acme.example"]["errors"]
    with refused(404, "notFound"):
        api.events().insert(calendarId="ana@acme.example", body=event()).execute()
    Workspace(quiet.url).post(
        "calendar-share", calendar="ana", email="muster@sandbox.iam.gserviceaccount.example", role="writer"
    )
    assert api.events().insert(calendarId="ana@acme.example", body=event()).execute()["id"]


def test_a_service_account_that_acts_for_somebody_can_invite(
    google: Clients, quiet: Sandbox, tmp_path: Path
) -> None:
    api = google.service(quiet, tmp_path, "ana@acme.example")
    guests = event(attendees=[{"email": "ben@acme.example"}])
    made = api.events().insert(calendarId="primary", sendUpdates="all", body=guests).execute()
    assert made["organizer"]["email"] == "ana@acme.example"
    with pytest.raises(RefreshError):
        busy(google.service(quiet, tmp_path, "nobody@acme.example"), "ana@acme.example")


def test_other_peoples_calendars_are_out_of_reach(google: Clients, quiet: Sandbox, tmp_path: Path) -> None:
    api = google.user(quiet, tmp_path)
    with refused(403, "requiredAccessLevel"):
        api.events().insert(calendarId="ana@acme.example", body=event()).execute()
    with refused(404, "notFound"):
        api.events().list(calendarId="no-such@acme.example").execute()


def test_tokens_expire_are_renewed_and_can_be_revoked(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    api = google.user(quiet, tmp_path)
    busy(api, "ana@acme.example")
    people.post("google-expire")
    busy(api, "ana@acme.example")
    people.post("google-revoke")
    with pytest.raises(RefreshError, match="invalid_grant"):
        busy(api, "ana@acme.example")


def test_a_token_is_good_for_the_methods_that_its_scopes_cover(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    api = google.user(quiet, tmp_path)
    busy(api, "ana@acme.example")
    with pytest.raises(HttpError) as refusal:
        api.calendars().get(calendarId=TEAM).execute()
    # As in https://github.com/analogdotnow/Analog/issues/296
    assert (refusal.value.resp.status, json.loads(refusal.value.content)["error"]) == (
        403,
        {
            "code": 403,
            "message": "Request had insufficient authentication scopes.",
            "errors": [
                {
                    "message": "Insufficient Permission",
                    "domain": "global",
                    "reason": "insufficientPermissions",
                }
            ],
            "status": "PERMISSION_DENIED",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                    "metadata": {
                        "service": "calendar-json.googleapis.com",
                        "method": "calendar.v3.Calendars.Get",
                    },
                }
            ],
        },
    )
    people.post("google-grant", scopes=SCOPES[:1])
    with refused(403, "insufficientPermissions"):
        busy(api, "ana@acme.example")
    people.post("google-grant", scopes=[WIDE])
    assert api.calendars().get(calendarId=TEAM).execute()["summary"] == "Incidents"


def test_a_refresh_gets_the_scopes_that_were_granted_or_fewer_but_no_others(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    info = json.loads(quiet.google_token_file(tmp_path / "token.json").read_text())
    names = ("refresh_token", "client_id", "client_secret")
    form = {"grant_type": "refresh_token", **{name: info[name] for name in names}}
    http = google.bare()
    for scopes, status, said in (
        ([], 200, " ".join(SCOPES)),
        (SCOPES[1:], 200, SCOPES[1]),
        ([WIDE], 400, "invalid_scope"),
        (["https://www.googleapis.com/auth/no.such"], 400, "invalid_scope"),
    ):
        body = urlencode({**form, **({"scope": " ".join(scopes)} if scopes else {})})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, content = http.request(info["token_uri"], "POST", body, kind)
        told = json.loads(content)
        assert (answer.status, told.get("scope") or told["error"]) == (status, said)


def test_a_delegation_covers_scopes_to_the_letter_and_all_of_them_or_none(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    for granted in ([WIDE], SCOPES[:1]):
        people.post("google-grant", scopes=granted)
        with pytest.raises(RefreshError, match="unauthorized_client"):
            busy(google.service(quiet, tmp_path, "ana@acme.example"), "ana@acme.example")
    people.post("google-grant", scopes=SCOPES)
    busy(google.service(quiet, tmp_path, "ana@acme.example"), "ana@acme.example")


def test_without_a_token_nothing_is_revealed(google: Clients, quiet: Sandbox) -> None:
    http = google.bare()
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401)):
        answer, _ = http.request(f"{quiet.google_url}calendars/{TEAM}", headers=headers)
        assert answer.status == status
    answer, _ = http.request(f"{quiet.google_url}no/such/thing")
    assert answer.status == 404


def test_unknown_parameters_are_refused(google: Clients, quiet: Sandbox, tmp_path: Path) -> None:
    http = google.user(quiet, tmp_path)._http
    for query in ("sendUpdate=all", "maxResults=many", "singleEvents=yes", "timeMin=today"):
        answer, content = http.request(f"{quiet.google_url}calendars/{TEAM}/events?{query}")
        assert (answer.status, json.loads(content)["error"]["errors"][0]["reason"]) == (
            400,
            "invalidParameter",
        )


def test_every_method_of_the_document_is_known() -> None:
    assert {"events.insert", "events.list", "freebusy.query", "calendars.get"} <= {
        each.name for each in methods()
    }


@pytest.mark.parametrize(
    ("effect", "status", "reason"),
    [
        ("429", 429, "rateLimitExceeded"),
        ("500", 500, "backendError"),
        ("error:403:quotaExceeded", 403, "quotaExceeded"),
        ("error:410:fullSyncRequired", 410, "fullSyncRequired"),
    ],
)
def test_faults_strike_as_often_as_they_should(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path, effect: str, status: int, reason: str
) -> None:
    api = google.user(quiet, tmp_path)
    people.faults({"google": "freebusy.query", "effect": effect, "times": 1})
    with refused(status, reason):
        busy(api, "ana@acme.example")
    busy(api, "ana@acme.example")


def test_a_call_may_be_applied_without_an_answer(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    api = google.user(quiet, tmp_path)
    people.faults({"google": "events.insert", "effect": "reset_after", "times": 1})
    # After a reset the client may retry by itself, and then learns that the event already exists.
    with contextlib.suppress(ConnectionError, HttpError):
        api.events().insert(calendarId=TEAM, body=event(id="abcde")).execute()
    assert api.events().get(calendarId=TEAM, eventId="abcde").execute()["status"] == "confirmed"


def test_one_calendar_of_a_query_may_fail(
    google: Clients, quiet: Sandbox, people: Workspace, tmp_path: Path
) -> None:
    fault = {
        "google": "freebusy.query",
        "effect": "calendar_error:internalError",
        "calendar": "ben@acme.example",
    }
    people.faults(fault)
    found = busy(google.user(quiet, tmp_path), "ana@acme.example", "ben@acme.example")
    assert "errors" not in found["ana@acme.example"]
    assert found["ben@acme.example"]["errors"][0]["reason"] == "internalError"


def test_files_with_secrets_are_readable_only_by_their_owner(quiet: Sandbox, tmp_path: Path) -> None:
    for path in (quiet.google_token_file(tmp_path / "t"), quiet.google_service_account_file(tmp_path / "k")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_calendars_and_secrets_outlive_the_process(
    google: Clients, start: Callable[..., Sandbox], tmp_path: Path
) -> None:
    first = start(data_dir=tmp_path / "data", busy=False)
    api = google.user(first, tmp_path)
    api.events().insert(calendarId=TEAM, body=event(id="abcde")).execute()
    told = (tmp_path / "token.json").read_text()
    assert first._saver
    first._saver.save()
    second = start(data_dir=tmp_path / "data")
    again = google.user(second, tmp_path)
    assert (
        json.loads(told)["refresh_token"]
        == json.loads((tmp_path / "token.json").read_text())["refresh_token"]
    )
    assert again.events().get(calendarId=TEAM, eventId="abcde").execute()["status"] == "confirmed"

"""What Google's refusals say about retrying, and how many calls it takes to ask about people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth.exceptions as auth
import httplib2
import pytest
from google.auth.credentials import AnonymousCredentials, Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from bot.domain.calendar.slots import Interval
from bot.domain.outbox.retry import Failure, FailureKind
from bot.effects.failures import CallFailed
from bot.effects.google.client import GoogleClient
from bot.effects.google.credentials import CredentialsUnusable
from bot.effects.google.failures import from_auth, from_google
from bot.network import Network
from tests.support.examples import NOW

Json = dict[str, Any]
SOON, LATER = NOW + timedelta(seconds=10), NOW + timedelta(minutes=15)


def told(reason: object) -> bytes:
    """An error in Google's own format."""
    error = {
        "code": 400,
        "message": "Ana's secret",
        "errors": [{"reason": reason, "message": "Ana's secret"}],
    }
    return json.dumps({"error": error}).encode()


def failure_of(status: int, content: bytes, headers: Mapping[str, str] | None = None) -> Failure:
    response = httplib2.Response({"status": str(status), **(headers or {})})
    return from_google(HttpError(response, content), NOW)


def not_yet(code: str, at: datetime) -> Failure:
    return Failure(FailureKind.NOT_YET, code, retry_at=at)


def passing(code: str) -> Failure:
    return Failure(FailureKind.PASSING, code, may_be_applied=True)


def final(code: str) -> Failure:
    return Failure(FailureKind.FINAL, code)


@pytest.mark.parametrize(
    ("status", "reason", "failure"),
    [
        (429, "rateLimitExceeded", not_yet("google_rateLimitExceeded", SOON)),
        (429, "somethingNew", not_yet("google_somethingNew", SOON)),
        (403, "rateLimitExceeded", not_yet("google_rateLimitExceeded", SOON)),
        (403, "userRateLimitExceeded", not_yet("google_userRateLimitExceeded", SOON)),
        (403, "quotaExceeded", not_yet("google_quotaExceeded", LATER)),
        (403, "dailyLimitExceeded", not_yet("google_dailyLimitExceeded", LATER)),
        (403, "calendarUsageLimitsExceeded", not_yet("google_calendarUsageLimitsExceeded", LATER)),
        (403, "forbidden", final("google_forbidden")),
        (403, "forbiddenForServiceAccounts", final("google_forbiddenForServiceAccounts")),
        (400, "invalid", final("google_invalid")),
        (401, "authError", final("google_authError")),
        (404, "notFound", final("google_notFound")),
        (409, "duplicate", final("google_duplicate")),
        (410, "deleted", final("google_deleted")),
        (410, "fullSyncRequired", final("google_fullSyncRequired")),
        (412, "conditionNotMet", passing("google_conditionNotMet")),
        (500, "backendError", passing("google_backendError")),
        (503, "backendError", passing("google_backendError")),
    ],
)
def test_a_refusal_is_retried_if_it_may_pass(status: int, reason: str, failure: Failure) -> None:
    assert failure_of(status, told(reason)) == failure


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Ana's secret</html>",
        b"null",
        b"[]",
        b'"error"',
        b"{}",
        b'{"error": "invalid_grant"}',
        b'{"error": {}}',
        b'{"error": {"errors": []}}',
        b'{"error": {"errors": [{}]}}',
        b'{"error": {"errors": ["reason"]}}',
        told(None)[:-1],
        told(""),
        told("Ana's secret"),
        told("ana@acme.example"),
        told("not-found"),
        told("x" * 61),
        told(["notFound"]),
        b"\xff\xfe",
    ],
)
def test_without_a_valid_reason_only_the_status_counts_and_no_text_is_repeated(content: bytes) -> None:
    assert failure_of(404, content) == final("google_http_404")
    assert failure_of(410, content) == final("google_http_410")
    assert failure_of(403, content) == final("google_http_403")
    assert failure_of(502, content) == passing("google_http_502")
    assert failure_of(429, content) == not_yet("google_http_429", SOON)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 10),
        ({"retry-after": "30"}, 30),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "1"}, 1),
        ({"retry-after": "-5"}, 10),
        ({"retry-after": "1.5"}, 10),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 10),
        ({"retry-after": ""}, 10),
    ],
)
@pytest.mark.parametrize(("status", "reason"), [(429, "rateLimitExceeded"), (403, "userRateLimitExceeded")])
def test_google_says_when_to_retry(status: int, reason: str, headers: dict[str, str], seconds: int) -> None:
    expected = not_yet(f"google_{reason}", NOW + timedelta(seconds=seconds))
    assert failure_of(status, told(reason), headers) == expected


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (
            auth.RefreshError(
                "invalid_grant: Token has been expired or revoked.", {"error": "invalid_grant"}
            ),
            final("google_token_revoked"),
        ),
        (auth.RefreshError("unauthorized_client: Ana's secret"), final("google_token_refused")),
        (auth.RefreshError(), final("google_token_refused")),
        (auth.MalformedError("Ana's secret"), final("google_token_refused")),
        (
            auth.RefreshError("internal_failure", retryable=True),
            Failure(FailureKind.PASSING, "google_token_unreachable"),
        ),
        (auth.TransportError("no route"), Failure(FailureKind.PASSING, "google_token_unreachable")),
    ],
)
def test_a_failed_token_renewal_is_retried_if_it_may_pass(
    error: auth.GoogleAuthError, failure: Failure
) -> None:
    assert from_auth(error) == failure


class Wire:
    """Replaces the network: gives these answers, raises those that are exceptions, records requests."""

    def __init__(self, *answers: tuple[int, bytes] | Exception) -> None:
        self._answers = list(answers)
        self.sent: list[Json] = []

    def request(
        self, _uri: str, _method: str, body: str | None = None, **_more: object
    ) -> tuple[httplib2.Response, bytes]:
        self.sent.append(json.loads(body or "{}"))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httplib2.Response({"status": str(answer[0])}), answer[1]

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


class Wired(GoogleClient):
    """The calendar on that network."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(
            AnonymousCredentials, "team@acme.example", "http://x/", lambda: NOW, lambda _: None, Network()
        )
        self._wire = wire

    def _service(self) -> tuple[Any, Credentials]:
        api = build("calendar", "v3", http=self._wire, static_discovery=True, cache_discovery=False)
        return api, AnonymousCredentials()


def free_busy(calendars: Json) -> tuple[int, bytes]:
    return 200, json.dumps({"calendars": calendars}).encode()


def busy(wire: Wire, *addresses: str) -> Mapping[str, tuple[Interval, ...] | None]:
    return Wired(wire).busy(addresses, NOW, NOW + timedelta(days=1))


PEOPLE = [f"u{n}@acme.example" for n in range(51)]
HALF_PAST = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(("count", "groups"), [(0, []), (1, [1]), (50, [50]), (51, [50, 1])])
def test_people_are_queried_in_groups_of_fifty(count: int, groups: list[int]) -> None:
    asked = PEOPLE[:count]
    wire = Wire(*[free_busy({each: {"busy": []} for each in asked})] * len(groups))
    assert busy(wire, *asked) == dict.fromkeys(asked, ())
    assert [len(each["items"]) for each in wire.sent] == groups
    assert [item["id"] for each in wire.sent for item in each["items"]] == asked


def test_a_person_named_twice_is_queried_once() -> None:
    wire = Wire(free_busy({PEOPLE[0]: {}, PEOPLE[1]: {}}))
    assert busy(wire, PEOPLE[0], PEOPLE[1], PEOPLE[0]) == {PEOPLE[0]: (), PEOPLE[1]: ()}
    assert wire.sent == [
        {
            "timeMin": "2026-03-02T09:30:00+00:00",
            "timeMax": "2026-03-03T09:30:00+00:00",
            "items": [{"id": PEOPLE[0]}, {"id": PEOPLE[1]}],
        }
    ]


def test_a_calendar_that_cannot_be_read_is_unknown_and_never_free() -> None:
    times = [{"start": "2026-03-02T09:30:00Z", "end": "2026-03-02T11:30:00+01:00"}]
    answer = {
        "known": {"busy": times},
        "free": {"busy": []},
        "refused": {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []},
    }
    assert busy(Wire(free_busy(answer)), "known", "free", "refused", "left out") == {
        "known": ((NOW, HALF_PAST),),
        "free": (),
        "refused": None,
        "left out": None,
    }
    assert busy(Wire((200, b"{}")), "known") == {"known": None}


def test_if_one_group_fails_nobody_counts_as_free() -> None:
    wire = Wire(free_busy({each: {} for each in PEOPLE}), (503, told("backendError")))
    with pytest.raises(CallFailed) as error:
        busy(wire, *PEOPLE)
    assert error.value.failure == passing("google_backendError")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ((200, b"<html>Welcome to the hotel</html>"), passing("google_not_json")),
        ((200, b"\xff\xfe"), passing("google_not_json")),
        ((429, told("rateLimitExceeded")), not_yet("google_rateLimitExceeded", SOON)),
        ((404, told("notFound")), final("google_notFound")),
        (TimeoutError(), passing("TimeoutError")),
        (ConnectionResetError(), passing("ConnectionResetError")),
        (ConnectionRefusedError(), Failure(FailureKind.PASSING, "connection_refused")),
        (httplib2.ServerNotFoundError("Ana's secret"), passing("ServerNotFoundError")),
        (auth.RefreshError("invalid_grant: revoked"), final("google_token_revoked")),
        (CredentialsUnusable("token.json doesn't exist"), final("google_credentials")),
    ],
)
def test_every_failing_call_is_classified_and_made_once(
    answer: tuple[int, bytes] | Exception, failure: Failure
) -> None:
    wire = Wire(answer)
    with pytest.raises(CallFailed) as error:
        busy(wire, "ana@acme.example")
    assert error.value.failure == failure
    assert len(wire.sent) == 1


class Renewed(Wired):
    """Gets a new token with each call."""

    def __init__(self, wire: Wire, refreshed: Callable[[Credentials], None]) -> None:
        super().__init__(wire)
        self._refreshed = refreshed

    def _service(self) -> tuple[Any, Credentials]:
        api, credentials = super()._service()

        def renewing(request: Any) -> Any:
            credentials.token = "new"
            return request

        return type("Api", (), {"events": lambda _: _Renewing(api.events(), renewing)})(), credentials


class _Renewing:
    def __init__(self, events: Any, renewing: Callable[[Any], Any]) -> None:
        self._events, self._renewing = events, renewing

    def get(self, **about: Any) -> Any:
        return self._renewing(self._events.get(**about))


def test_a_new_token_is_saved_and_failing_to_save_it_is_harmless() -> None:
    kept: list[Credentials] = []
    event = (200, b'{"id": "one"}')

    def refuse(_credentials: Credentials) -> None:
        raise PermissionError("read-only")

    for refreshed in (kept.append, refuse):
        assert Renewed(Wire(event), refreshed).get("one") == {"id": "one"}
    assert [each.token for each in kept] == ["new"]


def test_a_bot_that_is_stopping_begins_no_more_calls() -> None:
    wire = Wire()
    calendar = Wired(wire)
    calendar.stop()
    with pytest.raises(CallFailed) as error:
        calendar.busy(["ana@acme.example"], NOW, LATER)
    assert error.value.failure == not_yet("stopping", NOW)
    assert wire.sent == []

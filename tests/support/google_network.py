"""A network on which Google Calendar gives scripted answers, and every call is recorded."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httplib2
from google.auth.credentials import AnonymousCredentials, Credentials
from googleapiclient.discovery import build

import bot.network
from bot.effects.google.calendar import GoogleCalendar
from bot.effects.google.client import GoogleClient
from tests.support.examples import NOW

Json = dict[str, Any]
Call = tuple[str, str, Json, str]
"""Method, path after the version, query, body."""

TEAM = "team@acme.example"
NO_GUESTS = (403, "forbiddenForServiceAccounts")
MISSING, REFUSED, FINE = (404, "notFound"), (403, "forbidden"), (200, "")


class Network:
    """Gives these answers one after the other, and the last one forever; ``found`` is what exists."""

    def __init__(self, *answers: tuple[int, str], found: Json | None = None) -> None:
        self._answers, self._found = list(answers or (FINE,)), found
        self.calls: list[Call] = []

    def request(
        self, uri: str, method: str, body: str | None = None, **_more: object
    ) -> tuple[httplib2.Response, bytes]:
        url = urlsplit(uri)
        query = {name: value for name, value in parse_qsl(url.query) if name != "alt"}
        self.calls.append((method, url.path.removeprefix("/calendar/v3/calendars/"), query, body or ""))
        if method == "GET" and url.path.endswith("/events"):
            return self._answered(200, "", {"items": [self._found], "nextSyncToken": "t1"})
        if method == "GET":
            return self._answered(200 if self._found else 404, "notFound", self._found)
        status, reason = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if method == "DELETE" and status == 200:
            return httplib2.Response({"status": "204"}), b""
        return self._answered(status, reason, self._found or {"id": "e1"})

    def close(self) -> None:
        """Do nothing; the real network has this method."""

    @staticmethod
    def _answered(status: int, reason: str, fine: Json | None) -> tuple[httplib2.Response, bytes]:
        told = fine if status == 200 else {"error": {"errors": [{"reason": reason}]}}
        return httplib2.Response({"status": str(status)}), json.dumps(told).encode()


_DIRECT = bot.network.Network()


class _Wired(GoogleClient):
    """The client on that network."""

    def __init__(self, network: Network) -> None:
        super().__init__(AnonymousCredentials, TEAM, "http://x/", lambda: NOW, lambda _: None, _DIRECT)
        self._network = network

    def _service(self) -> tuple[Any, Credentials]:
        api = build("calendar", "v3", http=self._network, static_discovery=True, cache_discovery=False)
        return api, AnonymousCredentials()


def wired(network: Network) -> GoogleCalendar:
    """The team's calendar on that network."""
    return GoogleCalendar(_Wired(network), lambda: NOW)

"""Slots for a meeting of 50 people in ten time zones with eight events a day each; and calls to Google."""

from __future__ import annotations

import random
import statistics
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import httplib2
from google.auth.credentials import AnonymousCredentials, Credentials
from googleapiclient.discovery import build

from bot.domain.calendar.meetings import MAX_PEOPLE
from bot.domain.calendar.slots import Attendee, Interval, Search, find_slots
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.settings import ReminderSettings
from bot.effects.google.client import GoogleClient
from bot.network import Network

MONDAY = date(2026, 10, 19)
"""In Berlin and London the clocks change in the second week."""
DAYS, PEOPLE, A_DAY = 14, 50, 8
ZONES = (
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "UTC",
)


def slots() -> float:
    """The median seconds to find the first three slots of half an hour."""
    chance = random.Random(50)  # noqa: S311 - the same calendars in every run
    people = [_person(chance, number) for number in range(PEOPLE)]
    begin = datetime.combine(MONDAY, time(), UTC)
    search = Search(30, begin, begin + timedelta(days=DAYS))
    times = []
    for _ in range(30):
        started = perf_counter()
        found = find_slots(people, search)
        times.append(perf_counter() - started)
        if len(found) != 3:
            raise AssertionError(f"{len(found)} of 3 slots were found")
    return statistics.median(times[5:])


class _Network:
    """Answers that everybody is free, and counts the requests."""

    def __init__(self) -> None:
        self.asked = 0

    def request(self, _uri: str, _method: str, **_more: object) -> tuple[httplib2.Response, bytes]:
        self.asked += 1
        return httplib2.Response({"status": "200"}), b'{"calendars": {}}'

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


class _Calendar(GoogleClient):
    """Google's calendar on that network."""

    def __init__(self, network: _Network) -> None:
        super().__init__(
            AnonymousCredentials, "team", "http://x/", lambda: datetime.now(UTC), lambda _: None, Network()
        )
        self._network = network

    def _service(self) -> tuple[Any, Credentials]:
        api = build("calendar", "v3", http=self._network, static_discovery=True, cache_discovery=False)
        return api, AnonymousCredentials()


def requests() -> int:
    """The number of requests to Google for the busy times of as many people as may be invited."""
    network, begin = _Network(), datetime.combine(MONDAY, time(), UTC)
    addresses = [f"p{number}@acme.example" for number in range(MAX_PEOPLE)]
    _Calendar(network).busy(addresses, begin, begin + timedelta(days=DAYS))
    return network.asked


def _person(chance: random.Random, number: int) -> Attendee:
    zone = ZoneInfo(ZONES[number % len(ZONES)])
    days = [MONDAY + timedelta(days=each) for each in range(DAYS)]
    busy = [_busy(chance, day, zone) for day in days for _ in range(A_DAY)]
    chance.shuffle(busy)
    calendar = WorkingCalendar(ReminderSettings(), zone, _no_holiday)
    return Attendee(f"U{number}", calendar, is_required=number % 5 > 0, busy=tuple(busy))


def _busy(chance: random.Random, day: date, zone: ZoneInfo) -> Interval:
    clock = time(chance.randrange(8, 18), chance.choice((0, 15, 30, 45)))
    start = datetime.combine(day, clock, zone).astimezone(UTC)
    return start, start + timedelta(minutes=chance.choice((15, 30, 45, 60)))


def _no_holiday(_day: date) -> bool:
    return False

"""The rights at Google that the bot asks for, and what each is for.

Each method's page lists the scopes that it accepts; so does the discovery document in Google's client.
https://developers.google.com/workspace/calendar/api/auth
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

EVENTS = "https://www.googleapis.com/auth/calendar.events"
FREE_BUSY = "https://www.googleapis.com/auth/calendar.events.freebusy"
WIDE = "https://www.googleapis.com/auth/calendar"
"""Asked for by earlier versions. It also allows sharing and deleting whole calendars."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a scope is for."""

    purpose: str
    methods: tuple[str, ...]
    """The methods of the Calendar API that we call with it."""


SCOPES: Mapping[str, Use] = {
    EVENTS: Use(
        "read, create, change and delete events",
        ("events.get", "events.list", "events.insert", "events.update", "events.delete"),
    ),
    FREE_BUSY: Use("see when people are busy", ("freebusy.query",)),
}
"""Scope -> what it's for. `docs/google.md` shows this table, and README.md names the scopes."""


def shortcoming(granted: Collection[str]) -> str | None:
    """What is wrong with these rights, if anything; without :data:`EVENTS`, nothing works at all."""
    if WIDE in granted:
        return "wider rights than needed"
    return None if FREE_BUSY in granted else "no right to see when people are busy"

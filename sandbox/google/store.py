"""Calendars and what is in them. Events are Google's JSON; what begins with ``_`` is our own.

An event is stored once, on its organizer's calendar; those of its guests show it, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google import ACCOUNT, SERVICE_ACCOUNT, TEAM_CALENDAR
from sandbox.google.times import stamp
from sandbox.model import Json, Person
from sandbox.store import Store


def _empty() -> Json:
    return {
        "events": {},
        "shares": {},
        "mails": [],
        "version": 1,
        "sync_epoch": 0,
        "grant": 0,
        "is_revoked": False,
        "is_filled": False,
    }


class Calendars:
    """All calendars of the workspace, kept in ``workspace.google``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def kept(self) -> Json:
        """What survives a restart.

        ``events`` by calendar and id, ``shares`` (calendar -> address -> role), ``mails``, ``version`` of the
        last change, ``sync_epoch`` (rises when sync tokens expire), ``grant`` (how often the account has
        agreed to the app), ``is_revoked``, ``is_filled``.
        """
        kept = self._store.workspace.google
        if len(kept) < len(_empty()):
            kept |= _empty() | kept
        return kept

    def exists(self, calendar: str) -> bool:
        """Whether there is such a calendar."""
        return calendar in {TEAM_CALENDAR, ACCOUNT, SERVICE_ACCOUNT} or self.owner(calendar) is not None

    def owner(self, calendar: str) -> Person | None:
        """The person whose calendar it is."""
        people = self._store.workspace.people.values()
        fitting = (each for each in people if each.email.lower() == calendar)
        return next((each for each in fitting if calendar and not (each.deleted or each.is_bot)), None)

    def zone(self, calendar: str) -> ZoneInfo:
        """The zone of the calendar: its owner's, or UTC."""
        owner = self.owner(calendar)
        return ZoneInfo(owner.tz if owner else "UTC")

    def title(self, calendar: str) -> str:
        """What the calendar is called: as its address, but for the team's."""
        return "Incidents" if calendar == TEAM_CALENDAR else calendar

    def named(self, name: str) -> str:
        """The calendar with that id, or of the person with that handle; ``LookupError``."""
        if self.exists(name.lower()):
            return name.lower()
        address = self._store.person(name).email.lower()
        if not self.exists(address):
            raise LookupError(f"{name} has no calendar")
        return address

    def own(self, calendar: str) -> dict[str, Json]:
        """The events that were made in the calendar, by id."""
        found: dict[str, Json] = self.kept["events"].setdefault(calendar, {})
        return found

    def on(self, calendar: str) -> Iterator[Json]:
        """Every event that the calendar shows: its own, and those to which its owner is, or was, invited."""
        yield from self.own(calendar).values()
        for other, events in self.kept["events"].items():
            if other != calendar:
                yield from (each for each in events.values() if calendar in places(each))

    def find(self, calendar: str, event_id: str) -> Json | None:
        """One of them."""
        return next((each for each in self.on(calendar) if each["id"] == event_id), None)

    def save(self, event: Json) -> Json:
        """Store what is new or has changed, under a new version; open pages see it."""
        kept = self.kept
        kept["version"] += 1
        event |= {
            "_version": kept["version"],
            "etag": f'"{kept["version"]}"',
            "updated": stamp(self._store.clock()),
        }
        home = event["organizer"]["email"]
        before = self.own(home).get(event["id"], event)
        self.own(home)[event["id"]] = event
        self._store.note(calendars=places(event) | places(before))
        return event

    def mail(self, event: Json, kind: str, to: list[str]) -> None:
        """Google sends an ``invitation``, ``update`` or ``cancellation``."""
        about = {"kind": kind, "event_id": event["id"], "summary": event.get("summary", "")}
        self.kept["mails"].extend({"to": each, **about} for each in to)
        self._store.note()

    def share(self, calendar: str, email: str, role: str) -> None:
        """The calendar's owner gives the address that role, instead of any other."""
        self.kept["shares"].setdefault(calendar, {})[email] = role
        self._store.note(calendars=[calendar])

    def forget_sync(self) -> None:
        """No sync token that was given out is good any more."""
        self.kept["sync_epoch"] += 1
        self._store.note()

    def go_on_after(self, before: Json) -> None:
        """The workspace began anew: versions go on where they were, and sync tokens of then are no good."""
        kept = self.kept
        kept["version"] += before["version"]
        kept["sync_epoch"], kept["grant"] = before["sync_epoch"] + 1, before["grant"]
        shown = [places(each) for events in before["events"].values() for each in events.values()]
        self._store.note(calendars=set[str]().union(*shown))


def places(event: Json) -> set[str]:
    """The calendars that show the event, were it as cancelled."""
    return {event["organizer"]["email"], *guests(event), *event.get("_removed", ())}


def attendee(event: Json, email: str) -> Json | None:
    """Somebody's entry among those who are invited."""
    found: list[Json] = event.get("attendees", [])
    return next((each for each in found if each["email"] == email), None)


def guests(event: Json) -> list[str]:
    """The addresses of those who are invited."""
    return [each["email"] for each in event.get("attendees", ())]


def is_gone(event: Json, calendar: str) -> bool:
    """Whether the calendar shows the event as cancelled."""
    return event["status"] == "cancelled" or calendar in event.get("_removed", ())


def entry_uri(conference: Json) -> str | None:
    """Where the video call takes place; None while it is being set up."""
    entries: list[dict[str, Any]] = conference.get("entryPoints", [])
    return next((each["uri"] for each in entries if each["entryPointType"] == "video"), None)

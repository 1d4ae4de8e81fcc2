"""Calendars and their events, and what changes them. Events are Google's JSON; ``_version`` is our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google import ACCOUNT, DOMAIN, TEAM_CALENDAR
from sandbox.workspace.model import Json, Person
from sandbox.workspace.store import Store


class Calendars:
    """All calendars of the workspace, stored in ``workspace.google``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def kept(self) -> Json:
        """What survives a restart: events by calendar, shares, mails, versions."""
        kept = self._store.workspace.google
        if "events" not in kept:
            kept |= {"events": {}, "shares": {}, "mails": [], "version": 1, "oldest_sync": 0}
        return kept

    def exists(self, calendar: str) -> bool:
        """Whether there is such a calendar."""
        # People without an e-mail address have no calendar.
        return bool(calendar) and (calendar in {TEAM_CALENDAR, ACCOUNT} or self.owner(calendar) is not None)

    def owner(self, calendar: str) -> Person | None:
        """The person whose calendar it is."""
        people = self._store.workspace.people.values()
        return next((p for p in people if p.email == calendar and not (p.deleted or p.is_bot)), None)

    def named(self, name: str) -> str:
        """The calendar with that id, or of the person with that handle. Raises ``LookupError``."""
        if self.exists(name):
            return name
        person = self._store.person(name)
        if not person.email:
            raise LookupError(f"{person.real_name} has no calendar")
        return person.email

    def own(self, calendar: str) -> dict[str, Json]:
        """The events that were created in the calendar, by id."""
        found: dict[str, Json] = self.kept["events"].setdefault(calendar, {})
        return found

    def on(self, calendar: str) -> Iterator[Json]:
        """Every event that the calendar shows: its own, and those that its owner is invited to.

        Without those that stay hidden, see :mod:`sandbox.google.invitations`.
        """
        yield from self.own(calendar).values()
        for each in self.invitations(calendar):
            if calendar not in each.get("_hidden", ()):
                yield each

    def invitations(self, calendar: str) -> Iterator[Json]:
        """Every event that the calendar's owner is invited to, whether or not the calendar shows it."""
        for other, events in self.kept["events"].items():
            if other != calendar:
                yield from (each for each in events.values() if attendee(each, calendar))

    def find(self, calendar: str, event_id: str) -> Json | None:
        """The event with this id among those that the calendar shows, or ``None``."""
        return next((each for each in self.on(calendar) if each["id"] == event_id), None)

    def home_of(self, event: Json) -> str:
        """The calendar in which the event was created."""
        return str(event["organizer"]["email"])

    def save(self, event: Json) -> Json:
        """Store the changed event as a new version; open pages show it."""
        kept = self.kept
        kept["version"] += 1
        event["_version"] = kept["version"]
        event["etag"] = f'"{kept["version"]}"'
        event["updated"] = rfc3339(datetime.fromtimestamp(self._store.clock(), UTC))
        self.own(self.home_of(event))[event["id"]] = event
        self._store.note(calendars=[self.home_of(event), *guests(event)])
        return event

    def cancel(self, event: Json) -> None:
        """Delete the event. Of its video call nothing is left, which is all that Google promises."""
        call = ("conferenceData", "hangoutLink")
        self.save({name: each for name, each in event.items() if name not in call} | {"status": "cancelled"})

    def mail(self, event: Json, kind: str, send: str, to: list[str] | None = None) -> None:
        """Record the e-mails that Google sends about the event: to everybody, or only to other domains."""
        for address in guests(event) if to is None else to:
            if send == "all" or (send == "externalOnly" and not address.endswith(DOMAIN)):
                told = {
                    "to": address,
                    "kind": kind,
                    "event_id": event["id"],
                    "summary": event.get("summary", ""),
                }
                self.kept["mails"].append(told)

    def busy(self, calendar: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """When the calendar's owner is busy between the two times, merged and in order."""
        taken = sorted(
            (max(span[0], start), min(span[1], end))
            for each in self.on(calendar)
            if _is_busy(each, calendar) and (span := self.span(each, calendar))[0] < end and span[1] > start
        )
        merged: list[tuple[datetime, datetime]] = []
        for since, until in taken:
            if merged and since <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], until))
            else:
                merged.append((since, until))
        return merged

    def span(self, event: Json, calendar: str) -> tuple[datetime, datetime]:
        """When an event starts and ends, in UTC; whole days are in the time zone of the calendar's owner."""
        owner = self.owner(calendar)
        zone = ZoneInfo(owner.tz if owner else "UTC")
        return moment(event["start"], zone), moment(event["end"], zone)


def moment(told: Json, zone: ZoneInfo) -> datetime:
    """Google's ``start`` or ``end`` as a time in UTC."""
    if told.get("date"):
        return datetime.combine(date.fromisoformat(told["date"]), time(), zone).astimezone(UTC)
    found = datetime.fromisoformat(told["dateTime"])
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(told["timeZone"]))
    return found.astimezone(UTC)


def attendee(event: Json, email: str) -> Json | None:
    """Somebody's entry among the invited people, or ``None``."""
    found: list[Json] = event.get("attendees") or []
    return next((each for each in found if each["email"] == email), None)


def guests(event: Json) -> list[str]:
    """The e-mail addresses of the invited people."""
    return [each["email"] for each in event.get("attendees") or ()]


def shown(event: Json, viewer: str) -> Json:
    """The event as it looks in the viewer's calendar.

    A cancelled event is reduced to little more than its id. Only its own calendar keeps the rest, so that it
    can be restored there.
    """
    if event["status"] == "cancelled" and viewer != event["organizer"]["email"]:
        return {name: event[name] for name in ("kind", "etag", "id", "status", "updated")}
    found: dict[str, Any] = {name: value for name, value in event.items() if not name.startswith("_")}
    if "attendees" in found:
        marked = [
            {**each, **({"self": True} if each["email"] == viewer else {})} for each in found["attendees"]
        ]
        found["attendees"] = marked
    if viewer == event["organizer"]["email"]:
        found["organizer"] = {**event["organizer"], "self": True}
    return found


def rfc3339(when: datetime) -> str:
    """The time in Google's format: ``2026-11-24T12:00:00.000Z``."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_busy(event: Json, calendar: str) -> bool:
    mine = attendee(event, calendar)
    is_declined = mine is not None and mine.get("responseStatus") == "declined"
    return event["status"] != "cancelled" and event.get("transparency") != "transparent" and not is_declined

"""What guests do with their own copy of an event: answer, or take it out of their calendar."""

from __future__ import annotations

from sandbox.google.call import Call
from sandbox.google.errors import GoogleError
from sandbox.google.shown import shown
from sandbox.google.store import Calendars, attendee
from sandbox.model import Json


def respond(calendars: Calendars, event: Json, email: str, response: str) -> bool:
    """Record a guest's answer; whether they are invited at all."""
    if attendee(event, email) is None:
        return False
    answered = [
        {**each, "responseStatus": response} if each["email"] == email else each
        for each in event["attendees"]
    ]
    calendars.save({**event, "attendees": answered})
    return True


def respond_on_copy(call: Call, calendar: str, event: Json) -> Json:
    """A patch of a guest's copy: nothing but their own answer may differ."""
    mine = attendee(event, calendar)
    told = {each.get("email", "").lower(): each for each in call.body.get("attendees") or ()}
    kept = {each["email"]: each["responseStatus"] for each in event["attendees"]}
    said = {email: each.get("responseStatus") for email, each in told.items()}
    response = said.get(calendar)
    if mine is None or set(call.body) != {"attendees"} or not response or {**kept, calendar: response} != said:
        raise GoogleError(
            403,
            "forbiddenForNonOrganizer",
            "Shared properties can only be changed by the organizer of the event.",
        )
    respond(call.calendars, event, calendar, response)
    return shown(call.calendars, call.event(calendar), calendar, call.store.team_url)


def decline_copy(call: Call, calendar: str, event: Json) -> None:
    """A guest deletes their copy: they decline, and their calendar shows it no more."""
    respond(call.calendars, event, calendar, "declined")
    found = call.calendars.find(calendar, event["id"]) or event
    call.calendars.save({**found, "_removed": [*found.get("_removed", ()), calendar]})

"""What is asked to be written into an event, and what Google makes of it."""

from __future__ import annotations

import re

from sandbox.google.call import Call
from sandbox.google.errors import GoogleError, invalid, unserved
from sandbox.google.times import kept_span
from sandbox.model import Json

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MOST_GUESTS = 200
_MOST_REMINDERS = 5
_FOUR_WEEKS = 40_320
"""Minutes."""

_NOT_WRITTEN = frozenset(
    ["attendeesOmitted", "created", "creator", "etag", "eventType", "hangoutLink", "htmlLink", "iCalUID", "id"]
    + ["kind", "locked", "organizer", "privateCopy", "sequence", "updated"]
)
"""Fields that Google decides about; what a client says of them is passed over."""
_UNSERVED = frozenset(
    ["attachments", "birthdayProperties", "endTimeUnspecified", "eventLabelId", "focusTimeProperties"]
    + ["gadget", "originalStartTime", "outOfOfficeProperties", "recurrence", "recurringEventId"]
    + ["workingLocationProperties"]
)
_OF_GUEST = ("email", "displayName", "optional", "resource", "comment", "additionalGuests")


def draft(call: Call, calendar: str, wanted: Json) -> Json:
    """The writable part of an event, whole, as it is stored; raises what Google answers to anything odd.

    The conference is not part of it.
    """
    strange = sorted(_UNSERVED & set(wanted))
    if strange or wanted.get("eventType", "default") != "default":
        raise unserved(f"event with {', '.join(strange) or 'that eventType'}")
    kept = {name: value for name, value in wanted.items() if name not in _NOT_WRITTEN}
    kept.pop("conferenceData", None)
    kept["start"], kept["end"] = kept_span(
        kept.get("start"), kept.get("end"), call.calendars.zone(calendar)
    )
    kept.setdefault("status", "confirmed")
    kept["attendees"] = _guests(call, kept.get("attendees", []))
    if not kept["attendees"]:
        del kept["attendees"]
    _check_reminders(kept.get("reminders", {"useDefault": True}))
    return kept


def merged(before: Json, given: Json) -> Json:
    """What a patch makes of ``before``: objects go into one another, lists are replaced, null removes."""
    found = dict(before)
    for name, value in given.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            inner = found.get(name)
            found[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            found[name] = value
    return found


def without_nulls(given: Json) -> Json:
    """What the body of a patch says of something that wasn't there before."""
    return merged({}, given)


def _guests(call: Call, told: list[Json]) -> list[Json]:
    if told and call.principal.is_bare_service:
        sentence = "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
        raise GoogleError(403, "forbiddenForServiceAccounts", sentence)
    addresses = [str(each.get("email", "")).lower() for each in told]
    if not all(_EMAIL.fullmatch(each) for each in addresses):
        raise invalid("Invalid attendee email.")
    if len(set(addresses)) < len(addresses):
        raise invalid("Duplicate attendee email.")
    if len(addresses) > _MOST_GUESTS:
        raise GoogleError(403, "calendarUsageLimitsExceeded", "Calendar usage limits exceeded.")
    return [_guest(each, address) for each, address in zip(told, addresses, strict=True)]


def _guest(told: Json, address: str) -> Json:
    # Null, in a list of a patch, is as good as nothing.
    kept = {name: told[name] for name in _OF_GUEST if told.get(name) is not None}
    return {**kept, "email": address, "responseStatus": told.get("responseStatus") or "needsAction"}


def _check_reminders(told: Json) -> None:
    overrides = told.get("overrides", [])
    if told.get("useDefault") and overrides:
        raise invalid(
            "Cannot specify both default reminders and overrides at the same time.",
            "cannotUseDefaultRemindersAndSpecifyOverride",
        )
    if len(overrides) > _MOST_REMINDERS:
        raise invalid("Too many override reminders.")
    if not all("method" in each and 0 <= each.get("minutes", -1) <= _FOUR_WEEKS for each in overrides):
        raise invalid("Invalid override reminder.")

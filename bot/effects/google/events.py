"""An event as it should be, beside the event as Google has it: what of the two is kept.

Google replaces an event as a whole, so whatever people have added to it there has to be sent along.
https://developers.google.com/workspace/calendar/api/v3/reference/events/update
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

Json = dict[str, Any]

_DEFAULTS: Mapping[str, Any] = {
    "attendees": [],
    "description": "",
    "guestsCanInviteOthers": True,
    "status": "confirmed",
    "summary": "",
    "transparency": "opaque",
    "visibility": "default",
}
"""What Google leaves out of its answers."""


def merged(event: Json, found: Json, invited: Collection[str] | None) -> Json:
    """``found`` with all that ``event`` says.

    Whoever is a guest already keeps their answer. Of the other guests those stay who are not among
    ``invited``, the addresses that we have invited before; ``None`` keeps nobody else. A call that has been
    set up stays as it is: another one would be another place to meet.
    """
    told = dict(event)
    if found.get("conferenceData"):
        told.pop("conferenceData", None)
    guests = _guests(event.get("attendees") or (), found.get("attendees") or (), invited)
    return {**found, "status": "confirmed", **told, "attendees": guests}


def is_like(found: Json, event: Json) -> bool:
    """Whether ``found`` says all that ``event`` does, however Google writes it."""
    names = [name for name in event if name not in {"conferenceData", "id"}]
    has_place = "conferenceData" not in event or bool(found.get("conferenceData"))
    return has_place and all(_plain(name, found) == _plain(name, event) for name in (*names, "status"))


def _plain(name: str, event: Json) -> object:
    value = event.get(name, _DEFAULTS.get(name))
    if name == "attendees":
        return sorted((_address(each), bool(each.get("optional"))) for each in value or ())
    if name in {"start", "end"} and value and value.get("dateTime"):
        return datetime.fromisoformat(value["dateTime"])
    return value


def _guests(wanted: Iterable[Json], there: Iterable[Json], invited: Collection[str] | None) -> list[Json]:
    known = {_address(each): each for each in there}
    ours = {_address(each): each for each in wanted}
    found = []
    for address, each in known.items():
        if address in ours:
            found.append({**ours[address], **each, "optional": bool(ours[address].get("optional"))})
        elif invited is not None and address not in invited:
            found.append(each)
    return [*found, *(each for address, each in ours.items() if address not in known)]


def _address(guest: Mapping[str, Any]) -> str:
    return str(guest.get("email") or "").lower()

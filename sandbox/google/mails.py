"""Whom Google tells by mail of what happens to an event, and that the app says so."""

from __future__ import annotations

from sandbox.google import DOMAIN
from sandbox.google.call import Call
from sandbox.google.errors import invalid
from sandbox.google.store import entry_uri, guests
from sandbox.model import Json

_SEEN = ("summary", "description", "location", "start", "end", "status")
"""A change of these is worth a mail; one of colours, reminders or hidden properties is not."""


def need_send_updates(call: Call, *events: Json) -> None:
    """Google's default is to tell nobody; here the app has to say what it wants where there are guests."""
    if "sendUpdates" not in call.args and any(each.get("attendees") for each in events):
        raise invalid("sendUpdates must be explicit for an event with attendees.", "required")


def tell(call: Call, before: Json | None, after: Json) -> None:
    """Send what follows from the change, to those whom ``sendUpdates`` means."""
    was_there = before is not None and before["status"] != "cancelled"
    earlier = guests(before) if before is not None and was_there else []
    if after["status"] == "cancelled":
        _send(call, after, "cancellation", earlier)
        return
    now = guests(after)
    _send(call, after, "invitation", [each for each in now if each not in earlier])
    _send(call, after, "cancellation", [each for each in earlier if each not in now])
    if before is not None and _look(before) != _look(after):
        _send(call, after, "update", [each for each in now if each in earlier])


def _look(event: Json) -> list[object]:
    return [*(event.get(name) for name in _SEEN), entry_uri(event.get("conferenceData", {}))]


def _send(call: Call, event: Json, kind: str, to: list[str]) -> None:
    updates = call.args.get("sendUpdates", "none")
    meant = {"all": to, "externalOnly": [each for each in to if not each.endswith(DOMAIN)]}.get(updates, [])
    organizer = event["organizer"]["email"]
    call.calendars.mail(event, kind, [each for each in meant if each != organizer])

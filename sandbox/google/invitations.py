"""Whether a guest's calendar shows an event: Google's words about that, taken at their strictest.

https://developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events
https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
https://developers.google.com/workspace/calendar/api/v3/reference/events (``attendees[].responseStatus``)
"""

from __future__ import annotations

from sandbox.google import DOMAIN
from sandbox.google.store import Calendars, attendee, guests
from sandbox.workspace.model import Json

SETTINGS = ("everyone", "known", "email")
"""*Add invitations to my calendar*: from everyone, only if the sender is known, when I respond in email."""


def deliver(calendars: Calendars, event: Json, new: list[str], sender: str, send: str) -> None:
    """Show the event to the new guests, or note that it stays hidden from them.

    If it stays hidden, the answer that the organizer gives for the guest is reset.
    """
    there = set(guests(event))
    hidden = [each for each in event.get("_hidden", ()) if each in there and each not in new]
    for address in new:
        mine = attendee(event, address)
        is_prefilled = mine is not None and mine["responseStatus"] != "needsAction" and address != sender
        if mine is not None and not _is_shown(calendars, address, sender, send, is_prefilled=is_prefilled):
            hidden.append(address)
            mine["responseStatus"] = "needsAction"
    event["_hidden"] = hidden


def _is_shown(calendars: Calendars, address: str, sender: str, send: str, *, is_prefilled: bool) -> bool:
    if send == "none":
        # "events being lost altogether for some users"
        return False
    if not address.endswith(DOMAIN):
        # The mail that they get adds it to whatever calendar they use.
        return True
    setting = calendars.kept.get("settings", {}).get(address, "known")
    if setting == "everyone":
        return True
    return setting == "known" and sender.endswith(DOMAIN) and not is_prefilled


def reveal(event: Json, address: str) -> None:
    """Show the event to a guest who has answered its invitation."""
    event["_hidden"] = [each for each in event.get("_hidden", ()) if each != address]

"""Google Calendar and a meeting's message, as people see them."""

from __future__ import annotations

from typing import Any

from tests.support.people import PATIENCE, Json, Workspace, eventually, shown

TEAM = "incidents@acme.example"
MEETING = "Postmortem meeting for"


def events(acme: Workspace, calendar: str = TEAM, titled: str = "") -> list[Json]:
    """The events of a calendar with this in their title, without the cancelled ones."""
    found = acme.get(f"calendar/{calendar}")["events"]
    return [e for e in found if e["status"] != "cancelled" and titled in e.get("summary", "")]


def event(acme: Workspace, titled: str, calendar: str = TEAM, seconds: float = PATIENCE) -> Json:
    """The one event with this in its title, once it exists."""

    def look() -> Json | None:
        found = events(acme, calendar, titled)
        assert len(found) < 2, found
        return found[0] if found else None

    return eventually(look, seconds)


def no_event(acme: Workspace, titled: str, calendar: str = TEAM) -> None:
    """Wait until no event in the calendar has this in its title."""
    eventually(lambda: not events(acme, calendar, titled))


def meeting(acme: Workspace, channel: str, *wanted: str, seconds: float = PATIENCE) -> Json:
    """The meeting's message, once it says all of this. Only one is ever live."""

    def look() -> Json | None:
        found = [each for each in acme.messages(channel) if MEETING in shown(each) and each.get("blocks")]
        found = [each for each in found if len(each["blocks"]) > 1]
        return found[-1] if found and all(each in shown(found[-1]) for each in wanted) else None

    return eventually(look, seconds)


def ask(acme: Workspace, channel: str, user: str = "ana", **values: Any) -> Json:
    """Fill in a meeting's form. Return its message, once slots are offered."""
    acme.open_form("meet", user, channel)
    assert acme.submit(user, **values) == {}
    return meeting(acme, channel, "Other times")


def slots(message: Json) -> list[Json]:
    """The blocks of the offered slots."""
    return [
        each for each in message["blocks"] if (each.get("accessory") or {}).get("action_id") == "book_slot"
    ]


def book(acme: Workspace, channel: str, message: Json, number: int = 0, user: str = "ana") -> None:
    """Press the button of one of the slots."""
    block = slots(message)[number]["block_id"]
    acme.post(
        "interact", channel=channel, message_ts=message["ts"], user=user, action="book_slot", block=block
    )

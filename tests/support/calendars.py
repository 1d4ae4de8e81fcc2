"""Google Calendar as people see it, and a meeting's message."""

from __future__ import annotations

from typing import Any

from tests.support.people import PATIENCE, Json, Workspace, eventually, shown

TEAM = "incidents@acme.example"
MEETING = "Postmortem meeting for"


def events(acme: Workspace, calendar: str = TEAM, titled: str = "") -> list[Json]:
    """What stands in a calendar and says this, cancelled ones left out."""
    found = acme.get(f"calendar/{calendar}")["events"]
    return [e for e in found if e["status"] != "cancelled" and titled in e.get("summary", "")]


def event(acme: Workspace, titled: str, calendar: str = TEAM, seconds: float = PATIENCE) -> Json:
    """The one event that says this, as soon as it is there."""

    def look() -> Json | None:
        found = events(acme, calendar, titled)
        assert len(found) < 2, found
        return found[0] if found else None

    return eventually(look, seconds)


def no_event(acme: Workspace, titled: str, calendar: str = TEAM) -> None:
    """Wait until nothing in the calendar says this."""
    eventually(lambda: not events(acme, calendar, titled))


def meeting(acme: Workspace, channel: str, *wanted: str, seconds: float = PATIENCE) -> Json:
    """The meeting's message, as soon as it says all of this; there is only one that is live."""

    def look() -> Json | None:
        found = [each for each in acme.messages(channel) if MEETING in shown(each) and each.get("blocks")]
        found = [each for each in found if len(each["blocks"]) > 1]
        return found[-1] if found and all(each in shown(found[-1]) for each in wanted) else None

    return eventually(look, seconds)


def ask(acme: Workspace, channel: str, user: str = "ana", **values: Any) -> Json:
    """Fill in the form of a meeting; its message, once times are offered."""
    acme.open_form("meet", user, channel)
    assert acme.submit(user, **values) == {}
    return meeting(acme, channel, "Other times")


def slots(message: Json) -> list[Json]:
    """The blocks of the times that are offered."""
    return [
        each for each in message["blocks"] if (each.get("accessory") or {}).get("action_id") == "book_slot"
    ]


def book(acme: Workspace, channel: str, message: Json, number: int = 0, user: str = "ana") -> None:
    """Press the button of one of the times."""
    block = slots(message)[number]["block_id"]
    acme.post(
        "interact", channel=channel, message_ts=message["ts"], user=user, action="book_slot", block=block
    )

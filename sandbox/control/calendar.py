"""What people do in Google Calendar, and what Google does to the app."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sandbox.control.routing import BadRequestError, Desk
from sandbox.google.access import Access
from sandbox.google.invitations import SETTINGS, reveal
from sandbox.google.people import put
from sandbox.google.store import Calendars, attendee, guests
from sandbox.workspace.model import Json


def _calendars(desk: Desk) -> Calendars:
    return cast(Calendars, desk.sandbox.google.calendars)


def _access(desk: Desk) -> Access:
    return cast(Access, desk.sandbox.google.access)


async def calendar(desk: Desk, *, calendar: str) -> Json:
    """Everything in a calendar, including cancelled events."""
    calendars = _calendars(desk)
    name = calendars.named(calendar)
    return {"calendar": name, "events": list(calendars.on(name))}


async def add_event(  # noqa: PLR0913 - each is a field of the event
    desk: Desk,
    *,
    calendar: str,
    summary: str,
    start: str,
    end: str,
    description: str = "",
    transparency: str = "opaque",
    attendees: list[str] | None = None,
) -> Json:
    """Add an event to somebody's calendar."""
    calendars = _calendars(desk)
    name, since, until = calendars.named(calendar), _moment(start), _moment(end)
    invited = [{"email": calendars.named(each), "responseStatus": "needsAction"} for each in attendees or ()]
    more = {"description": description, "transparency": transparency, "attendees": invited}
    return {"id": put(desk.store, calendars, name, summary, since, until, **more)}


async def change_event(
    desk: Desk, *, calendar: str, event: str, summary: str = "", start: str = "", end: str = ""
) -> Json:
    """Rename an event, or move it (with both ``start`` and ``end``); dates make it last all day."""
    calendars, found = _event(desk, calendar, event)
    if summary:
        found["summary"] = summary
    if start and end:
        found |= {
            "start": _bound(start),
            "end": _bound(end),
        }
        found["sequence"] += 1
    calendars.mail(calendars.save(found), "update", "all")
    return {}


def _bound(text: str) -> Json:
    return {"date": text} if "T" not in text else {"dateTime": _moment(text).isoformat()}


async def delete_event(desk: Desk, *, calendar: str, event: str) -> Json:
    """Delete an event."""
    calendars, found = _event(desk, calendar, event)
    calendars.mail(found, "cancellation", "all")
    calendars.cancel(found)
    return {}


async def invite(desk: Desk, *, calendar: str, event: str, guest: str) -> Json:
    """Add somebody to an event's guests."""
    calendars, found = _event(desk, calendar, event)
    address = calendars.named(guest)
    if attendee(found, address) is None:
        found.setdefault("attendees", []).append({"email": address, "responseStatus": "needsAction"})
        calendars.mail(calendars.save(found), "invitation", "all", [address])
    return {}


async def respond(desk: Desk, *, user: str, event: str, response: str) -> Json:
    """Answer an invitation, in the calendar or, if that doesn't show it, in the mail that brought it."""
    if response not in {"accepted", "declined", "tentative"}:
        raise BadRequestError("bad_argument", "`response` is accepted, declined or tentative.")
    calendars = _calendars(desk)
    address = calendars.named(user)
    mailed = {each["event_id"] for each in calendars.kept["mails"] if each["to"] == address}
    by_mail = (each for each in calendars.invitations(address) if each["id"] == event and event in mailed)
    found = calendars.find(address, event) or next(by_mail, None)
    mine = attendee(found, address) if found and found["status"] != "cancelled" else None
    if found is None or mine is None:
        raise LookupError(f"{user} is not invited")
    mine["responseStatus"] = response
    reveal(found, address)
    calendars.save(found)
    return {}


async def invitations(desk: Desk, *, user: str, added: str) -> Json:
    """Change somebody's setting *Add invitations to my calendar*."""
    if added not in SETTINGS:
        raise BadRequestError("bad_argument", f"`added` is one of {', '.join(SETTINGS)}.")
    calendars = _calendars(desk)
    calendars.kept.setdefault("settings", {})[calendars.named(user)] = added
    return {}


async def mails(desk: Desk) -> Json:
    """Every e-mail that Google has sent about events."""
    return {"mails": list(_calendars(desk).kept["mails"])}


async def share(desk: Desk, *, calendar: str, email: str, role: str) -> Json:
    """Let somebody else see or change a calendar."""
    if role not in {"none", "freeBusyReader", "reader", "writer"}:
        raise BadRequestError("bad_argument", "`role` is none, freeBusyReader, reader or writer.")
    calendars = _calendars(desk)
    calendars.kept["shares"].setdefault(calendars.named(calendar), {})[email] = role
    return {}


async def revoke(desk: Desk) -> Json:
    """Withdraw the account's consent."""
    _access(desk).revoke()
    return {}


async def grant(desk: Desk, *, scopes: list[str]) -> Json:
    """Let the app have these scopes and no others, from its next token on."""
    _access(desk).grant(scopes)
    return {}


async def expire(desk: Desk) -> Json:
    """Make every access token expire now; refreshing still works."""
    _access(desk).expire()
    return {}


async def forget_sync(desk: Desk) -> Json:
    """Make every sync token expire now."""
    kept = _calendars(desk).kept
    kept["version"] += 1
    kept["oldest_sync"] = kept["version"]
    return {}


def _event(desk: Desk, calendar: str, event: str) -> tuple[Calendars, Json]:
    calendars = _calendars(desk)
    found = calendars.find(calendars.named(calendar), event)
    if found is None or found["status"] == "cancelled":
        raise LookupError(f"no event {event!r} for {', '.join(guests(found or {})) or calendar}")
    return calendars, found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequestError("bad_argument", f"{text} isn't a time.") from error
    if found.tzinfo is None:
        raise BadRequestError("bad_argument", f"{text} has no time zone.")
    return found

"""``events.*``: https://developers.google.com/workspace/calendar/api/v3/reference/events."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.google.access import Access, Principal
from sandbox.google.errors import GoogleError, invalid, not_found
from sandbox.google.invitations import deliver
from sandbox.google.store import Calendars, guests, moment, rfc3339, shown
from sandbox.workspace.model import Json
from sandbox.workspace.store import Store

_ID = re.compile(r"[a-v0-9]{5,1024}")
_MAX_GUESTS = 200
_REPLIES = ("needsAction", "declined", "tentative", "accepted")
_READ_ONLY = ("kind", "id", "htmlLink", "created", "creator", "organizer", "iCalUID", "eventType")
_IGNORED = ("etag", "hangoutLink", "sequence", "updated")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, already checked against the schema."""

    store: Store
    calendars: Calendars
    access: Access
    principal: Principal
    args: dict[str, str]
    """From path and query."""
    body: Json
    fault: str | None = None
    if_match: str | None = None

    def calendar(self, *, writing: bool) -> str:
        """The calendar that the call names. Raises Google's error if the caller may not use it."""
        name = self.principal.email if self.args["calendarId"] == "primary" else self.args["calendarId"]
        role = self.access.role(self.principal, name) if self.calendars.exists(name) else "none"
        if role == "none":
            raise not_found()
        if role == "freeBusyReader" or (role == "reader" and writing):
            what = "writer" if writing else "reader"
            told = f"You need to have {what} access to this calendar."
            raise GoogleError(403, "requiredAccessLevel", told, "calendar")
        return name

    def event(self, calendar: str) -> Json:
        """The event that the call names. Raises :class:`GoogleError`."""
        found = self.calendars.find(calendar, self.args["eventId"])
        if found is None:
            raise not_found()
        if self.if_match and self.if_match not in {"*", found["etag"]}:
            raise GoogleError(412, "conditionNotMet", "Precondition Failed")
        return found


def get(call: Call) -> Json:
    """One event, even if it is cancelled."""
    calendar = call.calendar(writing=False)
    found = call.event(calendar)
    settle_conference(call.calendars, found)
    return shown(found, calendar)


def insert(call: Call) -> Json:
    """A new event, with the client's id if it gives one."""
    calendar, body = call.calendar(writing=True), dict(call.body)
    event_id = body.get("id") or secrets.token_hex(13)
    if not _ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")
    if event_id in call.calendars.own(calendar):
        raise GoogleError(409, "duplicate", "The requested identifier already exists.")
    now = rfc3339(datetime.fromtimestamp(call.store.clock(), UTC))
    made: Json = {
        "kind": "calendar#event",
        "id": event_id,
        "status": "confirmed",
        "htmlLink": f"{call.store.team_url}calendar/{calendar}?event={event_id}",
        "created": now,
        "creator": {"email": call.principal.email},
        "organizer": {"email": calendar},
        "iCalUID": f"{event_id}@google.com",
        "sequence": 0,
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
    made |= _checked(call, body, {})
    send = call.args.get("sendUpdates", "none")
    deliver(call.calendars, made, guests(made), call.principal.email, send)
    call.calendars.save(made)
    call.calendars.mail(made, "invitation", send)
    return shown(made, calendar)


def patch(call: Call) -> Json:
    """Replace the given fields, nested ones too; null removes a field, and lists are replaced.

    https://developers.google.com/workspace/calendar/api/guides/performance#patch
    """
    calendar = call.calendar(writing=True)
    before = call.event(calendar)
    if before["status"] == "cancelled":
        raise not_found()
    wanted = {name: _patched(before.get(name), value) for name, value in _writable(call.body).items()}
    return _change(call, calendar, before, before | _checked(call, wanted, before))


def update(call: Call) -> Json:
    """Replace everything; this is how a cancelled event is restored."""
    calendar = call.calendar(writing=True)
    before = call.event(calendar)
    if int(call.body.get("sequence") or 0) < before["sequence"]:
        raise invalid("Invalid sequence value.")
    base = {name: before[name] for name in (*_READ_ONLY, "sequence") if name in before}
    base |= {"status": "confirmed", "reminders": {"useDefault": True}}
    given = call.body.get("conferenceData") or {}
    is_kept = given.get("conferenceId") == (before.get("conferenceData") or {}).get("conferenceId")
    if call.args.get("conferenceDataVersion") != "1" or (given and is_kept):
        base |= {name: before[name] for name in ("conferenceData", "hangoutLink") if name in before}
    return _change(call, calendar, before, base | _checked(call, _writable(call.body), before))


def _writable(body: Json) -> Json:
    """The fields of a body that count; clients may send the others back as they got them."""
    return {name: value for name, value in body.items() if name not in (*_READ_ONLY, *_IGNORED)}


def _patched(before: object, value: object) -> object:
    if not isinstance(before, dict) or not isinstance(value, dict):
        return value
    both = {**before, **{name: _patched(before.get(name), each) for name, each in value.items()}}
    return {name: each for name, each in both.items() if each is not None}


def delete(call: Call) -> None:
    """Cancel the event; what is left of it shows up when changes are listed."""
    found = call.event(call.calendar(writing=True))
    if found["status"] == "cancelled":
        raise GoogleError(410, "deleted", "Resource has been deleted")
    _require_send_updates(call, found)
    call.calendars.mail(found, "cancellation", call.args.get("sendUpdates", "none"))
    call.calendars.cancel(found)


def _change(call: Call, calendar: str, before: Json, after: Json) -> Json:
    _require_send_updates(call, before)
    after = {name: value for name, value in after.items() if value is not None}
    if (before.get("start"), before.get("end")) != (after["start"], after["end"]):
        after["sequence"] = before["sequence"] + 1
    send, gone = call.args.get("sendUpdates", "none"), [e for e in guests(before) if e not in guests(after)]
    new = [each for each in guests(after) if each not in guests(before) or before["status"] == "cancelled"]
    after["_hidden"] = before.get("_hidden", [])
    deliver(call.calendars, after, new, call.principal.email, send)
    call.calendars.save(after)
    call.calendars.mail(after, "invitation", send, new)
    call.calendars.mail(after, "cancellation", send, gone)
    call.calendars.mail(after, "update", send, [each for each in guests(after) if each not in new])
    return shown(after, calendar)


def _checked(call: Call, wanted: Json, before: Json) -> Json:
    """The requested fields, with what Google adds. Raises :class:`GoogleError`."""
    both = before | wanted
    if not both.get("start") or not both.get("end"):
        raise invalid("Missing end time." if both.get("start") else "Missing start time.", "required")
    _check_times(both["start"], both["end"])
    conference = wanted.pop("conferenceData", None)
    if wanted.get("attendees"):
        wanted["attendees"] = _attendees(call, wanted["attendees"])
    _require_send_updates(call, wanted)
    request = (conference or {}).get("createRequest")
    if request and call.args.get("conferenceDataVersion") == "1":
        wanted |= _conference(call, request)
    return wanted


def _check_times(start: Json, end: Json) -> None:
    if bool(start.get("date")) == bool(start.get("dateTime")) or bool(start.get("date")) != bool(
        end.get("date")
    ):
        raise invalid("Invalid start or end time: either a date or a time, the same for both.")
    for each in (start, end):
        if each.get("dateTime"):
            try:
                zone = ZoneInfo(each.get("timeZone") or "UTC")
            except (ZoneInfoNotFoundError, ValueError) as error:
                raise invalid("Invalid time zone definition.") from error
            if datetime.fromisoformat(each["dateTime"]).tzinfo is None and not each.get("timeZone"):
                raise invalid("Missing time zone definition for start or end time.", "required")
            moment(each, zone)
    if moment(end, ZoneInfo("UTC")) <= moment(start, ZoneInfo("UTC")):
        raise invalid("The specified time range is empty.", "timeRangeEmpty")


def _attendees(call: Call, told: list[Json]) -> list[Json]:
    if call.principal.is_bare_service:
        sentence = "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
        raise GoogleError(403, "forbiddenForServiceAccounts", sentence, "calendar")
    addresses = [str(each.get("email") or "") for each in told]
    if not all("@" in each for each in addresses):
        raise invalid("Invalid attendee email.")
    if len(set(addresses)) < len(addresses):
        raise invalid("Duplicate attendee email.")
    if len(addresses) > _MAX_GUESTS:
        raise GoogleError(403, "maxAttendeesExceeded", "Too many attendees.", "calendar")
    if any(each.get("responseStatus", "needsAction") not in _REPLIES for each in told):
        raise invalid("Invalid response status.")
    marks = ("self", "organizer")
    kept = [{name: value for name, value in each.items() if name not in marks} for each in told]
    return [{"responseStatus": "needsAction", **each} for each in kept]


def _require_send_updates(call: Call, event: Json) -> None:
    """Raise :class:`GoogleError` for an event with attendees unless ``sendUpdates`` is given.

    Google doesn't require that, but its default notifies nobody: too important to be left to a default.
    """
    if event.get("attendees") and "sendUpdates" not in call.args:
        raise invalid("sendUpdates must be explicit for an event with attendees.", "required")


def _conference(call: Call, request: Json) -> Json:
    kind = (request.get("conferenceSolutionKey") or {}).get("type")
    if kind != "hangoutsMeet" or call.principal.is_bare_service:
        raise invalid("Invalid conference type value.")
    if not request.get("requestId"):
        raise invalid("Missing conference request id.", "required")
    used: list[str] = call.calendars.kept.setdefault("conferences", [])
    if request["requestId"] in used:
        # "If an ID provided is the same as for the previous request, the request is ignored."
        # https://developers.google.com/workspace/calendar/api/v3/reference/events
        return {}
    used.append(request["requestId"])
    made: Json = {"createRequest": {**request, "status": {"statusCode": "pending"}}}
    if call.fault == "conference_failed":
        made["createRequest"]["status"]["statusCode"] = "failure"
    if call.fault in {"conference_pending", "conference_failed"}:
        return {"conferenceData": made}
    return _with_link(made)


def _with_link(conference: Json) -> Json:
    """The conference with its link, a different one for each request."""
    digest = sha256(conference["createRequest"]["requestId"].encode()).digest()
    code = "".join(chr(ord("a") + each % 26) for each in digest[:10])
    name = f"{code[:3]}-{code[3:7]}-{code[7:]}"
    address = f"https://meet.google.com/{name}"
    request = {**conference["createRequest"], "status": {"statusCode": "success"}}
    entry = {"entryPointType": "video", "uri": address, "label": f"meet.google.com/{name}"}
    return {
        "conferenceData": {"createRequest": request, "conferenceId": name, "entryPoints": [entry]},
        "hangoutLink": address,
    }


def settle_conference(calendars: Calendars, event: Json) -> None:
    """Finish a video call that was pending: it is ready the next time it is read."""
    conference = event.get("conferenceData")
    has_failed = conference and conference["createRequest"]["status"]["statusCode"] == "failure"
    if conference and "entryPoints" not in conference and not has_failed and event["status"] != "cancelled":
        event |= _with_link(conference)
        calendars.save(event)

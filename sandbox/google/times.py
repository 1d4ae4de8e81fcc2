"""Google's times: RFC 3339 with an offset, or local ones with a zone beside them, or whole days."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.google.errors import invalid
from sandbox.model import Json

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)


def parsed(text: str) -> datetime | None:
    """The time, None for what is none; without an offset it is a local one."""
    if not _RFC3339.fullmatch(text):
        return None
    # Python 3.11 takes up to six digits of a second.
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", text.upper())
    try:
        return datetime.fromisoformat(shortened)
    except ValueError:
        return None


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; raises what Google answers to others."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise invalid(f"Invalid time zone definition: {name}") from error


def written(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """To the second, with the zone's offset; ``Z`` for none."""
    return moment.astimezone(zone or UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def stamp(seconds: float) -> str:
    """``2026-11-24T12:00:00.000Z``, as Google writes when something happened."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(told: Json, zone: ZoneInfo) -> datetime:
    """A stored ``start`` or ``end`` as a time in UTC; a day begins at midnight in ``zone``."""
    if "date" in told:
        return datetime.combine(date.fromisoformat(told["date"]), time(), zone).astimezone(UTC)
    return datetime.fromisoformat(told["dateTime"])


def kept_span(start: object, end: object, zone: ZoneInfo) -> tuple[Json, Json]:
    """``start`` and ``end`` of an event as they are stored: days, or times in UTC with their zone.

    ``zone`` is the calendar's. Raises what Google answers to anything else, and to an end before the start.
    """
    found = _kept(start, "start", zone), _kept(end, "end", zone)
    if ("date" in found[0]) != ("date" in found[1]):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if moment(found[1], zone) <= moment(found[0], zone):
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    return found


def _kept(told: object, name: str, zone: ZoneInfo) -> Json:
    if not isinstance(told, dict) or not ("date" in told or "dateTime" in told):
        raise invalid(f"Missing {name} time.", "required")
    if "date" in told and "dateTime" in told:
        raise invalid(f"Invalid {name} time: both a date and a dateTime.")
    if "date" in told:
        return {"date": told["date"]}
    own = zone_named(told["timeZone"]) if "timeZone" in told else None
    at = datetime.fromisoformat(told["dateTime"].upper()).replace(microsecond=0)
    if at.tzinfo is None:
        if own is None:
            raise invalid(f"Missing time zone definition for {name} time.", "required")
        at = at.replace(tzinfo=own)
    return {"dateTime": written(at), "timeZone": (own or zone).key}

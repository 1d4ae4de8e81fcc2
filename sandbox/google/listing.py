"""``events.list``: pages, and what has changed since (https://developers.google.com/workspace/calendar/api/guides/sync)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.google.call import Call
from sandbox.google.conference import settle
from sandbox.google.errors import GoogleError, invalid
from sandbox.google.shown import shown
from sandbox.google.store import is_gone
from sandbox.google.times import moment, stamp
from sandbox.model import Json

_NOT_WITH_SYNC = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_NO_SYNC_AFTER = frozenset(_NOT_WITH_SYNC) - {"timeMin", "timeMax"}
"""Where a full list is that narrow, nobody can go on from it."""
_PAGE, _LARGEST_PAGE = 250, 2500
_REMINDERS = [{"method": "popup", "minutes": 10}]


def list_events(call: Call) -> Json:
    """A page of events; after the last one a token with which the next call gets what has changed."""
    calendar, args = call.calendar(writing=False), call.args
    _check(args)
    now = call.store.clock()
    for each in list(call.calendars.on(calendar)):
        settle(call.calendars, each, now)
    since = _since(call, calendar)
    page = _page(call)
    upto = page["upto"] if page else call.calendars.kept["version"]
    key = _order(call, calendar)
    chosen = sorted((each for each in call.calendars.on(calendar) if _fits(call, calendar, each, since)), key=key)
    if page:
        chosen = [each for each in chosen if key(each) > page["after"]]
    most = min(args.get("maxResults", _PAGE), _LARGEST_PAGE)
    answer = _frame(call, calendar, now)
    answer["items"] = [shown(call.calendars, each, calendar, call.store.team_url) for each in chosen[:most]]
    if len(chosen) > most:
        following = {"after": key(chosen[most - 1]), "upto": upto, "query": _query(args)}
        answer["nextPageToken"] = _token("page", following)
    elif not _NO_SYNC_AFTER & set(args):
        epoch, single = call.calendars.kept["sync_epoch"], bool(args.get("singleEvents"))
        following = {"since": upto, "epoch": epoch, "calendar": calendar, "single": single}
        answer["nextSyncToken"] = _token("sync", following)
    return answer


def _frame(call: Call, calendar: str, now: float) -> Json:
    return {
        "kind": "calendar#events",
        "etag": f'"{call.calendars.kept["version"]}"',
        "summary": call.calendars.title(calendar),
        "updated": stamp(now),
        "timeZone": call.calendars.zone(calendar).key,
        "accessRole": call.role(calendar),
        "defaultReminders": _REMINDERS,
    }


def _check(args: Json) -> None:
    if args.get("orderBy") == "startTime" and not args.get("singleEvents"):
        raise invalid("The requested ordering is not available for the particular query.")
    if "timeMin" in args and "timeMax" in args and args["timeMax"] <= args["timeMin"]:
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    for name in ("privateExtendedProperty", "sharedExtendedProperty"):
        if not all("=" in each for each in args.get(name, ())):
            raise invalid(f"Invalid value for {name}: say propertyName=value.")


def _since(call: Call, calendar: str) -> int | None:
    """The version up to which the client knows everything; None for a full list."""
    args = call.args
    if "syncToken" not in args:
        return None
    mixed = [name for name in _NOT_WITH_SYNC if name in args]
    if mixed or args.get("showDeleted") is False:
        raise invalid(f"Sync token cannot be used with {', '.join(mixed) or 'showDeleted=false'}.")
    told = _content("sync", args["syncToken"])
    if told is None or told["calendar"] != calendar or told["single"] != bool(args.get("singleEvents")):
        raise invalid("Invalid sync token value.")
    kept = call.calendars.kept
    if told["epoch"] != kept["sync_epoch"] or told["since"] > kept["version"]:
        raise GoogleError(
            410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required."
        )
    return int(told["since"])


def _page(call: Call) -> Json | None:
    if "pageToken" not in call.args:
        return None
    found = _content("page", call.args["pageToken"])
    if found is None or found["query"] != _query(call.args):
        raise invalid("Invalid page token value.")
    return found


def _query(args: Json) -> str:
    """What must be the same on every page."""
    return json.dumps({k: v for k, v in args.items() if k not in ("pageToken", "maxResults")}, default=str)


def _order(call: Call, calendar: str) -> Callable[[Json], list[Any]]:
    zone = call.calendars.zone(calendar)
    by: dict[str | None, Callable[[Json], Any]] = {
        "startTime": lambda event: moment(event["start"], zone).timestamp(),
        "updated": lambda event: event["_version"],
    }
    # Google promises a stable order, not one that means anything.
    first = by.get(call.args.get("orderBy"), lambda _event: 0)
    return lambda event: [first(event), event["id"], event["organizer"]["email"]]


def _fits(call: Call, calendar: str, event: Json, since: int | None) -> bool:
    if since is not None:
        return bool(event["_version"] > since)
    args = call.args
    cancelled, recent = is_gone(event, calendar), "updatedMin" in args
    if recent and datetime.fromisoformat(event["updated"]) < args["updatedMin"]:
        return False
    if cancelled and not (args.get("showDeleted") or recent):
        return False
    zone = call.calendars.zone(calendar)
    if "timeMin" in args and moment(event["end"], zone) <= args["timeMin"]:
        return False
    if "timeMax" in args and moment(event["start"], zone) >= args["timeMax"]:
        return False
    return args.get("iCalUID") in (None, f"{event['id']}@google.com") and _has_properties(event, args, cancelled)


def _has_properties(event: Json, args: Json, cancelled: bool) -> bool:
    for kind in ("private", "shared"):
        has = {} if cancelled else event.get("extendedProperties", {}).get(kind, {})
        for each in args.get(f"{kind}ExtendedProperty", ()):
            name, _, value = each.partition("=")
            if has.get(name) != value:
                return False
    return True


def _token(kind: str, content: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps([kind, content]).encode()).decode()


def _content(kind: str, token: str) -> Json | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        return None
    is_one = isinstance(found, list) and len(found) == 2 and found[0] == kind and isinstance(found[1], dict)
    return found[1] if is_one else None

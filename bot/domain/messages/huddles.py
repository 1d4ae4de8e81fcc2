"""Huddles, which Slack reports as messages without words.

Slack doesn't document the ``room`` of a ``huddle_thread`` message, so everything in it is optional.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from bot.domain.kit.json import Json, dict_in, text_in
from bot.domain.kit.text import duration, escape_typed

HUDDLE = "huddle_thread"
_PERSON = re.compile(r"[UW][A-Z0-9]+")
_MAX_NAMED = 50


def huddle_text(message: Json) -> str:
    """How long the huddle was and who was there, as markup."""
    room = dict_in(message, "room")
    topic = escape_typed(" ".join(text_in(room, "name").split()))
    what = f"Huddle “{topic}”" if topic else "Huddle"
    people = _people(room)
    named = [f"<@{each}>" for each in people[:_MAX_NAMED]]
    if len(people) > _MAX_NAMED:
        named.append(f"{len(people) - _MAX_NAMED} more")
    return f"{what}, {_length(room)}" + (f": {', '.join(named)}" if named else "")


def huddle_starter(message: Json) -> str | None:
    """The person who started the huddle; ``None`` if Slack doesn't say."""
    found = text_in(dict_in(message, "room"), "created_by")
    return found if _PERSON.fullmatch(found) else None


def huddle_end(message: Json) -> str | None:
    """The huddle's end as a ``ts``, which stands in for the edit that Slack doesn't always mark."""
    end = _second(dict_in(message, "room").get("date_end"))
    return f"{end}.000000" if end else None


def _length(room: Json) -> str:
    start, end = _second(room.get("date_start")), _second(room.get("date_end"))
    if end and start:
        return duration(timedelta(seconds=max(end - start, 0)))
    return "ended" if end or room.get("has_ended") is True else "in progress"


def _people(room: Json) -> list[str]:
    found: dict[str, None] = {}
    for field in ("participant_history", "participants", "participants_events"):
        given = room.get(field)
        for each in given if isinstance(given, list | dict) else ():
            if isinstance(each, str) and _PERSON.fullmatch(each):
                found[each] = None
    return list(found)


def _second(value: Any) -> int:
    """Seconds since 1970; 0 if that isn't known, which is also how Slack says so."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 < value < 10**10 else 0

"""Finds what a line left in an action item's title although it may have been meant as a field."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.action_items.due import hour_in, is_due, is_only_hour
from bot.domain.action_items.line import ActionLine
from bot.domain.action_items.line_fields import MAX_WORDS
from bot.domain.action_items.line_words import COUNT, PRIORITIES
from bot.domain.kit.references import Names
from bot.domain.kit.text import plain_from_markup

_LEVEL = "|".join(sorted(map(re.escape, PRIORITIES), key=len, reverse=True))
_LEVEL_IN_TITLE = re.compile(rf"(?<![\w<@#/-])(?:{_LEVEL})(?![\w|>/-])", re.IGNORECASE)
_GROUP = re.compile(r"<!(?:subteam\^|here|channel|everyone)[^>]*>")
_UNKNOWN_NAME = re.compile(r"(?<![\w<|@!])@(?P<name>[\w][\w.-]*)")
_UNREAD_DUE = re.compile(
    r"(?<!\w)(?<!the )(?<!is )(?<!are )(?<!was )(?<!when )"
    r"(?P<phrase>due(?::|\s)\s*(?!to\b|date\b)\S.*)$",
    re.IGNORECASE,
)


def left_in(line: ActionLine, names: Names, *, is_dated: bool) -> Mapping[str, str]:
    """What may have been meant as a field but stayed in the title, and an hour, which no due date has.

    ``person``, ``group``, ``name``, ``date``, ``priority`` or ``hour`` -> what was typed.
    """
    title = line.title
    others = [each for each in re.findall(r"<@([A-Z0-9]+)", title) if each != line.assigned_to]
    group, unknown = _GROUP.search(title), _UNKNOWN_NAME.search(title)
    level = _LEVEL_IN_TITLE.search(title) if line.priority is None else None
    found = {
        "person": others[0] if others else "",
        "group": plain_from_markup(group[0], names) if group else "",
        "name": f"@{unknown['name']}" if unknown else "",
        "date": "" if is_dated else line.due or _date_in(title),
        "priority": level[0] if level else "",
        "hour": hour_in(line.due) if line.due and is_dated else "",
    }
    return {name: value for name, value in found.items() if value}


def _date_in(title: str) -> str:
    """A day that the title names, or what follows ``due`` in it."""
    unread = _UNREAD_DUE.search(title)
    if unread:
        return unread["phrase"]
    numbers = re.search(r"(?<!\S)\d{1,2}/\d{1,2}(?:/\d{2,4})?$", title)
    if numbers and is_due(numbers[0]):
        return numbers[0]
    words = title.split()[:40]
    for start in range(len(words)):
        for end in range(min(start + MAX_WORDS, len(words)), start, -1):
            phrase = " ".join(words[start:end])
            is_clear = re.search(r"[^\W\d_]{3}|\d{4}", phrase) and not COUNT.fullmatch(phrase)
            is_a_thing = start > 0 and words[start - 1].lower() == "the"
            if is_clear and not is_a_thing and is_due(phrase) and not is_only_hour(phrase):
                return phrase
    return ""

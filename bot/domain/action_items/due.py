"""The date that a due phrase such as ``friday 5pm``, ``5/12`` or ``in a fortnight`` means, or a question.

A phrase may have several readings. Those that have passed don't count: if one is left, that is the
date; if two are, the person is asked; if none is, the refusal says why.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.domain.action_items.due_phrases import Readings, readings
from bot.domain.action_items.due_words import normal
from bot.domain.kit.errors import BotError, DueAmbiguous, DuePassed, DueTooFar, DueUnknown
from bot.domain.kit.text import cut

FURTHEST = timedelta(days=5 * 366)
LONGEST = 60
"""The most characters that a phrase can have."""
_SOME_DAY = date(2024, 1, 1)

_END_OF_DAY = (
    r"eod|cob|eob|end of (?:business |working |play )?(?:day|business|play)|close of (?:business|play)"
)
_ZONE = r"(?: ?(?:utc|gmt|z|cet|cest|bst|ist|jst|[ecmp][sd]?t|local time|my time))?"
_CLOCK = (
    r"\d{1,2}(?:[:.h]\d{2})? ?(?:am|pm|a\.m\.?|p\.m\.?)|\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}h(?:\d{2})?"
    r"|\d{1,2} ?(?:o'clock|uhr|hrs)|at \d{1,2}"
)
_PART = (
    r"noon|midday|midnight|lunch(?:time)?|tonight|first thing|"
    r"(?:(?:this|early|late|mid|first thing(?: in)?|in) )?(?:morning|afternoon|evening|night)"
)
_HOUR = rf"(?:(?:at|around|about|@) ?)?(?:{_CLOCK}|{_PART}){_ZONE}"
_PATTERNS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?P<day>.*?),? ?(?:by )?(?:(?P<hour>\b{_HOUR})|\b(?:{_END_OF_DAY}))",
        rf"(?:(?P<hour>{_HOUR})|(?:{_END_OF_DAY}))(?:,? (?:on |of )?(?P<day>.*))?",
    )
)
_HOURS_AHEAD = re.compile(r"(?:in |within |\+ ?)(?:\d+ ?|[a-z ]+ )(?:h|hrs?|hours?|mins?|minutes?)", re.ASCII)


def due_date(phrase: str, today: date) -> date:
    """The date that a phrase means on the day ``today``; an hour of the day is ignored.

    Raises ``DueUnknown`` if it isn't a date, ``DueAmbiguous`` if it can mean two, ``DuePassed`` if it has
    passed and ``DueTooFar`` beyond five years.
    """
    try:
        found = _found(phrase, today)
    except DueUnknown as error:
        raise type(error)(**{**error.values, "phrase": cut(phrase, LONGEST)}) from None
    if not found:
        raise DueUnknown(phrase=cut(phrase, LONGEST))
    possible = [each for each in dict.fromkeys(found) if today <= each <= today + FURTHEST]
    if not possible:
        check_due(found[0], today)
    if len(possible) > 1:
        one, other, *_ = sorted(possible)
        question = DueAmbiguous(phrase=phrase, one=day_text(one), other=day_text(other))
        question.days = (one, other)
        raise question
    return possible[0]


def is_due(phrase: str) -> bool:
    """Whether the phrase as a whole is the name of a day, even of one that doesn't exist."""
    try:
        return bool(_found(phrase, _SOME_DAY))
    except BotError:
        return True


def hour_in(phrase: str) -> str:
    """The hour of the day that the phrase names, normalised; an empty string if it names none."""
    text = normal(phrase)
    return text if _HOURS_AHEAD.fullmatch(text) else _split(text)[1]


def is_only_hour(phrase: str) -> bool:
    """Whether the phrase names an hour but no day, as in ``5pm``."""
    day, hour = _split(normal(phrase))
    return bool(hour) and day == "today" and "today" not in normal(phrase)


def check_due(found: date, today: date) -> None:
    """Raise ``DuePassed`` or ``DueTooFar`` if the date can't be a due date."""
    if found < today:
        raise DuePassed(date=found.isoformat())
    if found - today > FURTHEST:
        raise DueTooFar(date=found.isoformat())


def _found(phrase: str, today: date) -> Readings | None:
    if len(phrase) > LONGEST:
        return None
    text = normal(phrase)
    try:
        return readings(text, today) or readings(_split(text)[0], today)
    except (ValueError, OverflowError):
        # E.g. the year 0, or a million weeks from now.
        return None


def _split(text: str) -> tuple[str, str]:
    """The day and the hour of a phrase that names both; for an hour alone, the day is ``today``."""
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            return (match["day"] or "today").removeprefix("on ").strip(), match["hour"] or ""
    return text, ""


def day_text(day: date) -> str:
    """``Fri 4 Dec 2026``: the same date in every time zone."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"

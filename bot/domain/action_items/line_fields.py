"""Finds an owner, a due date or a priority at the end of a text, for :mod:`bot.domain.action_items.line`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.action_items.due import is_due, is_only_hour
from bot.domain.action_items.line_words import (
    BEFORE_OWNER,
    COUNT,
    IN_SENTENCE,
    LEAD,
    MARKS,
    NUMBERED,
    OF_A_DAY,
    OF_A_LEVEL,
    OF_A_PERSON,
    PRIORITIES,
    TO_A_PERSON,
    TOWARDS,
)
from bot.domain.action_items.model import ActionItemPriority

PERSON = r"<@(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>"
_BEFORE_FIELD = r"(?:^|(?<=[\s,;:=([–—，、；：،-]))"
_OWNER_LAST = re.compile(rf"{_BEFORE_FIELD}(?P<lead>{BEFORE_OWNER})?{PERSON}[!?.]*$", re.IGNORECASE)
_LEAD_LAST = re.compile(rf"{_BEFORE_FIELD}(?P<lead>{LEAD})\s*[:=：]?\s*$", re.IGNORECASE)
LEAD_FIRST = re.compile(rf"(?P<lead>{LEAD})\s*:?\s+", re.IGNORECASE)
LEVEL = "|".join(sorted(map(re.escape, PRIORITIES), key=len, reverse=True))
_LEVEL_LAST = re.compile(
    rf"{_BEFORE_FIELD}(?:with (?=.+{NUMBERED}|{NUMBERED}))?(?P<lead>{NUMBERED}\s*[:=：\s]\s*)?(?:!(?=\w))?"
    rf"(?P<word>(?:{LEVEL})(?![\w-])|(?<=\s|[:=])[1-4](?!\w))(?P<after>[\s-]+{NUMBERED})?!*$",
    re.IGNORECASE,
)
_MARKS_LAST = re.compile(rf"{_BEFORE_FIELD}(?P<marks>!{{1,3}})$")
MAX_WORDS = 8
"""The most words of a due phrase."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field at the end of a text, and the text before it."""

    value: str
    before: str = ""
    is_sure: bool = True
    """Whether it counts without a comma or another field next to it."""
    is_loose: bool = False
    """Whether it is a date without a word such as ``by`` before it."""


def _owner_last(text: str) -> Field | None:
    match = _OWNER_LAST.search(text)
    if match is None:
        return None
    before, lead = text[: match.start()], match["lead"]
    words = _letters(before)
    is_object = _ends_with(before, OF_A_PERSON) or (len(words) == 1 and words[0] in TO_A_PERSON)
    is_towards = lead is not None and _letters(lead) == ["to"] and bool(words) and words[0] in TOWARDS
    return None if (is_object and lead is None) or is_towards else Field(match["id"], before)


def _due_last(text: str) -> Field | None:
    for word in list(re.finditer(r"[^\s,;:=，、；：،]+", text))[-MAX_WORDS:]:
        start = word.start()
        phrase = text[start:]
        if is_due(phrase):
            lead = LEAD_FIRST.match(phrase)
            start += lead.end() if lead and is_due(phrase[lead.end() :]) else 0
            return _as_due(text[start:], text[:start])
    return None


def _as_due(phrase: str, before: str) -> Field | None:
    """The day at the end of the line, if it isn't part of the sentence."""
    lead = _LEAD_LAST.search(before)
    if lead:
        return _as_introduced(phrase, before[: lead.start()], lead["lead"].lower())
    is_count = COUNT.fullmatch(phrase) is not None
    if not is_count and (is_only_hour(phrase) or _ends_with(before, OF_A_DAY)):
        return None
    is_clear = not is_count and re.search(r"[^\W\d_]{3}|\d{4}", phrase) is not None
    return Field(phrase, before, is_sure=is_clear, is_loose=True)


def _as_introduced(phrase: str, before: str, lead: str) -> Field | None:
    """The day that follows a word such as ``by``, if the sentence doesn't need it there."""
    is_needed = (
        (lead == "by" and _ends_with(before, {"stand", "standing"}))
        # "Keep logs for 10 days" has no date.
        or (COUNT.fullmatch(phrase) and not lead.startswith("due"))
        or (is_only_hour(phrase) and lead in IN_SENTENCE)
    )
    return None if is_needed else Field(phrase, before)


def _priority_last(text: str) -> Field | None:
    marks = _MARKS_LAST.search(text)
    if marks:
        return Field(MARKS[marks["marks"]].value, text[: marks.start()])
    match = _LEVEL_LAST.search(text)
    if match is None:
        return None
    before, word = text[: match.start()], match["word"].lower()
    is_labelled = bool(match["lead"] or match["after"])
    if (word.isdigit() and not is_labelled) or _ends_with(before, OF_A_LEVEL):
        return None
    if not is_labelled and is_list(before, -1):
        return None
    level = PRIORITIES.get(word) or list(ActionItemPriority)[int(word) - 1]
    return Field(level.value, before, is_sure=is_labelled or "!" in match[0])


def is_list(text: str, at: int) -> bool:
    """Whether the first (0) or last (-1) word is another priority, as in "low, medium, high"."""
    words = re.findall(r"[\w-]+", text.lower())
    return bool(words) and words[at] in PRIORITIES


def _letters(text: str) -> list[str]:
    """The words in lower case, without digits."""
    return re.findall(r"[^\W\d_]+", text.lower())


def _ends_with(text: str, words: frozenset[str] | set[str]) -> bool:
    last = re.search(r"([\w'’]+)\s*$", text)
    return last is not None and last[1].lower() in words


LAST: Mapping[str, Callable[[str], Field | None]] = {
    "owner": _owner_last,
    "priority": _priority_last,
    "due": _due_last,
}
"""Field -> the function that finds it at the end of a text; marks such as ``!!`` aren't part of a date."""

"""Reads the line of ``/incident action …``: a title with an owner, a due date and a priority, in any order.

A field is taken from the line's ends, from a part between commas, or from brackets. Whatever could just as
well belong to the sentence stays in the title, where :mod:`bot.domain.action_items.line_left` finds it:
nothing that was typed gets lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.action_items.due import is_due
from bot.domain.action_items.line_fields import LAST, LEAD_FIRST, LEVEL, MAX_WORDS, PERSON, Field, is_list
from bot.domain.action_items.line_words import (
    AFTER_OWNER,
    BEFORE_OWNER,
    COUNT,
    IN_SENTENCE,
    MARKS,
    PRIORITIES,
)
from bot.domain.action_items.model import ActionItemPriority

_SEPARATORS = " \t\n,;:.|/·–—-，、；：،\u3000"
_SPLIT = re.compile(r"(?<=\S)(?:[,;，、；،\n]|:(?=\s)|\s[–—|/·-](?=\s))\s*")
_BRACKETS = re.compile(r"[(\[]([^()\[\]<>]*(?:<[^<>]*>[^()\[\]<>]*)*)[)\]]")
_QUOTED = re.compile(r"[\"“](?P<title>.+)[\"”](?P<fields>[^\"“”]*)", re.DOTALL)
_OWNER_FIRST = re.compile(
    rf"\W*?(?:{BEFORE_OWNER})?{PERSON}(?=[\s,;:–—-]|$)[\s,;:–—-]*(?:{AFTER_OWNER})?", re.IGNORECASE
)
_LEVEL_FIRST = re.compile(rf"(?P<word>{LEVEL}|!{{1,3}})\s+(?=<@)", re.IGNORECASE)
_LEVELS = {**PRIORITIES, **MARKS}
_POLITE_LAST = re.compile(
    r"[\s,]+(?:please|pls|thanks|thank you|thx|bitte|danke|merci)[\s!.]*$", re.IGNORECASE
)
_LONGEST_LINE = 4000
"""The most characters of a line that is read; a longer one is too long for a title anyway."""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A parsed ``/incident action …`` line; ``title`` is in Slack's own markup."""

    title: str
    assigned_to: str | None = None
    due: str | None = None
    priority: ActionItemPriority | None = None
    title_with_date: str | None = field(default=None, compare=False)
    """The title if the date turns out not to be one; only a date without a word such as ``by`` can."""


_Found = dict[str, Field]


def read_action_line(markup: str) -> ActionLine:
    """Parse a line such as ``Fix the pool, <@U1>, due next friday, high``: each field at most once."""
    text, found = markup.strip(), _Found()
    if len(text) > _LONGEST_LINE:
        return ActionLine(text)
    quoted = _QUOTED.fullmatch(text)
    if quoted and (fields := _only_fields(quoted["fields"], found)) is not None:
        return _line(quoted["title"].strip(), fields)
    text = _without_brackets(text, found)
    for take in (_take_first, _take_last, _take_between):
        text = take(text, found)
    return _line(text.strip(" ,"), found)


def written(line: ActionLine, due: date) -> str:
    """A line with this due date that reads as the same title, owner and priority."""
    fields = [
        f'"{line.title}"',
        f"<@{line.assigned_to}>" if line.assigned_to else "",
        f"due {due.isoformat()}",
        f"priority {line.priority.value}" if line.priority else "",
    ]
    return ", ".join(" ".join(each.split()) for each in fields if each)


def _line(title: str, found: _Found) -> ActionLine:
    owner, due, level = (found.get(name) for name in ("owner", "due", "priority"))
    line = ActionLine(
        title,
        owner.value if owner else None,
        due.value if due else None,
        ActionItemPriority(level.value) if level else None,
    )
    return replace(line, title_with_date=f"{title} {line.due}") if due and due.is_loose else line


def _take_first(text: str, found: _Found) -> str:
    """Take the fields that the line starts with: a mention, ``by friday``, or parts that end in a comma."""
    while True:
        part = _SPLIT.search(text)
        fields = _only_fields(text[: part.start()], found) if part else None
        owner = _OWNER_FIRST.match(text) if "owner" not in found else None
        level = _LEVEL_FIRST.match(text) if "priority" not in found else None
        if part and fields and not is_list(text[part.end() :], 0):
            found.update(fields)
            text = text[part.end() :]
        elif level:
            found["priority"] = Field(_LEVELS[level["word"].lower()].value)
            text = text[level.end() :]
        elif owner:
            found["owner"] = Field(owner["id"])
            text = text[owner.end() :]
        elif "due" not in found and (day := _day_first(text)):
            found["due"], text = day
        else:
            return text


def _day_first(text: str) -> tuple[Field, str] | None:
    """The day that a word such as ``by`` introduces, and the text after it."""
    lead = LEAD_FIRST.match(text)
    if lead is None or lead["lead"].lower() in IN_SENTENCE:
        return None
    words = list(re.finditer(r"\S+", text[lead.end() :]))[:MAX_WORDS]
    for word in reversed(words):
        end = lead.end() + word.end()
        phrase = text[lead.end() : end].rstrip(_SEPARATORS)
        if is_due(phrase) and not COUNT.fullmatch(phrase):
            return Field(phrase), text[end:].lstrip()
    return None


def _take_last(text: str, found: _Found, *, touches: bool = False) -> str:
    """Take the fields that the line ends with, as long as there are any."""
    while (taken := _last(text, found, touches=touches)) is not None:
        name, last = taken
        found[name] = last
        text, touches = last.before, True
    return text.rstrip(_SEPARATORS.replace(".", "")) if touches else text


def _last(text: str, found: _Found, *, touches: bool) -> tuple[str, Field] | None:
    """The field that the text ends with; ``touches`` says that another field or a comma follows it."""
    end = _POLITE_LAST.sub("", text).rstrip(_SEPARATORS)
    touches = touches or bool(re.search(r"[,;]\s*$", text))
    for name, look in LAST.items():
        last = look(end) if name not in found else None
        if last is None:
            continue
        before = last.before.rstrip()
        is_set_off = touches or (before[-1:] in tuple(_SEPARATORS) if before else bool(found))
        rest = {**found, name: last}
        if last.is_sure or is_set_off or _last(before, rest, touches=True) is not None:
            return name, last
    return None


def _take_between(text: str, found: _Found) -> str:
    """Take the parts between commas that are clearly fields: an owner, ``by friday``, ``!high``."""
    separators = [each[0] for each in _SPLIT.finditer(text)]
    first, *parts = _SPLIT.split(text)
    kept, was_taken = [first], False
    for number, part in enumerate(parts):
        fields = _only_fields(part, found)
        is_sure = fields and (
            was_taken or any(each.is_sure and not each.is_loose for each in fields.values())
        )
        was_taken = bool(is_sure)
        if fields and is_sure:
            found.update(fields)
        else:
            kept += [separators[number], part]
    return "".join(kept)


def _without_brackets(text: str, found: _Found) -> str:
    """The text without the brackets that hold nothing but fields."""

    def taken(match: re.Match[str]) -> str:
        fields = _only_fields(match[1], found)
        if not fields:
            return match[0]
        found.update(fields)
        return " "

    return _BRACKETS.sub(taken, text).strip()


def _only_fields(text: str, found: _Found) -> _Found | None:
    """The new fields of a text that holds only fields; ``None`` if it holds anything else."""
    taken = dict(found)
    rest = _take_last(text, taken, touches=True)
    if rest.strip(_SEPARATORS):
        return None
    return {name: each for name, each in taken.items() if name not in found}

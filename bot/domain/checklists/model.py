"""Checklists: what people write as one, which of them an incident gets, and how far it has got with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.incidents.names import clean_project
from bot.domain.incidents.roles import KEY_LIMIT, key_of
from bot.domain.kit.errors import (
    ChecklistEmpty,
    ChecklistNameMissing,
    ChecklistNameTooLong,
    ChecklistTooLong,
    ChecklistTwice,
    LineTooLong,
    MinutesOdd,
    NotAnOption,
    TooManyChecklists,
)
from bot.domain.kit.text import cut, is_blank, length, one_line
from bot.domain.settings import Checklist, ChecklistLine

NAME_LIMIT, LINE_LIMIT = 40, 100
MAX_LINES, MAX_CHECKLISTS = 25, 20
"""So that a list fits into one message with a button for each line, and into one field of a form."""
MAX_MINUTES = 24 * 60
_SHOWN = 60
_BULLETS = re.compile(r"^(?:(?:[-*•–·]|\d{1,2}[.)])\s+|(?:\[[ xX]?\]|[☐☑✅□])\s*)+")
_TIME = re.compile(r"\s*\(\s*((?:\d+\s*[a-z]+\.?\s*)+)\)\s*$", re.IGNORECASE)
_PART = re.compile(r"(\d+)\s*([a-z]+)", re.IGNORECASE)
_IN_MINUTES = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
    **dict.fromkeys(("d", "day", "days"), 24 * 60),
}


@dataclass(frozen=True, slots=True)
class PostedLine:
    """A line of a list that was posted in an incident's channel. All times are UTC."""

    id: int
    checklist_id: int
    number: int
    """From 1, within the list."""
    text: str
    minutes: int | None = None
    nudge_at: datetime | None = None
    """When somebody is to be nudged; ``None`` once they were, or if there is no need."""
    is_nudged: bool = False
    done_at: datetime | None = None
    done_by: str | None = None
    item_id: int | None = None
    """The action item that it became."""

    @property
    def is_done(self) -> bool:
        """Whether somebody has ticked it."""
        return self.done_at is not None

    @property
    def is_open(self) -> bool:
        """Whether it is neither ticked nor an action item."""
        return self.done_at is None and self.item_id is None


@dataclass(frozen=True, slots=True)
class PostedChecklist:
    """A list as it was when it was posted in an incident's channel: later settings don't change it."""

    id: int
    incident_id: int
    key: str
    """See :func:`bot.domain.incidents.roles.key_of`; an incident has one list with a key."""
    name: str
    at: datetime
    role: str = ""
    """The key of the role that it is for, whose holder is nudged."""
    by: str | None = None
    """The person who posted it; ``None`` if it came by itself."""
    entry_id: int | None = None
    """The timeline entry that records the posting."""
    lines: tuple[PostedLine, ...] = ()

    @property
    def done(self) -> int:
        """How many lines are ticked."""
        return sum(each.is_done for each in self.lines)

    def timed(self, minutes: int) -> tuple[PostedLine, ...]:
        """The lines about which somebody is nudged after ``minutes``."""
        return tuple(each for each in self.lines if each.minutes == minutes)


@dataclass(frozen=True, slots=True)
class WrittenChecklist:
    """A checklist as a settings file has it: each line as people type it."""

    name: str
    lines: tuple[str, ...]
    severities: tuple[str, ...] = ()
    role: str = ""
    project: str = ""


def at_declaration(known: Iterable[Checklist], incident: Incident) -> list[Checklist]:
    """The lists of a new incident: those for its severity, and those for its project."""
    project = key_of(incident.project_id or "")
    return [
        each
        for each in known
        if incident.severity.value in each.severities or (project and key_of(each.project) == project)
    ]


def at_severity(known: Iterable[Checklist], before: str | None, after: str | None) -> list[Checklist]:
    """The lists of the severity to which an incident was raised; none if it was lowered."""
    order = [each.value for each in IncidentSeverity]
    if before not in order or after not in order or order.index(after) >= order.index(before):
        return []
    return [each for each in known if after in each.severities]


def at_role(known: Iterable[Checklist], role: str) -> list[Checklist]:
    """The lists for the role with this name."""
    return [each for each in known if each.role and key_of(each.role) == key_of(role)]


def posted(checklist: Checklist, incident_id: int, by: str | None, now: datetime) -> PostedChecklist:
    """The list as it is posted now; ids are assigned when it's stored."""
    lines = tuple(
        PostedLine(
            0,
            0,
            number,
            line.text,
            line.minutes,
            now + timedelta(minutes=line.minutes) if line.minutes else None,
        )
        for number, line in enumerate(checklist.lines, start=1)
    )
    return PostedChecklist(
        0, incident_id, key_of(checklist.name), checklist.name, now, key_of(checklist.role), by, lines=lines
    )


def left_open(found: Iterable[PostedChecklist]) -> list[tuple[PostedChecklist, PostedLine]]:
    """Every line that nobody has ticked, with its list."""
    return [(each, line) for each in found for line in each.lines if not line.is_done]


def read_checklist(wanted: Checklist, lines: str) -> Checklist:
    """The checklist with its name cleaned, and with these typed lines.

    Raises errors that name the form's field.
    """
    name = one_line(wanted.name)
    if not any(map(str.isalnum, name)):
        raise ChecklistNameMissing
    if length(name) > NAME_LIMIT or len(key_of(name)) > KEY_LIMIT:
        raise ChecklistNameTooLong(limit=NAME_LIMIT, length=length(name))
    return replace(wanted, name=name, lines=read_lines(lines))


def read_lines(text: str) -> tuple[ChecklistLine, ...]:
    """One thing to do per line, optionally with a time at its end: ``Tell support (15 min)``.

    Bullets, numbers and boxes at the beginning, as in copied lists, are left out.
    """
    typed = [_BULLETS.sub("", one_line(each), count=1) for each in text.splitlines()]
    lines = [each for each in typed if not is_blank(each)]
    if not lines:
        raise ChecklistEmpty
    if len(lines) > MAX_LINES:
        raise ChecklistTooLong(most=MAX_LINES, count=len(lines))
    return tuple(map(_read_line, lines))


def as_typed(lines: Iterable[ChecklistLine]) -> str:
    """The lines as people type them: the inverse of :func:`read_lines`."""
    return "\n".join(f"{each.text} ({each.minutes} min)" if each.minutes else each.text for each in lines)


def read_written(found: WrittenChecklist) -> Checklist:
    """The checklist in a file.

    Raises what :func:`read_checklist` does, ``NotAnOption`` and ``ProjectTooLong``.
    """
    known = [each.value for each in IncidentSeverity]
    for each in found.severities:
        if each not in known:
            raise NotAnOption(typed=cut(each, _SHOWN), options=", ".join(known))
    project = clean_project(found.project) or ""
    plain = Checklist(found.name, (), found.severities, one_line(found.role), project)
    return read_checklist(plain, "\n".join(found.lines))


def written(checklist: Checklist) -> WrittenChecklist:
    """The inverse of :func:`read_written`."""
    lines = tuple(as_typed(checklist.lines).split("\n"))
    return WrittenChecklist(checklist.name, lines, checklist.severities, checklist.role, checklist.project)


def digest(checklist: Checklist | None) -> str:
    """A digest that shows whether a checklist has changed since a form showed it; empty for ``None``."""
    return sha256(repr(checklist).encode()).hexdigest()[:16] if checklist else ""


def check_all(checklists: Sequence[Checklist]) -> tuple[Checklist, ...]:
    """The same lists; raises ``TooManyChecklists``, and ``ChecklistTwice`` if two have the same name."""
    if len(checklists) > MAX_CHECKLISTS:
        raise TooManyChecklists(most=MAX_CHECKLISTS, count=len(checklists))
    known = set[str]()
    for each in checklists:
        if key_of(each.name) in known:
            raise ChecklistTwice(name=each.name)
        known.add(key_of(each.name))
    return tuple(checklists)


def _read_line(typed: str) -> ChecklistLine:
    found = _TIME.search(typed)
    parts = _PART.findall(found[1]) if found else []
    is_time = bool(parts) and all(unit.lower() in _IN_MINUTES for _, unit in parts)
    text = typed[: found.start()] if found and is_time else typed
    if is_blank(text):
        text, is_time = typed, False
    if length(text) > LINE_LIMIT:
        raise LineTooLong(limit=LINE_LIMIT, typed=cut(text, _SHOWN), length=length(text))
    if not is_time:
        return ChecklistLine(text)
    minutes = sum(int(count[:6]) * _IN_MINUTES[unit.lower()] for count, unit in parts)
    if not 1 <= minutes <= MAX_MINUTES:
        raise MinutesOdd(typed=cut(typed, _SHOWN))
    return ChecklistLine(text, minutes)

"""The settings as people set them: in which form, how each is typed, and what it accepts.

The forms, their parser, the checks and the file all follow from :data:`SETTINGS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.domain.checklists.model import WrittenChecklist, check_all, read_written
from bot.domain.incidents.calls import read_call
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.roles import check_roles, read_roles
from bot.domain.kit.errors import (
    CountryUnknown,
    DayReversed,
    DaysOffUnreadable,
    LadderUnreadable,
    NotAnId,
    NoWorkingDay,
    OutdatedButton,
    TextsKeptUnreadable,
    TooManyComers,
)
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import cut
from bot.domain.projects.model import MAX_GROUPS, MAX_PEOPLE
from bot.domain.settings import CALL_SOURCES, DEFAULTS, Checklist, ReminderSettings, Role, SettingsGroup

Typed = str | tuple[str, ...]
"""A field of a form as it was filled in: its text, the value of its option, or those of all ticked ones."""

_DAYS_IN = {"d": 1, "w": 7, "m": 30, "y": 365}
"""The first letter of a unit -> its days. "18 months" needn't be exact to the day."""
_MIN_KEPT, _MAX_KEPT = 30, 3650
_MAX_RUNGS, _FURTHEST, _MAX_DAYS_OFF = 12, 60, 100
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Text:
    """A setting that is typed as text."""

    read: Callable[[str], Any]
    """What the text says; raises errors that name the form's field."""
    show: Callable[[Any], str]
    """The inverse."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that is chosen among options."""

    options: Mapping[str, Any]
    """The option in the form -> what it stands for."""
    is_many: bool = False
    """Whether several can be ticked."""

    def read(self, typed: Typed) -> Any:
        """What was chosen; raises ``OutdatedButton`` for what isn't an option."""
        try:
            if self.is_many:
                return tuple(value for option, value in self.options.items() if option in typed)
            return self.options[str(typed)]
        except KeyError as error:
            raise OutdatedButton from error

    def show(self, value: Any) -> Typed:
        """The options that stand for it."""
        if self.is_many:
            return tuple(option for option, each in self.options.items() if each in value)
        return next((option for option, each in self.options.items() if each == value), "")


@dataclass(frozen=True, slots=True)
class Menu:
    """A setting that is chosen in a menu of people or of user groups: their ids."""

    is_of_groups: bool = False

    def read(self, typed: Typed) -> tuple[str, ...]:
        """The ids; in text, they are separated by spaces or commas."""
        return tuple(re.split(r"[\s,;]+", typed.strip())) if isinstance(typed, str) else typed

    def show(self, value: tuple[str, ...]) -> Typed:
        """The ids, without people who were erased."""
        return tuple(each for each in value if each != ERASED)


@dataclass(frozen=True, slots=True)
class Apart:
    """A setting of many parts, each of which has a form of its own."""

    def read(self, _typed: Typed) -> Any:
        """Raises ``OutdatedButton``: no form has it as a whole."""
        raise OutdatedButton

    def show(self, _value: Any) -> Typed:
        """Nothing, likewise."""
        return ""


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Setting:
    """A field of the settings."""

    name: str
    """Its name in :class:`ReminderSettings`, and that of its block in the form."""
    key: str
    """Its key in a file, below its group's."""
    group: SettingsGroup
    typed: Text | Choice | Menu | Apart
    check: Callable[[Any], Any] = _as_it_is
    """The value as it is kept; raises an error that names the form's field if it isn't acceptable."""
    words: Mapping[str, Any] = field(default_factory=dict)
    """Word -> value: what a file can say where the value itself isn't what people would write."""

    def word(self, value: Any) -> str:
        """How the value is written in a file."""
        return next((word for word, each in self.words.items() if each == value), str(value))

    @property
    def default(self) -> Any:
        """What applies until somebody sets it."""
        return getattr(DEFAULTS, self.name)


def _read_ladder(text: str) -> tuple[int, ...]:
    words = [word for word in re.split(r"[\s,;]+", text.replace("−", "-")) if word]
    if not all(re.fullmatch(r"[+-]?\d{1,2}", word, re.ASCII) for word in words):
        raise LadderUnreadable
    return tuple(map(int, words))


def _check_ladder(days: Iterable[int]) -> tuple[int, ...]:
    rungs = tuple(sorted(set(days)))
    if not 1 <= len(rungs) <= _MAX_RUNGS or any(abs(rung) > _FURTHEST for rung in rungs):
        raise LadderUnreadable
    return rungs


def _check_working_days(days: Iterable[int]) -> tuple[int, ...]:
    found = tuple(sorted(set(days)))
    if not found or not set(found) <= set(range(7)):
        raise NoWorkingDay
    return found


def _check_country(code: str | None) -> str | None:
    typed = (code or "").strip()
    if typed and not re.fullmatch(r"[A-Za-z]{2,3}", typed):
        raise CountryUnknown(typed=cut(typed, 30))
    return typed.upper() or None


def _read_days_off(text: str) -> tuple[date, ...]:
    found = []
    for line in filter(None, (each.strip() for each in re.split(r"[\n,;]+", text))):
        try:
            found.append(date.fromisoformat(line))
        except ValueError as error:
            raise DaysOffUnreadable(typed=cut(line, 30)) from error
    return tuple(found)


def _check_days_off(days: Iterable[date]) -> tuple[date, ...]:
    found = tuple(sorted(set(days)))
    if len(found) > _MAX_DAYS_OFF:
        raise DaysOffUnreadable(typed=f"{len(found)} dates")
    return found


def _read_texts_kept(text: str) -> int | None:
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?|)\s*", text.lower(), re.ASCII)
    return int(found[1]) * _DAYS_IN[found[2][:1] or "d"] if found else 0


def _check_texts_kept(days: int | None) -> int | None:
    if days is not None and not _MIN_KEPT <= days <= _MAX_KEPT:
        raise TextsKeptUnreadable
    return days


def _check_severities(chosen: Iterable[str]) -> tuple[str, ...]:
    wanted = set(chosen)
    return tuple(each.value for each in IncidentSeverity if each.value in wanted)


def _check_call(link: str | None) -> str | None:
    return read_call(link) if link and link.strip() else None


def _check_people(ids: Iterable[str]) -> tuple[str, ...]:
    return _check_ids(ids, r"(?!S)[A-Z][A-Z0-9]+", "a person", "U0123ABCD", MAX_PEOPLE)


def _check_groups(ids: Iterable[str]) -> tuple[str, ...]:
    return _check_ids(ids, r"S[A-Z0-9]+", "a user group", "S0123ABCD", MAX_GROUPS)


def _check_ids(ids: Iterable[str], pattern: str, what: str, example: str, most: int) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(ids))
    for each in found:
        if not re.fullmatch(pattern, each, re.ASCII) and each != ERASED:
            raise NotAnId(typed=cut(each, 30), what=what, example=example)
    if len(found) > most:
        raise TooManyComers(most=most, count=len(found))
    return found


def _check_checklists(found: Iterable[Checklist | WrittenChecklist]) -> tuple[Checklist, ...]:
    return check_all([read_written(each) if isinstance(each, WrittenChecklist) else each for each in found])


def _show_roles(roles: Iterable[Role]) -> str:
    return "\n".join(f"{each.name}: {each.duty}" for each in roles)


def _hours() -> dict[str, int]:
    return {f"{each:02}:00": each for each in range(25)}


def _minutes(*offered: int) -> Choice:
    """A choice of one of these numbers of minutes, or of none."""
    return Choice({"0": None, **{str(each): each for each in offered}})


_SEVERITIES = Choice({each.value: each.value for each in IncidentSeverity}, is_many=True)

SETTINGS: tuple[Setting, ...] = (
    Setting("roles", "roles", SettingsGroup.PEOPLE, Text(read_roles, _show_roles), check_roles),
    *(
        Setting(f"{kind}_{each.value}", f"{kind}_at_{each.value}", SettingsGroup.PEOPLE, menu, check)
        for each in IncidentSeverity
        for kind, menu, check in (
            ("people", Menu(), _check_people),
            ("groups", Menu(is_of_groups=True), _check_groups),
        )
    ),
    Setting(
        "ladder",
        "reminder_days",
        SettingsGroup.REMINDERS,
        Text(_read_ladder, lambda days: ", ".join(map(str, days))),
        _check_ladder,
    ),
    Setting(
        "hour",
        "day_starts",
        SettingsGroup.REMINDERS,
        Choice({str(each): each for each in range(24)}),
        words=_hours(),
    ),
    Setting(
        "until",
        "day_ends",
        SettingsGroup.REMINDERS,
        Choice({str(each): each for each in range(1, 25)}),
        words=_hours(),
    ),
    Setting(
        "working_days",
        "working_days",
        SettingsGroup.REMINDERS,
        Choice({str(each): each for each in range(7)}, is_many=True),
        _check_working_days,
        {name.lower(): number for number, name in enumerate(WEEKDAYS)},
    ),
    Setting(
        "country",
        "public_holidays",
        SettingsGroup.REMINDERS,
        Text(_as_it_is, lambda code: code or ""),
        _check_country,
    ),
    Setting("postmortems_for", "postmortems_for", SettingsGroup.REMINDERS, _SEVERITIES, _check_severities),
    Setting(
        "days_off",
        "days_off",
        SettingsGroup.REMINDERS,
        Text(_read_days_off, lambda days: "\n".join(each.isoformat() for each in days)),
        _check_days_off,
    ),
    *(
        Setting(
            f"update_{each.value}",
            f"next_update_{each.value}",
            SettingsGroup.UPDATES,
            _minutes(15, 30, 60, 120, 240),
            words={"none": None},
        )
        for each in IncidentSeverity
    ),
    Setting("nudged_at", "nudged_at", SettingsGroup.UPDATES, _SEVERITIES, _check_severities),
    Setting(
        "commander_after",
        "ask_for_commander_after",
        SettingsGroup.UPDATES,
        _minutes(2, 5, 10, 15, 30),
        words={"never": None},
    ),
    Setting(
        "texts_kept",
        "texts_kept_days",
        SettingsGroup.CHANNELS,
        Text(_read_texts_kept, lambda days: f"{days} days" if days else ""),
        _check_texts_kept,
    ),
    Setting("call_from", "call_from", SettingsGroup.CHANNELS, Choice({each: each for each in CALL_SOURCES})),
    Setting(
        "call_link", "call", SettingsGroup.CHANNELS, Text(_as_it_is, lambda link: link or ""), _check_call
    ),
    Setting("checklists", "lists", SettingsGroup.CHECKLISTS, Apart(), _check_checklists),
)
"""Every setting, in the order of the forms; a test looks for what is missing."""

BY_NAME: Mapping[str, Setting] = {each.name: each for each in SETTINGS}


def names_in(group: SettingsGroup) -> tuple[str, ...]:
    """The fields of the group."""
    return tuple(each.name for each in SETTINGS if each.group == group)


def has_form(group: SettingsGroup) -> bool:
    """Whether the group is changed in one form."""
    return not any(isinstance(each.typed, Apart) for each in SETTINGS if each.group == group)


def check_together(settings: ReminderSettings) -> None:
    """Check what depends on several fields; raises an error that names one of them."""
    if settings.until <= settings.hour:
        raise DayReversed

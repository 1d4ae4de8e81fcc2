"""What a settings file may hold: one schema, made from the table of all settings."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Annotated, Any, get_type_hints

import pydantic
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass as strict
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.domain.checklists.model import WrittenChecklist, read_written
from bot.domain.kit.errors import BotError
from bot.domain.settings import DEFAULTS, ReminderSettings, Role, SettingsGroup
from bot.domain.settings_fields import SETTINGS, Choice, Setting, Text, check_together
from bot.settings_checks import checked, not_an_option
from bot.settings_file import roles
from bot.settings_file.nodes import Content, Path, Problem, Unusable, dotted
from bot.views.kit.errors import plain_sentence

_STRICT = ConfigDict(extra="forbid", frozen=True)
_SAID = "said"
"""The type of an error that is one of our own sentences."""


def _said(act: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Raise our errors as pydantic's, with their sentences."""

    def acting(value: Any) -> Any:
        try:
            return act(value)
        except BotError as error:
            raise PydanticCustomError(_SAID, "{said}", {"said": plain_sentence(error)}) from error

    return acting


def _no_number(value: Any) -> Any:
    if isinstance(value, int):
        # It would pass as a number of seconds since 1970.
        raise PydanticCustomError("date_type", "a number")
    return value


_WRITTEN: Any = strict(WrittenChecklist, config=_STRICT)
_TYPES: Mapping[str, Any] = {
    **get_type_hints(ReminderSettings),
    "roles": tuple[strict(Role, config=_STRICT), ...],  # type: ignore[misc]
    # Each is read by itself, so that an error says which one is wrong.
    "checklists": tuple[Annotated[_WRITTEN, AfterValidator(_said(read_written))], ...],
    "days_off": tuple[Annotated[date, BeforeValidator(_no_number)], ...],
}
"""Setting -> its type. What has keys of its own must have no others."""
_TOGETHER = (("hour", "until"),)
"""Settings that a file has to set together, so that they fit each other whatever was set in Slack."""
_TYPES_SAID: Mapping[str, str] = {
    "int": "It has to be a whole number.",
    "string": "It has to be text.",
    "date": "It has to be a date such as 2026-12-24.",
    "tuple": "It has to be a list, each entry on a line that begins with a hyphen.",
    "list": "It has to be a list, each entry on a line that begins with a hyphen.",
    "model": "It has to have keys of its own, each on a line below it.",
    "dataclass": "It has to have keys of its own, each on a line below it.",
    "missing": "It is missing.",
}
"""What an error's type begins with -> what is wrong."""


def _group(group: SettingsGroup) -> type[BaseModel]:
    fields: dict[str, Any] = {
        each.key: (_annotated(each), Field(default=each.default)) for each in SETTINGS if each.group == group
    }
    return pydantic.create_model(group.value.title(), __config__=_STRICT, **fields)


def _annotated(setting: Setting) -> Any:
    return Annotated[
        _TYPES[setting.name],
        BeforeValidator(_said(lambda value: _as_meant(setting, value))),
        AfterValidator(_said(lambda value: checked(setting, value))),
    ]


def _as_meant(setting: Setting, value: Any) -> Any:
    """What people write, turned into what it stands for: names of days, and what they would type in Slack."""
    if isinstance(value, list):
        return [_word(setting, each) for each in value]
    value = _word(setting, value)
    kind = _TYPES[setting.name]
    if value is None and isinstance(setting.default, tuple):
        return ()
    if isinstance(value, str) and isinstance(setting.typed, Text) and kind not in {str, str | None}:
        return _plain(setting.typed.read(value))
    if isinstance(setting.typed, Choice) and setting.typed.is_many and isinstance(value, str | int):
        return [value]
    return value


def _plain(read: Any) -> Any:
    """What was read, with everything that has keys of its own turned into a mapping."""
    if not isinstance(read, tuple):
        return read
    return tuple(asdict(each) if isinstance(each, Role) else each for each in read)


def _word(setting: Setting, value: Any) -> Any:
    if isinstance(value, bool):
        # It would pass as a number.
        raise PydanticCustomError(_SAID, "{said}", {"said": "It can't be true or false."})
    if not isinstance(value, str) or not isinstance(setting.typed, Choice):
        return value
    typed = value.strip().lower()
    if typed not in setting.words and typed not in setting.typed.options:
        raise not_an_option(setting, value)
    return setting.words.get(typed, value)


SettingsFile: type[BaseModel] = pydantic.create_model(
    "SettingsFile",
    __config__=_STRICT,
    **{each.value: (_group(each) | None, Field(default=None)) for each in SettingsGroup},  # type: ignore[call-overload]
)
"""The whole file: a mapping for each group of settings, with a key for each of them."""


def values_in(content: Content) -> dict[str, Any]:
    """Field -> value of all settings in the file; raises :class:`Unusable` with everything that is wrong."""
    if content.value is None:
        return {}
    try:
        found = SettingsFile.model_validate(content.value)
    except ValidationError as error:
        problems = [_problem(each, content) for each in error.errors()]
        raise Unusable(*sorted(problems, key=lambda each: each.line or 0)) from error
    values = dict(_set(found))
    if wrong := list(_apart(values, content)):
        raise Unusable(*wrong)
    return values


def _set(found: BaseModel) -> Iterator[tuple[str, Any]]:
    for each in SETTINGS:
        group = getattr(found, each.group.value)
        if group is not None and each.key in group.model_fields_set:
            yield each.name, getattr(group, each.key)


def _apart(values: Mapping[str, Any], content: Content) -> Iterator[Problem]:
    """What is wrong with several settings together."""
    known = {each.name: each for each in SETTINGS}
    for names in _TOGETHER:
        keys = " and ".join(known[name].key for name in names)
        for name in names:
            path: Path = (known[name].group.value, known[name].key)
            if name in values and not values.keys() >= set(names):
                yield Problem(f"Set {keys} together.", content.line(path), dotted(path))
    try:
        check_together(replace(DEFAULTS, **values))
    except BotError as error:
        setting = known[str(error.field)]
        path = (setting.group.value, setting.key)
        yield Problem(plain_sentence(error), content.line(path), dotted(path))
    if "roles" in values:
        yield from roles.problems(roles.unknown(values, content), values["roles"])


def _problem(error: ErrorDetails, content: Content) -> Problem:
    path = tuple(error["loc"])
    return Problem(_sentence(error, path), content.line(path), dotted(path))


def _sentence(error: ErrorDetails, path: Path) -> str:
    kind = error["type"]
    if kind == _SAID:
        return error["msg"]
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        return _unknown(str(path[-1]), _known_beside(path))
    said = (what for name, what in _TYPES_SAID.items() if kind.startswith(name))
    return next(said, f"It can't be used: {error['msg']}.")


def _known_beside(path: Path) -> list[str]:
    match path:
        case (_,):
            return [each.value for each in SettingsGroup]
        case (group, _):
            return [each.key for each in SETTINGS if each.group == group]
    return [each.name for each in fields(WrittenChecklist if path[0] == SettingsGroup.CHECKLISTS else Role)]


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.lower(), list(known), 1, 0.5)
    if near:
        return f"There is no such setting. Did you mean {near[0]}?"
    return f"There is no such setting here. These exist: {', '.join(known)}."

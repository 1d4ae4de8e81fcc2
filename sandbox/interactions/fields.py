"""The values that people enter into elements, in the format that Slack sends to the app.

One row per element type: the key that Slack uses for the value, the key of the initial value, and how a
script's plain string (or list of strings) becomes the value. Sources:
https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and view-interactions-payload
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.workspace.model import Json


class BadValueError(ValueError):
    """The value can't be entered into this element; the text says why, for the caller."""


@dataclass(frozen=True, slots=True)
class Directory:
    """How names become ids: each function returns an id or raises ``LookupError``."""

    person: Callable[[str], str]
    channel: Callable[[str], str]


Reader = Callable[[Any, Json, Directory], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """How one element type holds its value."""

    key: str
    initial: str
    read: Reader
    many: bool = False
    extra: tuple[str, ...] = ()
    """Fields of the element that Slack repeats next to the value."""


def options_of(element: Json) -> list[Json]:
    """All options of an element, including those in groups."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def _text(raw: Any, _element: Json, _directory: Directory) -> str:
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return str(raw)
    if not isinstance(raw, str):
        raise BadValueError("a text field takes a string")
    return raw


def _option(raw: Any, element: Json, _directory: Directory) -> Json:
    for option in options_of(element):
        if raw in (option, option.get("value"), option["text"]["text"]):
            return option
    raise BadValueError(f"there is no option {raw!r}")


def _person(raw: Any, _element: Json, directory: Directory) -> str:
    return _looked_up(directory.person, raw)


def _channel(raw: Any, _element: Json, directory: Directory) -> str:
    return _looked_up(directory.channel, raw)


def _looked_up(find: Callable[[str], str], raw: Any) -> str:
    try:
        return find(str(raw))
    except LookupError as error:
        raise BadValueError(f"there is no {raw!r}") from error


def _pattern(pattern: str, example: str) -> Reader:
    def read(raw: Any, _element: Json, _directory: Directory) -> str:
        if not isinstance(raw, str) or not re.fullmatch(pattern, raw):
            raise BadValueError(f"expected the form {example}")
        return raw

    return read


def _seconds(raw: Any, _element: Json, _directory: Directory) -> int:
    if not re.fullmatch(r"\d{10}", str(raw)):
        raise BadValueError("expected seconds since 1970, e.g. 1764000000")
    return int(raw)


def _rich_text(raw: Any, _element: Json, _directory: Directory) -> Json:
    if isinstance(raw, dict):
        return raw
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(raw)}]}
    return {"type": "rich_text", "elements": [section]}


def _no_files(_raw: Any, _element: Json, _directory: Directory) -> Json:
    raise BadValueError("the sandbox takes no files in forms")


_DATE = _pattern(r"\d{4}-\d{2}-\d{2}", "2026-01-31")
_TIME = _pattern(r"([01]\d|2[0-3]):[0-5]\d", "22:05")

FIELDS: dict[str, Field] = {
    "plain_text_input": Field("value", "initial_value", _text),
    "email_text_input": Field("value", "initial_value", _text),
    "url_text_input": Field("value", "initial_value", _text),
    "number_input": Field("value", "initial_value", _text),
    "rich_text_input": Field("rich_text_value", "initial_value", _rich_text),
    "static_select": Field("selected_option", "initial_option", _option),
    "external_select": Field("selected_option", "initial_option", _option),
    "radio_buttons": Field("selected_option", "initial_option", _option),
    "users_select": Field("selected_user", "initial_user", _person),
    "conversations_select": Field("selected_conversation", "initial_conversation", _channel),
    "channels_select": Field("selected_channel", "initial_channel", _channel),
    "datepicker": Field("selected_date", "initial_date", _DATE),
    "timepicker": Field("selected_time", "initial_time", _TIME, extra=("timezone",)),
    "datetimepicker": Field("selected_date_time", "initial_date_time", _seconds),
    "checkboxes": Field("selected_options", "initial_options", _option, many=True),
    "multi_static_select": Field("selected_options", "initial_options", _option, many=True),
    "multi_external_select": Field("selected_options", "initial_options", _option, many=True),
    "multi_users_select": Field("selected_users", "initial_users", _person, many=True),
    "multi_conversations_select": Field(
        "selected_conversations", "initial_conversations", _channel, many=True
    ),
    "multi_channels_select": Field("selected_channels", "initial_channels", _channel, many=True),
    "file_input": Field("files", "", _no_files, many=True),
}
"""Elements that hold a value; every other element only acts."""


def initial(element: Json) -> Json:
    """The ``state.values`` entry of an element that was just shown."""
    field = FIELDS[element["type"]]
    return _entry(element, element.get(field.initial, [] if field.many else None))


def entered(element: Json, raw: Any, directory: Directory) -> Json:
    """The ``state.values`` entry after somebody entered ``raw``. Raises :class:`BadValueError`.

    ``None`` and the empty string (or list) clear the element. Several values may be a list or a single
    string.
    """
    field = FIELDS[element["type"]]
    if raw is None or raw in ("", []):
        return _entry(element, [] if field.many else None)
    if not field.many:
        return _entry(element, field.read(raw, element, directory))
    several: Sequence[Any] = raw if isinstance(raw, list) else [raw]
    return _entry(element, [field.read(one, element, directory) for one in several])


def is_empty(entry: Json) -> bool:
    """Whether nothing has been entered."""
    return entry[FIELDS[entry["type"]].key] in (None, "", [])


def _entry(element: Json, value: Any) -> Json:
    field = FIELDS[element["type"]]
    repeated = {name: element[name] for name in field.extra if name in element}
    return {"type": element["type"], field.key: value, **repeated}

"""What buttons carry. It is input: whatever no button of ours carries is refused, clearly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from bot.domain.incidents.model import IncidentSeverity
from bot.domain.kit.errors import OutdatedButton
from bot.domain.surface.answers import Answer, IncidentList, from_json
from bot.domain.surface.forms import FormStart, form_from_json

T = TypeVar("T")


def read(reader: Callable[[str], T], action: Mapping[str, Any]) -> T:
    """What the clicked button's value means by ``reader``; raises ``OutdatedButton``."""
    try:
        return reader(str(action.get("value") or ""))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OutdatedButton from error


def number(value: str) -> int:
    """An incident's number; raises ``ValueError``."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value, re.ASCII):
        raise ValueError(value)
    return int(value)


def number_of_seconds(value: str) -> int:
    """A time as seconds since 1970; raises ``ValueError``."""
    if not re.fullmatch(r"[1-9][0-9]{8,10}", value, re.ASCII):
        raise ValueError(value)
    return int(value)


def answer(value: str) -> Answer:
    """An answer as our own buttons carry it; raises what :func:`read` expects."""
    found = _typed(from_json(json.loads(value)))
    if isinstance(found, IncidentList) and found.severity:
        IncidentSeverity(found.severity)
    return found


def form(value: str) -> FormStart:
    """The start of a form as our own buttons carry it; raises what :func:`read` expects."""
    stored = json.loads(value)
    return _typed(form_from_json(stored["form"], stored["arguments"]))


def _typed(found: T) -> T:
    """The dataclass, if each of its values is of its field's type; raises ``TypeError``."""
    hints = get_type_hints(type(found))
    for each in fields(found):  # type: ignore[arg-type]
        if not _fits(getattr(found, each.name), hints[each.name]):
            raise TypeError(each.name)
    return found


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    if get_origin(hint) is Mapping:
        return isinstance(value, Mapping)
    return type(value) is hint

"""What buttons carry. It is input: whatever no button of ours carries is refused, clearly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bot.codec import BUTTONS, answer_from_json, form_from_json
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.kit.errors import OutdatedButton
from bot.domain.surface.answers import Answer, IncidentList
from bot.domain.surface.forms import FormStart

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
    found = answer_from_json(json.loads(value), BUTTONS)
    if isinstance(found, IncidentList) and found.severity:
        IncidentSeverity(found.severity)
    return found


def form(value: str) -> FormStart:
    """The start of a form as our own buttons carry it; raises what :func:`read` expects."""
    stored = json.loads(value)
    return form_from_json(stored["form"], stored["arguments"], BUTTONS)

"""Reads what buttons carry. It is input: anything that none of our buttons carries is refused, clearly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bot.codec import BUTTONS, answer_from_json, form_from_json
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.kit.errors import OutdatedButton
from bot.domain.surface.answers import Answer, Briefing, IncidentList
from bot.domain.surface.forms import FormStart

T = TypeVar("T")


def read(reader: Callable[[str], T], action: Mapping[str, Any]) -> T:
    """The clicked button's value as ``reader`` reads it; raises ``OutdatedButton`` if it can't."""
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
    """A time in seconds since 1970; raises ``ValueError``."""
    if not re.fullmatch(r"[1-9][0-9]{8,10}", value, re.ASCII):
        raise ValueError(value)
    return int(value)


def line(value: str) -> str:
    """The command line that one of our buttons carries; raises what :func:`read` expects."""
    found = json.loads(value)["line"]
    if not isinstance(found, str):
        raise TypeError(found)
    return found


def answer(value: str) -> Answer:
    """The answer that one of our buttons carries; raises what :func:`read` expects."""
    found = answer_from_json(json.loads(value), BUTTONS)
    if isinstance(found, IncidentList) and found.severity:
        IncidentSeverity(found.severity)
    if isinstance(found, Briefing) and found.since:
        _instant(found.since)
    return found


def _instant(value: str) -> datetime:
    """A time in ISO format with its offset; raises ``ValueError``."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found


def form(value: str) -> FormStart:
    """The form's start that one of our buttons carries; raises what :func:`read` expects."""
    stored = json.loads(value)
    return form_from_json(stored["form"], stored["arguments"], BUTTONS)

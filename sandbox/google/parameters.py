"""The parameters of a request, checked against the discovery document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sandbox.google.discovery import Method
from sandbox.google.errors import invalid, unserved
from sandbox.google.times import parsed
from sandbox.model import Json

_UNSERVED = frozenset(
    ["eventLabelVersion", "eventTypes", "fields", "maxAttendees", "q", "sendNotifications"]
    + ["showHiddenInvitations", "supportsAttachments", "timeZone"]
)
"""What would change an answer in ways that the sandbox doesn't know: saying yes to it would be a lie."""


def checked(method: Method, path: dict[str, str], query: Sequence[tuple[str, str]]) -> Json:
    """The parameters by name, as Python values; raises :class:`sandbox.google.errors.GoogleError`."""
    found: Json = {}
    for name, text in (*path.items(), *query):
        told = method.parameters.get(name)
        if told is None or (told["location"] == "path") != (name in path):
            raise invalid(f"Unknown name: {name}", "invalidParameter")
        if name in _UNSERVED:
            raise unserved(f"parameter {name}")
        value = _value(name, told, text)
        if told.get("repeated"):
            found.setdefault(name, []).append(value)
        elif name in found:
            raise invalid(f"The parameter {name} is given twice.", "invalidParameter")
        else:
            found[name] = value
    missing = [name for name, told in method.parameters.items() if told.get("required") and not found.get(name)]
    if missing:
        raise invalid(f"Required parameter: {missing[0]}", "required")
    return found


def _value(name: str, told: Json, text: str) -> Any:
    odd = invalid(f"Invalid value for {name}: {text}", "invalidParameter")
    if "enum" in told and text not in told["enum"]:
        raise odd
    if told["type"] == "boolean":
        if text not in {"true", "false"}:
            raise odd
        return text == "true"
    if told["type"] == "integer":
        low, high = int(told.get("minimum", -(2**31))), int(told.get("maximum", 2**31 - 1))
        if not re.fullmatch(r"-?\d{1,10}", text) or not low <= int(text) <= high:
            raise odd
        return int(text)
    if told.get("format") == "date-time":
        moment = parsed(text)
        if moment is None or moment.tzinfo is None:
            raise odd
        return moment
    return text

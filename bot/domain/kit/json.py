"""JSON objects from outside, parsed but not checked."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""An object with whatever the other side sent."""


def text_in(given: Json, field: str) -> str:
    """The field's text; empty if there is none, or something else is in its place."""
    found = given.get(field)
    return found if isinstance(found, str) else ""


def dict_in(given: Json, field: str) -> Json:
    """The object in the field; empty if there is none, or something else is in its place."""
    found = given.get(field)
    return found if isinstance(found, dict) else {}


def dicts_in(given: Json, field: str) -> list[Json]:
    """The objects in the field's list, without whatever else is in it."""
    found = given.get(field)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

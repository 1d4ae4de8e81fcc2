"""What JSON may look like, asked and answered: the schemas of the client's own discovery document."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from sandbox.google.discovery import document
from sandbox.google.times import parsed
from sandbox.model import Json

_FORMATS = FormatChecker(formats=())

_VALUES: dict[tuple[str, str], list[str]] = {
    ("Event", "status"): ["confirmed", "tentative", "cancelled"],
    ("Event", "transparency"): ["opaque", "transparent"],
    ("Event", "visibility"): ["default", "public", "private", "confidential"],
    ("EventAttendee", "responseStatus"): ["needsAction", "declined", "tentative", "accepted"],
    ("EventReminder", "method"): ["email", "popup"],
}
"""What the document says in prose only."""


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value) and date.fromisoformat(value))


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    found = parsed(value) if isinstance(value, str) else None
    return not isinstance(value, str) or (found is not None and found.tzinfo is not None)


@_FORMATS.checks("local-date-time")
def _is_local_moment(value: object) -> bool:
    return not isinstance(value, str) or parsed(value) is not None


@_FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def complaint(name: str, value: object, *, patching: bool = False) -> str | None:
    """What keeps the value from fitting the schema of that name; None when it fits.

    While ``patching``, null stands for what is to be removed; elsewhere nothing is null.
    """
    found = best_match(_validator(name, patching).iter_errors(value))
    if found is None:
        return None
    where = "/".join(map(str, found.absolute_path)) or name
    return f"{where}: {found.message}"


@cache
def _validator(name: str, patching: bool) -> Draft202012Validator:
    told = document()["schemas"]
    definitions = {each: _object(each, schema, patching) for each, schema in told.items()}
    definitions["EventDateTime"] = _with_local_times(definitions["EventDateTime"])
    schema = {"$ref": f"#/$defs/{name}", "$defs": definitions}
    return Draft202012Validator(schema, format_checker=_FORMATS)


def _object(name: str, told: Json, patching: bool) -> Json:
    made = _as_json_schema(told, patching)
    for (owner, field), values in _VALUES.items():
        if owner == name:
            made["properties"][field]["enum"] = [*values, None] if patching else values
    return made


def _with_local_times(made: Json) -> Json:
    """An offset may be missing where ``timeZone`` stands beside it."""
    made["properties"]["dateTime"]["format"] = "local-date-time"
    return made


def _as_json_schema(told: Json, patching: bool) -> Json:
    """Discovery's dialect as JSON schema; properties that it doesn't name may not be there."""
    if "$ref" in told:
        return {"$ref": f"#/$defs/{told['$ref']}"}
    kind = told.get("type")
    made: Json = {} if kind in (None, "any") else {"type": kind}
    if "format" in told:
        made["format"] = told["format"]
    if "items" in told:
        made["items"] = _as_json_schema(told["items"], patching)
    if kind == "object":
        properties = told.get("properties", {})
        made["properties"] = {each: _property(value, patching) for each, value in properties.items()}
        more = told.get("additionalProperties")
        made["additionalProperties"] = _property(more, patching) if more else False
    return made


def _property(told: Json, patching: bool) -> Json:
    made = _as_json_schema(told, patching)
    if not patching:
        return made
    if "$ref" in made:
        return {"anyOf": [made, {"type": "null"}]}
    return {**made, "type": [made["type"], "null"]} if "type" in made else made

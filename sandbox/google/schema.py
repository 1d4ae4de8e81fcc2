"""The shapes that requests may have, according to the client's own discovery document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from jsonschema import Draft202012Validator, FormatChecker

from sandbox.google.errors import invalid
from sandbox.workspace.model import Json

_FORMATS = FormatChecker(formats=())


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the API, e.g. ``events.insert``, and its parameters."""

    name: str
    verb: str
    path: re.Pattern[str]
    parameters: Mapping[str, Json]
    takes: str | None
    """The name of its body's schema."""
    gives: str | None
    """The name of its answer's schema."""
    scopes: frozenset[str]
    """A token needs one of them."""


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    # RFC 3339: a date and a time. The zone may be missing, because ``timeZone`` can name it.
    return not isinstance(value, str) or ("T" in value and bool(datetime.fromisoformat(value)))


@cache
def document() -> Json:
    """The discovery document that the client library includes."""
    name = "discovery_cache/documents/calendar.v3.json"
    found: Json = json.loads((files("googleapiclient") / name).read_text(encoding="utf-8"))
    return found


@cache
def methods() -> tuple[Method, ...]:
    """Every method of the API."""
    return tuple(_methods(document()["resources"]))


def scopes() -> frozenset[str]:
    """Every scope that an app may ask for."""
    return frozenset(document()["auth"]["oauth2"]["scopes"])


def _methods(resources: Json) -> Iterator[Method]:
    for resource in resources.values():
        for told in resource.get("methods", {}).values():
            # `{calendarId}` matches one path segment.
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", told["path"])
            yield Method(
                told["id"].removeprefix("calendar."),
                told["httpMethod"],
                re.compile(pattern),
                told.get("parameters", {}),
                (told.get("request") or {}).get("$ref"),
                (told.get("response") or {}).get("$ref"),
                frozenset(told["scopes"]),
            )


def check_parameters(method: Method, given: Mapping[str, str]) -> None:
    """Raise :class:`sandbox.google.errors.GoogleError` for unknown, missing or invalid query parameters."""
    known = {**document()["parameters"], **method.parameters}
    for name, value in given.items():
        if name not in known:
            raise invalid(f"Unknown parameter: {name}", "invalidParameter")
        if problem := _odd(known[name], value):
            raise invalid(f"Invalid value '{value}' for {name}: {problem}", "invalidParameter")
    for name, told in method.parameters.items():
        if told.get("required") and told["location"] == "query" and name not in given:
            raise invalid(f"Missing required parameter: {name}", "required")


def _odd(told: Json, value: str) -> str | None:
    if "enum" in told and value not in told["enum"]:
        return f"must be one of {', '.join(told['enum'])}"
    if told["type"] == "boolean" and value not in {"true", "false"}:
        return "must be true or false"
    if told["type"] == "integer":
        low, high = int(told.get("minimum", -(2**31))), int(told.get("maximum", 2**31 - 1))
        if not re.fullmatch(r"-?\d+", value) or not low <= int(value) <= high:
            return f"must be a whole number from {low} to {high}"
    if told.get("format") == "date-time" and not _parses(value):
        return "must be a time with an offset"
    return None


def _parses(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def check_body(name: str, body: object) -> None:
    """Raise :class:`sandbox.google.errors.GoogleError` if the body doesn't match the schema of that name."""
    problem = next(_validator(name).iter_errors(body), None)
    if problem is not None:
        where = "/".join(map(str, problem.absolute_path)) or "the body"
        raise invalid(f"Invalid JSON payload at {where}: {problem.message}", "parseError")


@cache
def _validator(name: str) -> Draft202012Validator:
    definitions = {each: _as_json_schema(told) for each, told in document()["schemas"].items()}
    schema = {"$ref": f"#/$defs/{name}", "$defs": definitions}
    return Draft202012Validator(schema, format_checker=_FORMATS)


def _as_json_schema(told: Json) -> Json:
    """The discovery document's dialect as JSON schema; fields that it doesn't name aren't allowed."""
    if "$ref" in told:
        return {"$ref": f"#/$defs/{told['$ref']}"}
    kind = told.get("type", "object")
    schema: Json = {} if kind == "any" else {"type": [kind, "null"]}
    if kind == "object":
        schema["properties"] = {
            each: _as_json_schema(value) for each, value in told.get("properties", {}).items()
        }
        more = told.get("additionalProperties")
        schema["additionalProperties"] = _as_json_schema(more) if more else False
    if kind == "array":
        schema["items"] = _as_json_schema(told["items"])
    if told.get("format") in {"date", "date-time"}:
        schema["format"] = told["format"]
    return schema

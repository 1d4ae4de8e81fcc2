"""The API as the client's own discovery document describes it: methods, their paths and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import unquote

from sandbox.model import Json


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the API: ``events.insert`` and what it takes."""

    name: str
    verb: str
    path: re.Pattern[str]
    parameters: Mapping[str, Json]
    """Its own and those that every method has."""
    takes: str | None
    """The schema of its body."""
    gives: str | None
    """The schema of its answer."""
    scopes: frozenset[str]
    """Any of them is enough."""


@cache
def document() -> Json:
    """The discovery document that the client carries with it."""
    name = "discovery_cache/documents/calendar.v3.json"
    found: Json = json.loads((files("googleapiclient") / name).read_text(encoding="utf-8"))
    return found


@cache
def methods() -> tuple[Method, ...]:
    """Every method of the API."""
    return tuple(_methods(document()["resources"]))


def method_at(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method at that path (as it came, with its escapes) and the path's parameters; None for no method."""
    for method in methods():
        matched = method.path.fullmatch(path) if method.verb == verb else None
        if matched:
            return method, {name: unquote(value) for name, value in matched.groupdict().items()}
    return None


def _methods(resources: Json) -> Iterator[Method]:
    for resource in resources.values():
        for told in resource.get("methods", {}).values():
            yield Method(
                told["id"].removeprefix("calendar."),
                told["httpMethod"],
                re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", told["path"])),
                {**document()["parameters"], **told.get("parameters", {})},
                told.get("request", {}).get("$ref"),
                told.get("response", {}).get("$ref"),
                frozenset(told.get("scopes", ())),
            )

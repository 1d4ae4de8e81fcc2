"""A small schema language: rules are values, and tables of rules say what Slack accepts.

Every rule yields the problems of one value, in Slack's own wording, each with a JSON pointer to its place.
Lengths are counted in characters (code points).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in one place."""

    at: str
    text: str

    def __str__(self) -> str:
        return f"[ERROR] {self.text} [json-pointer:{self.at}]"


Problems = Iterator[Problem]
Check = Callable[[Json, str], Problems]
"""A rule about several fields of one object: takes ``(object, pointer)`` and yields problems."""


class Rule(Protocol):
    """Anything that can check the value at a pointer."""

    def problems(self, value: Any, at: str) -> Problems:
        """Yield what is wrong with ``value``; nothing if it is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Str:
    """A string of ``min`` to ``max`` characters that matches a pattern or is one of some values."""

    max: int | None = None
    min: int = 0
    values: tuple[str, ...] = ()
    pattern: str = ""
    expected: str = ""
    """What the pattern requires, to complete the sentence "must be …"."""

    def problems(self, value: Any, at: str) -> Problems:
        """See :class:`Rule`."""
        if not isinstance(value, str):
            yield Problem(at, "must provide a string")
            return
        if len(value) < self.min:
            yield Problem(at, f"must be more than {self.min - 1} characters")
        if self.max is not None and len(value) > self.max:
            yield Problem(at, f"must be less than {self.max + 1} characters")
        if self.values and value not in self.values:
            yield Problem(at, "must be a valid enum value")
        if self.pattern and not re.fullmatch(self.pattern, value):
            yield Problem(at, f"must be {self.expected}")


@dataclass(frozen=True, slots=True)
class Bool:
    """true or false."""

    def problems(self, value: Any, at: str) -> Problems:
        """See :class:`Rule`."""
        if not isinstance(value, bool):
            yield Problem(at, "must provide a boolean")


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds; whole unless ``decimal``."""

    min: float | None = None
    max: float | None = None
    decimal: bool = False

    def problems(self, value: Any, at: str) -> Problems:
        """See :class:`Rule`."""
        kinds = (int, float) if self.decimal else (int,)
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield Problem(at, "must provide a number" if self.decimal else "must provide an integer")
            return
        if self.min is not None and value < self.min:
            yield Problem(at, f"must be greater than or equal to {self.min:g}")
        if self.max is not None and value > self.max:
            yield Problem(at, f"must be less than or equal to {self.max:g}")


@dataclass(frozen=True, slots=True)
class Items:
    """A list of ``min`` to ``max`` values that follow one rule."""

    of: Rule
    max: int | None = None
    min: int = 1

    def problems(self, value: Any, at: str) -> Problems:
        """See :class:`Rule`."""
        if not isinstance(value, list):
            yield Problem(at, "must provide an array")
            return
        if len(value) < self.min:
            yield Problem(at, f"must provide at least {self.min} items")
        if self.max is not None and len(value) > self.max:
            yield Problem(at, f"no more than {self.max} items allowed")
            return
        for index, item in enumerate(value):
            yield from self.of.problems(item, f"{at}/{index}")


@dataclass(frozen=True, slots=True)
class Object:
    """An object with known fields, some of them required, and rules about several fields at once."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    also: tuple[Check, ...] = ()

    def problems(self, value: Any, at: str) -> Problems:
        """See :class:`Rule`."""
        if not isinstance(value, dict):
            yield Problem(at, "must provide an object")
            return
        yield from (
            Problem(at, f"missing required field: {name}") for name in self.required if name not in value
        )
        wrong = False
        for name, item in value.items():
            rule = self.fields.get(name)
            found = [Problem(at, f"invalid additional property: {name}")]
            if rule is not None:
                found = list(rule.problems(item, f"{at}/{name}"))
            wrong = wrong or bool(found)
            yield from found
        if not wrong:  # checks across fields may rely on each field being valid
            for check in self.also:
                yield from check(value, at)


@dataclass(frozen=True, slots=True)
class Typed:
    """An object whose ``type`` picks its rule from a table."""

    table: Mapping[str, Rule]

    def problems(self, value: Any, at: str) -> Problems:
        """See :class:`Rule`."""
        if not isinstance(value, dict):
            yield Problem(at, "must provide an object")
            return
        if "type" not in value:
            yield Problem(at, "missing required field: type")
            return
        kind = value["type"]
        rule = self.table.get(kind) if isinstance(kind, str) else None
        if rule is None:
            yield Problem(f"{at}/type", f"unsupported type: {kind}")
            return
        yield from rule.problems({name: item for name, item in value.items() if name != "type"}, at)


def any_of(*names: str) -> Check:
    """Check that at least one of the fields is present."""

    def check(value: Json, at: str) -> Problems:
        if not any(name in value for name in names):
            yield Problem(at, f"must provide one of: {', '.join(names)}")

    return check


def exactly_one_of(*names: str) -> Check:
    """Check that exactly one of the fields is present."""

    def check(value: Json, at: str) -> Problems:
        given = [name for name in names if name in value]
        if not given:
            yield Problem(at, f"must provide one of: {', '.join(names)}")
        yield from (Problem(at, f"invalid additional property: {name}") for name in given[1:])

    return check


def in_order(low: str, high: str) -> Check:
    """Check that the first field doesn't exceed the second, if both are given."""

    def check(value: Json, at: str) -> Problems:
        if low in value and high in value and float(value[low]) > float(value[high]):
            yield Problem(f"{at}/{low}", f"must be less than or equal to `{high}`")

    return check

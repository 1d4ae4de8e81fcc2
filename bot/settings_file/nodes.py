"""YAML as plain values, with the line of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""Where a value is: keys of mappings and places in lists, from 0."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with the file."""

    what: str
    line: int | None = None
    """From 1; ``None`` if it is about the whole file."""
    key: str = ""
    """Such as ``reminders.working_days``; empty if it is about the whole file."""

    def __str__(self) -> str:
        where = ", ".join(filter(None, (f"line {self.line}" if self.line else "", self.key)))
        return f"{where}: {self.what}" if where else self.what


class Unusable(Exception):
    """The file can't be used; each problem has a sentence."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    value: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of a value or, if it isn't there, of the nearest one around it."""
        return next(
            (self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), None
        )


class _Loader(yaml.SafeLoader):
    """Reads what people mean, as YAML 1.2 does: ``NO`` is a country, and ``18:00`` is a time.

    In YAML 1.1, which the library knows, ``NO`` is false and ``18:00`` is 1,080. Aliases are refused, because
    a few lines of them can stand for more than fits into memory.
    """

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as in the library

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*) can't be used here", mark)
        return super().compose_node(parent, index)


_TAGS = tuple(f"tag:yaml.org,2002:{name}" for name in ("int", "bool", "null", "str", "seq", "map"))
_INT, _BOOL, _NULL, *_ = _TAGS
_Loader.add_implicit_resolver(_INT, re.compile(r"[-+]?[0-9]{1,18}$"), list("-+0123456789"))
_Loader.add_implicit_resolver(_BOOL, re.compile(r"(true|True|false|False)$"), list("tTfF"))
_Loader.add_implicit_resolver(_NULL, re.compile(r"(~|null|Null|NULL|)$"), ["~", "n", "N", ""])


def read(text: str) -> Content:
    """What the text holds; raises :class:`Unusable`."""
    try:
        node = yaml.compose(text, _Loader)
        lines: dict[Path, int] = {}
        return Content(_value(node, (), lines) if node else None, lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unusable(
            Problem(f"It isn't YAML: {error.problem}.", mark.line + 1 if mark else None)
        ) from error
    except yaml.YAMLError as error:
        raise Unusable(Problem("It isn't YAML: it contains a character that isn't allowed.")) from error
    except RecursionError as error:
        raise Unusable(Problem("It is nested too deeply.")) from error


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if node.tag not in _TAGS:
        raise Unusable(Problem("A tag (!) can't be used here.", line))
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, number), lines) for number, each in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise Unusable(Problem("A key has to be a word.", line))
        key = str(key_node.value)
        if key in found:
            raise Unusable(Problem("It is here twice. Remove one of them.", line, dotted((*path, key))))
        lines[*path, key] = line
        found[key] = _value(value_node, (*path, key), lines)
    return found


def _scalar(node: yaml.Node) -> Any:
    if node.tag == _INT:
        return int(node.value)
    if node.tag == _BOOL:
        return node.value.lower() == "true"
    return None if node.tag == _NULL else node.value


def dotted(path: Path) -> str:
    """The path as people write it: ``people.roles[1].name``, with places in lists from 1."""
    said = "".join(f"[{each + 1}]" if isinstance(each, int) else f".{each}" for each in path)
    return said.removeprefix(".")

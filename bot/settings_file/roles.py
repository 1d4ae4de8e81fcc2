"""The roles that a file's checklists are for: whether there are such roles."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.incidents.roles import BUILT_IN, key_of
from bot.domain.kit.text import cut
from bot.domain.settings import Role
from bot.domain.settings_fields import BY_NAME
from bot.settings_file.nodes import Content, Path, Problem, dotted

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class NamedRole:
    """A role that a checklist is for, and where the file says so."""

    name: str
    line: int | None
    key: str
    """Such as ``checklists.lists[1].role``."""


def unknown(values: Mapping[str, Any], content: Content) -> Iterator[NamedRole]:
    """The roles that the file names, and that are neither built in nor its own."""
    known, lists = _known(values.get("roles", ())), BY_NAME["checklists"]
    for number, each in enumerate(values.get(lists.name, ())):
        path: Path = (lists.group.value, lists.key, number, "role")
        if each.role and key_of(each.role) not in known:
            yield NamedRole(each.role, content.line(path), dotted(path))


def problems(named: Iterable[NamedRole], added: Iterable[Role]) -> list[Problem]:
    """What is wrong with those that aren't among the roles that were added to the built-in ones."""
    known = _known(added)
    return [
        Problem(_no_such_role(each.name, known), each.line, each.key)
        for each in named
        if key_of(each.name) not in known
    ]


def assumptions(named: Iterable[NamedRole]) -> list[Problem]:
    """What has to be true of those that only Slack can have, for somebody who can't look there."""
    return [
        Problem(
            f"“{cut(each.name, _SHOWN)}” is neither built in nor in this file: it has to be set in Slack."
            f"{_meant(each.name, _known(()))}",
            each.line,
            each.key,
        )
        for each in named
    ]


def _known(added: Iterable[Role]) -> dict[str, str]:
    """The key of each role -> its name."""
    return {key_of(each.name): each.name for each in (*BUILT_IN, *added)}


def _no_such_role(name: str, known: Mapping[str, str]) -> str:
    meant = _meant(name, known) or f" These exist: {', '.join(known.values())}."
    return f"There is no role “{cut(name, _SHOWN)}”.{meant}"


def _meant(name: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(key_of(name), list(known), 1, 0.6)
    return f" Did you mean {known[near[0]]}?" if near else ""

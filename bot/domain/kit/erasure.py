"""Removes a person from what is stored: their id, mentions of them, their address, and ``@`` their name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bot.domain.kit.people import ERASED, ERASED_NAME
from bot.domain.kit.references import NAMELESS, Kind


@dataclass(frozen=True, slots=True)
class Subject:
    """The person to remove, as far as we know them."""

    id: str
    name: str = field(default="", repr=False)
    email: str | None = field(default=None, repr=False)

    def occurs_in(self, value: Any) -> bool:
        """Whether a stored value, which may be nested, names the person."""
        if isinstance(value, str):
            return _pattern(self).search(value) is not None
        if isinstance(value, Mapping):
            return any(map(self.occurs_in, value)) or any(map(self.occurs_in, value.values()))
        return isinstance(value, list) and any(map(self.occurs_in, value))

    def removed_from(self, value: Any) -> Any:
        """The value without the person: their id becomes ``ERASED``, and lists of people lose it."""
        if isinstance(value, str):
            return _pattern(self).sub(_instead, value)
        if isinstance(value, Mapping):
            left = {name: each for name, each in value.items() if name != self.id}
            return {self.removed_from(name): self.removed_from(each) for name, each in left.items()}
        if isinstance(value, list):
            return [self.removed_from(each) for each in value if each != self.id]
        return value


@cache
def _pattern(subject: Subject) -> re.Pattern[str]:
    """What names the person. Their bare name doesn't: in other people's texts it may mean anything."""
    user_id = re.escape(subject.id)
    parts = [f"(?P<mention><@{user_id}(?:\\|[^<>]*)?>)", f"(?P<id>(?<![A-Za-z0-9]){user_id}(?![A-Za-z0-9]))"]
    if subject.email:
        parts.append(f"(?<![\\w.+-])(?i:{re.escape(subject.email)})(?![\\w-])")
    if subject.name not in {"", subject.id, ERASED_NAME}:
        parts.append(f"@{re.escape(subject.name)}(?!\\w)")
    return re.compile("|".join(parts))


def _instead(found: re.Match[str]) -> str:
    return ERASED if found.lastgroup == "id" else NAMELESS[Kind.PERSON]

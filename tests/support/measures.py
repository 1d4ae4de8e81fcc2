"""A measurement, its goal and its verdict; and numbered messages to measure with."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from tests.support import slackish

numbers = itertools.count(1)


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    bare: str
    muster: str
    ratio: float | None
    goal: str
    verdict: str


def messages(count: int, channel: str) -> list[dict[str, Any]]:
    """That many messages, each of them different."""
    return [slackish.message(next(numbers), channel) for _ in range(count)]


def met(is_met: bool) -> str:
    """The verdict in words."""
    return "met" if is_met else "MISSED"

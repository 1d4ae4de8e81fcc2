"""Buttons that show an answer, and those that turn the pages of one."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.codec import answer_to_json
from bot.domain.surface.answers import Answer
from bot.views.kit.message import Block, button

_BACK_AND_ON = ("← Previous page", "Next page →")


def shows(label: str, action_id: str, answer: Answer) -> Block:
    """A button that shows the answer."""
    return button(label, action_id, json.dumps(answer_to_json(answer)))


def pager(
    pages: int, page: int, at: Callable[[int], Answer], labels: tuple[str, str] = _BACK_AND_ON
) -> list[Block]:
    """Buttons to the previous and the next page, if they exist; ``at`` is the answer at a page."""
    turns = zip(labels, ("page_back", "page_on"), (page - 1, page + 1), strict=True)
    return [shows(label, action_id, at(number)) for label, action_id, number in turns if 1 <= number <= pages]

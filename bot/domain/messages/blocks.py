"""What blocks say, in reading order.

Source: https://docs.slack.dev/reference/block-kit/blocks. Buttons and menus say nothing, and blocks that
we don't know are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.domain.kit.json import Json, text_in
from bot.domain.kit.text import escape_typed
from bot.domain.messages.rich_text import rich_text

HEADER = "header"
_MAX_DEPTH = 8
"""Containers hold lists of blocks, which hold lists of texts; nothing that Slack documents is deeper."""

_HOLDS: Mapping[str, tuple[str, ...]] = {
    HEADER: ("text",),
    "section": ("text", "fields"),
    "context": ("elements",),
    "alert": ("text",),
    "image": ("title",),
    "video": ("title", "description"),
    "card": ("title", "subtitle", "body"),
    "carousel": ("elements",),
    "container": ("title", "rich_text_title", "subtitle", "child_blocks"),
    "task_card": ("title", "details", "output"),
    "plan": ("title", "tasks"),
    "data_visualization": ("title",),
}
"""Type of a block -> its fields with words, in reading order."""


def texts_of(block: Any, depth: int = 0) -> Iterator[str]:
    """The markup of each text in a block, a list of blocks, or a text object."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(block, list):
        for each in block:
            yield from texts_of(each, depth + 1)
    elif isinstance(block, str):
        yield escape_typed(block)
    elif isinstance(block, dict):
        kind = text_in(block, "type")
        if kind in _TEXTS:
            yield _TEXTS[kind](block)
        for field in _HOLDS.get(kind, ()):
            yield from texts_of(block.get(field), depth + 1)


def _table(block: Json) -> str:
    rows = block.get("rows")
    lines = [text_in(block, "caption")]
    for row in rows if isinstance(rows, list) else ():
        cells = (" ".join(_cell(each).split()) for each in row) if isinstance(row, list) else ()
        lines.append(" | ".join(cells))
    return "\n".join(line for line in lines if line.strip(" |"))


def _cell(cell: Any) -> str:
    if not isinstance(cell, dict):
        return ""
    if cell.get("type") == "rich_text":
        return rich_text(cell)
    value = cell.get("value")
    return escape_typed(text_in(cell, "text")) or (str(value) if isinstance(value, int | float) else "")


def _standard_markdown(block: Json) -> str:
    """Standard Markdown in Slack's own markup, as far as the two differ in what alerts use."""
    markup = escape_typed(text_in(block, "text"))
    for pattern, replacement in _DIFFERENT:
        markup = pattern.sub(replacement, markup)
    return markup


_DIFFERENT = (
    (re.compile(r"^#{1,6}[ \t]+", re.MULTILINE), ""),
    (re.compile(r"\*\*([^*\n]+)\*\*"), r"*\1*"),
    (re.compile(r"\[([^\]\n|]*)\]\((https?://[^)\s|]+)\)"), r"<\2|\1>"),
)
_TEXTS: Mapping[str, Callable[[Json], str]] = {
    "mrkdwn": lambda block: text_in(block, "text"),
    "plain_text": lambda block: escape_typed(text_in(block, "text")),
    "rich_text": rich_text,
    "markdown": _standard_markdown,
    "table": _table,
    "data_table": _table,
}
"""Type of a block or text object -> its words as markup."""

"""Makes what is shown fit Slack's limits: the last guard, so that nothing is refused for its length.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.domain.kit.json import Json
from bot.domain.kit.text import length

MAX_BLOCKS = 50
"""Per message: https://docs.slack.dev/reference/block-kit/blocks"""
MAX_CHARACTERS = 10_000
"""All texts, button values and ids of a message's blocks together.

Slack documents no limit, but refuses messages with ``msg_blocks_too_long`` from about 11,000 characters.
"""
MAX_TEXT = 4_000
"""``chat.update`` refuses longer texts: https://docs.slack.dev/reference/methods/chat.update"""

_LIMITS: Mapping[tuple[str, str], int] = {
    ("header", "text"): 150,
    ("section", "text"): 3000,
    ("section", "fields"): 2000,
    ("context", "elements"): 3000,
    ("button", "text"): 75,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("option", "text"): 75,
    ("option", "description"): 75,
}
"""(what a text object is in, its key there) -> its longest text."""
_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|.", re.DOTALL)
_WORTH_SHOWING = 200
"""A section isn't cut to less than this, but left out."""
_LEFT_OUT: Json = {
    "type": "context",
    "elements": [{"type": "mrkdwn", "text": "… The rest doesn't fit into one message."}],
}


def fitted_text(text: str, limit: int = MAX_TEXT) -> str:
    """The text cut to ``limit``, with an ellipsis if something was left out.

    No mention, link or entity is cut in two, and a code block that is cut is closed.
    """
    if length(text) <= limit:
        return text
    ending = "\n```…" if "```" in text else "…"
    shown, room = "", limit - length(ending)
    for token in _TOKEN.findall(text):
        if length(token) > room:
            break
        shown, room = shown + token, room - length(token)
    shown = shown.rstrip()
    return shown + (ending if shown.count("```") % 2 else "…")


def fitted(blocks: Iterable[Json]) -> list[Json]:
    """The blocks of a message, each text cut to its limit, and as many of them as fit.

    If that isn't all of them, a line says so; buttons and remarks at the end are kept.
    """
    cut = with_short_texts(blocks)
    if len(cut) <= MAX_BLOCKS and sum(map(_weight, cut)) <= MAX_CHARACTERS:
        return cut
    tail = _tail(cut)
    return [*_from_the_start(cut[: len(cut) - len(tail)], [_LEFT_OUT, *tail]), _LEFT_OUT, *tail]


def with_short_texts(blocks: Iterable[Json]) -> list[Json]:
    """The blocks of a form or of App Home, each text cut to its limit."""
    return [_cut(each) for each in blocks]


def in_sections(lines: Iterable[str]) -> list[Json]:
    """The lines in as few sections as possible, each within Slack's limit."""
    limit, texts = _LIMITS["section", "text"], list[str]()
    for text in lines:
        if texts and length(texts[-1]) + 1 + length(text) <= limit:
            texts[-1] += "\n" + text
        else:
            texts.append(text)
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}} for text in texts]


def _cut(value: Any, where: tuple[str, str] = ("", "")) -> Any:
    if isinstance(value, list):
        return [_cut(each, where) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type", "")
    if kind in {"mrkdwn", "plain_text"}:
        return {**value, "text": fitted_text(value["text"], _LIMITS.get(where, MAX_TEXT))}
    # Options have no type.
    inside = str(kind or "option")
    return {key: _cut(each, (inside, key)) for key, each in value.items()}


def _weight(value: Any) -> int:
    if isinstance(value, str):
        return length(value)
    if isinstance(value, dict):
        return sum(_weight(each) for key, each in value.items() if key != "type")
    return sum(map(_weight, value)) if isinstance(value, list | tuple) else 0


def _tail(blocks: Sequence[Json]) -> list[Json]:
    """Up to two blocks of buttons or remarks at the end, if they leave room for more."""
    tail: list[Json] = []
    for each in reversed(blocks[-2:]):
        if each["type"] not in {"actions", "context"} or _weight([each, *tail]) > MAX_CHARACTERS // 2:
            break
        tail.insert(0, each)
    return tail


def _from_the_start(blocks: Sequence[Json], after: Sequence[Json]) -> list[Json]:
    kept, room = list[Json](), MAX_CHARACTERS - _weight(list(after))
    for each in blocks[: MAX_BLOCKS - len(after)]:
        over = _weight(each) - room
        if over > 0:
            text = each.get("text", {}).get("text", "")
            if length(text) - over >= _WORTH_SHOWING:
                shorter = {**each["text"], "text": fitted_text(text, length(text) - over)}
                kept.append({**each, "text": shorter})
            break
        kept.append(each)
        room -= _weight(each)
    return kept

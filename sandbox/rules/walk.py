"""Walking through blocks that have already passed the checks: their elements, ids and texts."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from sandbox.rules.elements import ELEMENTS
from sandbox.rules.schema import Json

_NESTED_BLOCKS = {"container": "child_blocks", "carousel": "elements", "plan": "tasks"}
_ELEMENT_LISTS = {"actions": "elements", "context_actions": "elements", "card": "actions"}
_ELEMENT_FIELDS = {"section": "accessory", "input": "element", "auth_provider": "accessory"}


def blocks_in(blocks: list[Json], at: str) -> Iterator[tuple[str, Json]]:
    """Every block with its pointer, nested ones after their parent."""
    for index, block in enumerate(blocks):
        here = f"{at}/{index}"
        yield here, block
        nested = _NESTED_BLOCKS.get(block["type"], "")
        yield from blocks_in(block.get(nested, []), f"{here}/{nested}")


def elements_in(block: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """The interactive elements of one block (not of nested blocks), each with its pointer."""
    listed = _ELEMENT_LISTS.get(block["type"], "")
    found = [(f"{at}/{listed}/{index}", element) for index, element in enumerate(block.get(listed, []))]
    single = _ELEMENT_FIELDS.get(block["type"], "")
    found += [(f"{at}/{single}", block[single])] if single in block else []
    for here, element in found:
        if element["type"] in ELEMENTS and "action_id" in ELEMENTS[element["type"]].rule.fields:
            yield here, element


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which each block has a ``block_id`` and each interactive element an ``action_id``.

    Slack makes up the ids that an app leaves out, and includes them in everything that it sends back. Ours
    are derived from the position, so they are the same every time.
    """
    named = copy.deepcopy(blocks)
    taken = {block["block_id"] for _, block in blocks_in(named, "") if "block_id" in block}
    for at, block in blocks_in(named, ""):
        block.setdefault("block_id", _free(f"b{at.replace('/', '-')}", taken))
        used = {element["action_id"] for _, element in elements_in(block) if "action_id" in element}
        for here, element in elements_in(block):
            element.setdefault("action_id", _free(f"a{here.replace('/', '-')}", used))
    return named


def _free(wanted: str, taken: set[str]) -> str:
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted


def text_size(value: Any) -> int:
    """How many characters of text a block (or list of blocks) shows, in all its ``text`` fields."""
    if isinstance(value, list):
        return sum(text_size(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(text_size(item) for item in value.values())

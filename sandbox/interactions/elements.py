"""Finding an element on a surface, and the values of all its elements."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.interactions.fields import FIELDS, initial
from sandbox.rules import blocks_in, elements_in, with_ids
from sandbox.workspace.model import Json

State = dict[str, Json]
"""block_id -> action_id -> entry, as in ``state.values``."""


def on_screen(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every interactive element with its block, both with their ids."""
    for _, block in blocks_in(with_ids(blocks), ""):
        for _, element in elements_in(block):
            yield block, element


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and element with an ``action_id``. Raises ``LookupError`` unless there is exactly one.

    An ``action_id`` is unique only within its block: if several blocks have it, ``block_id`` must be given.
    """
    found = [
        (block, element)
        for block, element in on_screen(blocks)
        if element["action_id"] == action_id and block_id in (None, block["block_id"])
    ]
    if not found:
        raise LookupError(f"nothing here has the action {action_id!r}")
    if len(found) > 1:
        raise LookupError(f"several blocks have the action {action_id!r}: say which block")
    return found[0]


def state_values(blocks: list[Json], entered: State) -> State:
    """Each element's value: as entered, or else as it was first shown."""
    values: State = {}
    for block, element in on_screen(blocks):
        if element["type"] in FIELDS:
            entry = entered.get(block["block_id"], {}).get(element["action_id"])
            fits = entry is not None and entry["type"] == element["type"]
            values.setdefault(block["block_id"], {})[element["action_id"]] = (
                entry if fits else initial(element)
            )
    return values

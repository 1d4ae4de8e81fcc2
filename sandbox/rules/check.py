"""The checks themselves: blocks, whole messages, whole views."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.rules.blocks import SURFACE_BLOCKS
from sandbox.rules.composition import OPTION_GROUP, option, text
from sandbox.rules.errors import SlackError
from sandbox.rules.schema import Bool, Items, Json, Object, Problem, Problems, Rule, Str, exactly_one_of
from sandbox.rules.walk import blocks_in, elements_in, text_size

MESSAGE_TEXT_MAX = 40_000
"""Slack cuts a message's text off here, without an error."""

UPDATE_TEXT_MAX = 4_000
"""``chat.update`` refuses a longer text with ``msg_too_long``."""

BLOCKS_TEXT_MAX = 10_500
"""All text in a message's blocks together; undocumented. Messages were refused from some 11,000 characters:
containers and button values count, too."""

METADATA_MAX = 16_000
"""Bytes of a message's metadata as JSON."""

VIEW_MAX = 250_000
"""Bytes of a view as JSON."""

ATTACHMENTS_MAX = 100

_MAX_PER_MESSAGE = {"table": 1, "data_visualization": 2}


def _parsed(value: Any, code: str) -> Any:
    """The value, decoded if it is a string: form-encoded calls send JSON that way."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise SlackError(code) from error


def _repeated(pairs: Iterable[tuple[str, str]], name: str) -> Problems:
    seen: set[str] = set()
    for at, value in pairs:
        if value in seen:
            yield Problem(f"{at}/{name}", f'`{name}` "{value}" already exists')
        seen.add(value)


def _duplicates(blocks: list[Json], at: str) -> Problems:
    """Problems with ids: a block_id must be unique in its message or view, an action_id in its block."""
    all_blocks = list(blocks_in(blocks, at))
    yield from _repeated(
        ((here, block["block_id"]) for here, block in all_blocks if "block_id" in block), "block_id"
    )
    for here, block in all_blocks:
        actions = [(place, element) for place, element in elements_in(block, here) if "action_id" in element]
        yield from _repeated(((place, element["action_id"]) for place, element in actions), "action_id")


def _one_focus(blocks: list[Json], at: str) -> Problems:
    found = [
        place
        for here, block in blocks_in(blocks, at)
        for place, element in elements_in(block, here)
        if element.get("focus_on_load")
    ]
    yield from (
        Problem(f"{place}/focus_on_load", "only one element can have `focus_on_load`") for place in found[1:]
    )


def _block_problems(blocks: Any, surface: str, at: str) -> list[Problem]:
    found = list(SURFACE_BLOCKS[surface].problems(blocks, at))
    if found:
        return found
    return [*_duplicates(blocks, at), *_one_focus(blocks, at)]


def _refuse(code: str, problems: Iterable[Problem]) -> None:
    lines = [str(problem) for problem in problems]
    if lines:
        raise SlackError(code, lines)


def check_blocks(blocks: Any, *, surface: str = "message", at: str = "/blocks") -> None:
    """Check a message's ``blocks`` (a list, or its JSON).

    Raises :class:`SlackError` with ``invalid_blocks_format``, ``invalid_blocks`` or ``msg_blocks_too_long``.
    """
    blocks = _parsed(blocks, "invalid_blocks_format")
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    _refuse("invalid_blocks", _block_problems(blocks, surface, at))
    kinds = Counter(block["type"] for _, block in blocks_in(blocks, at))
    for kind, most in _MAX_PER_MESSAGE.items():
        if kinds[kind] > most:
            raise SlackError("invalid_blocks", [f"[ERROR] too many {kind} blocks"])
    if text_size(blocks) > BLOCKS_TEXT_MAX:
        raise SlackError("msg_blocks_too_long")


def _check_attachments(attachments: Any) -> None:
    attachments = _parsed(attachments, "invalid_attachments")
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > ATTACHMENTS_MAX:
        raise SlackError("too_many_attachments")
    for index, attachment in enumerate(attachments):
        if "blocks" in attachment:
            check_blocks(attachment["blocks"], at=f"/attachments/{index}/blocks")


def _check_metadata(metadata: Any) -> None:
    metadata = _parsed(metadata, "invalid_metadata_format")
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > METADATA_MAX:
        raise SlackError("metadata_too_large")


_PARTS: dict[str, Callable[[Any], None]] = {
    "blocks": check_blocks,
    "attachments": _check_attachments,
    "metadata": _check_metadata,
}


def check_message(args: Json, *, method: str = "chat.postMessage") -> None:
    """Check the arguments of chat.postMessage, chat.update or chat.postEphemeral.

    Raises :class:`SlackError` with ``no_text``, ``invalid_arguments``, ``invalid_blocks``,
    ``invalid_blocks_format``, ``msg_blocks_too_long``, ``invalid_attachments``, ``invalid_metadata_format`` …
    A text over 40,000 characters isn't an error: Slack cuts it off. Only chat.update has a limit of 4,000.
    """
    text_given = args.get("text")
    if text_given is not None and not isinstance(text_given, str):
        raise SlackError("invalid_arguments", ["[ERROR] must provide a string [json-pointer:/text]"])
    for name, check in _PARTS.items():
        if args.get(name) is not None:
            check(args[name])
    shown = (text_given or "").strip() or _has_items(args, "blocks") or _has_items(args, "attachments")
    if not shown:
        raise SlackError("no_text")
    if method == "chat.update" and len(text_given or "") > UPDATE_TEXT_MAX:
        raise SlackError("msg_too_long")


def _has_items(args: Json, name: str) -> bool:
    value = args.get(name)
    return bool(json.loads(value) if isinstance(value, str) else value)


_BASE: dict[str, Rule] = {
    "private_metadata": Str(max=3000),
    "callback_id": Str(max=255),
    "external_id": Str(max=255),
}
_MODAL: dict[str, Rule] = {
    "title": text(24),
    "submit": text(24),
    "close": text(24),
    "clear_on_close": Bool(),
    "notify_on_close": Bool(),
    "submit_disabled": Bool(),
}
_VIEWS = {
    "modal": Object({**_BASE, **_MODAL, "blocks": SURFACE_BLOCKS["modal"]}, required=("title", "blocks")),
    "home": Object({**_BASE, "blocks": SURFACE_BLOCKS["home"]}, required=("blocks",)),
}


def _missing_submit(view: Json) -> Problems:
    if view["type"] != "modal" or "submit" in view:
        return
    for here, block in blocks_in(view["blocks"], "/view/blocks"):
        if block["type"] == "input":
            yield Problem(f"{here}/input", "must define `submit` to use an `input` block in modals")


def check_view(view: Any, *, kind: str) -> None:
    """Check a view (an object, or its JSON) of ``kind`` "modal" or "home".

    Raises :class:`SlackError` with ``invalid_arguments`` and where the problems are, or with
    ``view_too_large`` over 250 kB.
    """
    view = _parsed(view, "invalid_arguments")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", [str(Problem("/view", "must provide an object"))])
    if view.get("type") != kind:
        raise SlackError(
            "invalid_arguments", [str(Problem("/view/type", f"unsupported type: {view.get('type')}"))]
        )
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_MAX:
        raise SlackError("view_too_large")
    fields = {name: value for name, value in view.items() if name != "type"}
    _refuse("invalid_arguments", _VIEWS[kind].problems(fields, "/view"))
    at = "/view/blocks"
    blocks = view["blocks"]
    _refuse("invalid_arguments", [*_duplicates(blocks, at), *_one_focus(blocks, at), *_missing_submit(view)])


_SUGGESTIONS = Object(
    {"options": Items(option(), max=100, min=0), "option_groups": Items(OPTION_GROUP, max=100, min=0)},
    also=(exactly_one_of("options", "option_groups"),),
)


def check_suggestions(answer: Any) -> None:
    """Check an app's answer to ``block_suggestion``. Raises :class:`SlackError` ``invalid_arguments``."""
    _refuse("invalid_arguments", _SUGGESTIONS.problems(answer, ""))

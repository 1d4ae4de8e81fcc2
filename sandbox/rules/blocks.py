"""Blocks: what each may contain, and on which surfaces it is allowed.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.rules.composition import (
    ANY_TEXT,
    BLOCK_ID,
    IMAGE,
    IMAGE_SOURCE,
    MRKDWN,
    PLAIN,
    URL,
    text,
)
from sandbox.rules.data_blocks import DATA_TABLE, DATA_VISUALIZATION, PLAN, TABLE, TASK_CARD
from sandbox.rules.elements import SURFACES, elements
from sandbox.rules.rich_text import RICH_TEXT
from sandbox.rules.schema import Bool, Check, Items, Json, Object, Problem, Problems, Rule, Str, Typed, any_of

MESSAGE = ("message",)
MODAL = ("modal",)
VIEWS = ("modal", "home")
# There are no "file" and "call" blocks: apps can't send them, they only occur in messages that Slack returns.


@dataclass(frozen=True, slots=True)
class Block:
    """One row of the table: how to build the block's rule for a surface, and the allowed surfaces."""

    rule: Callable[[str], Object]
    surfaces: tuple[str, ...] = SURFACES


def _block(fields: Mapping[str, Rule], *required: str, also: tuple[Check, ...] = ()) -> Object:
    return Object({"block_id": BLOCK_ID, **fields}, required=required, also=also)


def _fixed(rule: Object) -> Callable[[str], Object]:
    return lambda _surface: rule


def _section(surface: str) -> Object:
    fields: dict[str, Rule] = {
        "text": text(3000, ANY_TEXT),
        "fields": Items(text(2000, ANY_TEXT), max=10),
        "accessory": Typed(elements("section", surface)),
        "expand": Bool(),
    }
    return _block(fields, also=(any_of("text", "fields"),))


def _actions(surface: str) -> Object:
    return _block({"elements": Items(Typed(elements("actions", surface)), max=25)}, "elements")


def _context(surface: str) -> Object:
    allowed = {**elements("context", surface), **text(3000, ANY_TEXT).table}
    return _block({"elements": Items(Typed(allowed), max=10)}, "elements")


def _context_actions(surface: str) -> Object:
    return _block({"elements": Items(Typed(elements("context_actions", surface)), max=5)}, "elements")


def _no_dispatching_files(block: Json, at: str) -> Problems:
    if block.get("dispatch_action") and block["element"]["type"] == "file_input":
        yield Problem(f"{at}/element/type", "unsupported type: file_input")


def _input(surface: str) -> Object:
    fields: dict[str, Rule] = {
        "label": text(2000),
        "hint": text(2000),
        "element": Typed(elements("input", surface)),
        "optional": Bool(),
        "dispatch_action": Bool(),
    }
    return _block(fields, "label", "element", also=(_no_dispatching_files,))


def _card(surface: str) -> Object:
    picture = Typed({"image": elements("card", surface)["image"]})
    fields: dict[str, Rule] = {
        "hero_image": picture,
        "icon": picture,
        "slack_icon": Typed({"icon": Object({"name": Str(min=1)}, required=("name",))}),
        "title": text(150, MRKDWN + PLAIN),
        "subtitle": text(150, MRKDWN + PLAIN),
        "body": text(200, MRKDWN + PLAIN),
        "actions": Items(Typed({"button": elements("card", surface)["button"]})),
    }
    return _block(fields, also=(any_of("hero_image", "title", "actions", "body"),))


def _carousel(surface: str) -> Object:
    return _block({"elements": Items(Typed({"card": _card(surface)}), max=10)}, "elements")


def _collapsing(block: Json, at: str) -> Problems:
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        yield Problem(f"{at}/default_collapsed", "requires `is_collapsible`")
    if block.get("has_header_divider") and block.get("is_collapsible"):
        yield Problem(f"{at}/has_header_divider", "cannot be used with `is_collapsible`")


_CHILDREN = (
    "actions",
    "context",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "table",
    "video",
)


def _container(surface: str) -> Object:
    children = {kind: BLOCKS[kind].rule(surface) for kind in _CHILDREN if surface in BLOCKS[kind].surfaces}
    fields: dict[str, Rule] = {
        "title": text(150),
        "rich_text_title": Typed({"rich_text": RICH_TEXT}),
        "subtitle": text(150, ANY_TEXT),
        "child_blocks": Items(Typed(children), max=10),
        "width": Str(values=("narrow", "standard", "wide", "full")),
        "icon": Typed({"image": elements("container", surface)["image"]}),
        "is_collapsible": Bool(),
        "default_collapsed": Bool(),
        "has_header_divider": Bool(),
    }
    return _block(fields, "child_blocks", also=(any_of("title", "rich_text_title"), _collapsing))


def _auth_provider(surface: str) -> Object:
    fields: dict[str, Rule] = {
        "value": Str(max=150, min=1),
        "name": text(75),
        "is_connected": Bool(),
        "description": text(150),
        "icon_url": URL,
        "auth_url": URL,
        "disconnect_url": URL,
        "connected_identity": text(75),
        "connected_context": text(75),
        "accessory": Typed({"overflow": elements("auth_provider", surface)["overflow"]}),
        "fallback": Items(
            Typed({kind: BLOCKS[kind].rule(surface) for kind in ("section", "actions", "context")})
        ),
    }
    return _block(fields, "value", "name", "is_connected")


_VIDEO: dict[str, Rule] = {
    "video_url": URL,
    "thumbnail_url": URL,
    "alt_text": Str(max=2000, min=1),
    "title": text(199),
    "title_url": URL,
    "author_name": Str(max=49),
    "provider_name": Str(),
    "provider_icon_url": URL,
    "description": text(3000),
}
_ALERT: dict[str, Rule] = {
    "text": text(3000, ANY_TEXT),
    "level": Str(values=("default", "info", "warning", "error", "success")),
}

BLOCKS: dict[str, Block] = {
    "actions": Block(_actions),
    "alert": Block(_fixed(_block(_ALERT, "text")), MODAL),
    "auth_provider": Block(_auth_provider),
    "card": Block(_card),
    "carousel": Block(_carousel),
    "container": Block(_container),
    "context": Block(_context),
    "context_actions": Block(_context_actions, MESSAGE),
    "data_table": Block(_fixed(DATA_TABLE), MESSAGE),
    "data_visualization": Block(_fixed(DATA_VISUALIZATION), MESSAGE),
    "divider": Block(_fixed(_block({}))),
    "header": Block(_fixed(_block({"text": text(150)}, "text"))),
    "image": Block(_fixed(_block({**IMAGE, "title": text(2000)}, "alt_text", also=(IMAGE_SOURCE,)))),
    "input": Block(_input, VIEWS),
    "markdown": Block(_fixed(_block({"text": Str(max=12_000, min=1)}, "text")), MESSAGE),
    "plan": Block(_fixed(PLAN), MESSAGE),
    "rich_text": Block(_fixed(RICH_TEXT)),
    "section": Block(_section),
    "table": Block(_fixed(TABLE), MESSAGE),
    "task_card": Block(_fixed(TASK_CARD), MESSAGE),
    "video": Block(_fixed(_block(_VIDEO, "video_url", "thumbnail_url", "alt_text", "title"))),
}

MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
"""How many blocks a surface can have."""

SURFACE_BLOCKS: dict[str, Items] = {
    surface: Items(
        Typed({kind: block.rule(surface) for kind, block in BLOCKS.items() if surface in block.surfaces}),
        min=0,
        max=MAX_BLOCKS[surface],
    )
    for surface in SURFACES
}
"""The rule for a whole ``blocks`` array, by surface."""

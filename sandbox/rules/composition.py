"""Composition objects: texts, options, option groups, confirmation dialogs, filters, images.

Source: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from __future__ import annotations

from typing import Any

from sandbox.rules.schema import (
    Bool,
    Check,
    Items,
    Json,
    Object,
    Problem,
    Problems,
    Rule,
    Str,
    Typed,
    any_of,
    exactly_one_of,
)

PLAIN = ("plain_text",)
MRKDWN = ("mrkdwn",)
ANY_TEXT = ("plain_text", "mrkdwn")
TEXT_FLAGS = {"plain_text": "emoji", "mrkdwn": "verbatim"}
URL = Str(max=3000, min=1)
STYLE = Str(values=("primary", "danger"))
BLOCK_ID = Str(max=255)
ACTION_ID = Str(max=255)


def text(longest: int, kinds: tuple[str, ...] = PLAIN) -> Typed:
    """A text object of 1 to ``longest`` characters."""
    return Typed(
        {
            kind: Object({"text": Str(max=longest, min=1), TEXT_FLAGS[kind]: Bool()}, required=("text",))
            for kind in kinds
        }
    )


def option(kinds: tuple[str, ...] = PLAIN, *, url: bool = False) -> Object:
    """One option: label 75, value 150, description 75 characters; a ``url`` only in overflow menus."""
    fields: dict[str, Rule] = {
        "text": text(75, kinds),
        "value": Str(max=150, min=1),
        "description": text(75, kinds),
    }
    return Object(fields | ({"url": URL} if url else {}), required=("text", "value"))


OPTION_GROUP = Object({"label": text(75), "options": Items(option(), max=100)}, required=("label", "options"))

CONFIRM = Object(
    {"title": text(100), "text": text(300, ANY_TEXT), "confirm": text(30), "deny": text(30), "style": STYLE},
    required=("title", "text", "confirm", "deny"),
)

CONVERSATION_FILTER = Object(
    {
        "include": Items(Str(values=("im", "mpim", "private", "public"))),
        "exclude_external_shared_channels": Bool(),
        "exclude_bot_users": Bool(),
    },
    also=(any_of("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)

DISPATCH_CONFIG = Object(
    {"trigger_actions_on": Items(Str(values=("on_enter_pressed", "on_character_entered")))},
    required=("trigger_actions_on",),
)

SLACK_FILE = Object({"id": Str(min=1), "url": URL}, also=(exactly_one_of("id", "url"),))

IMAGE: dict[str, Rule] = {"image_url": URL, "slack_file": SLACK_FILE, "alt_text": Str(max=2000, min=1)}
IMAGE_SOURCE = exactly_one_of("image_url", "slack_file")


def _choices(element: Json) -> list[Any]:
    grouped = [choice for group in element.get("option_groups", []) for choice in group["options"]]
    return [*element.get("options", []), *grouped]


def initial_among(name: str) -> Check:
    """Check that the preselected option (or options) exactly matches one of the options."""

    def check(element: Json, at: str) -> Problems:
        given = element.get(name, [])
        chosen = given if isinstance(given, list) else [given]
        if any(one not in _choices(element) for one in chosen):
            yield Problem(f"{at}/{name}", f"`{name}` must exactly match an option in `options`")

    return check

"""The building blocks of messages and forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.views.kit.emoji import with_emoji
from bot.views.kit.fitting import fitted, fitted_text

Block = dict[str, Any]

SECTION_LIMIT = 3000
VALUE_LIMIT = 2000
LABEL_LIMIT = 75
"""The most characters of a section's text, a button's value and its label.

https://docs.slack.dev/reference/block-kit
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to post: its blocks, and the text for notifications and clients without blocks."""

    text: str
    blocks: tuple[Block, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """The arguments of ``chat.postMessage``, an ack or a ``response_url``, cut to Slack's limits."""
        text = fitted_text(self.text)
        return {"text": text, "blocks": fitted(self.blocks)} if self.blocks else {"text": text}


def plain(text: str) -> Block:
    """A text object that Slack shows unchanged."""
    return {"type": "plain_text", "text": text, "emoji": True}


def markdown(text: str) -> Block:
    """A text object in Slack's markup; ``verbatim`` keeps Slack from adding its own links and mentions."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, **more: Any) -> Block:
    """A paragraph."""
    return {"type": "section", "text": markdown(text), **more}


def fields(labelled: Mapping[str, str]) -> Block:
    """Labels and values in two columns."""
    return {
        "type": "section",
        "fields": [markdown(f"*{label}*\n{value}") for label, value in labelled.items()],
    }


def context(text: str) -> Block:
    """A small grey line."""
    return {"type": "context", "elements": [markdown(text)]}


def header(text: str) -> Block:
    """A headline, with emoji: as plain text, Slack would show their codes."""
    return {"type": "header", "text": {"type": "plain_text", "text": with_emoji(text), "emoji": False}}


def actions(*buttons: Block) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(label: str, action_id: str, value: str, style: str | None = None) -> Block:
    """A button; ``style`` is ``primary`` or ``danger``."""
    made = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    return {**made, "style": style} if style else made


def overflow(action_id: str, options: Mapping[str, str]) -> Block:
    """A "⋯" menu of up to five choices, value -> label; unlike :func:`menu`, it never shows one as chosen.

    https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element
    """
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [{"text": plain(text), "value": value} for value, text in options.items()],
    }


def menu(label: str, action_id: str, options: Mapping[str, str]) -> Block:
    """A drop-down list of choices, value -> label; choosing one counts as a click."""
    return {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(label),
        "options": [{"text": plain(text), "value": value} for value, text in options.items()],
    }

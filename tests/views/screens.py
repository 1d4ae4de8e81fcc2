"""Judges what a view makes as Slack would: by its rules, and by whether any of it would ping or link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.views.kit.message import Message
from sandbox.rules import check_message, check_view
from tests.support.people import as_read
from tests.support.rendering import drawn

Json = dict[str, Any]

OURS = re.compile(
    r"<@[UW][A-Z0-9]+>|<#C[A-Z0-9]+>|<!date\^\d+\^[^<>|]+\|[^<>|]+>|<https://acme\.slack\.com/[^<>|]*\|[^<>]*>"
)
"""What the bot itself puts into a text: people, channels, times, and URLs of messages and files."""


def texts(value: Any, kind: str) -> Iterator[str]:
    """Every text of a kind, `mrkdwn` or `plain_text`, in blocks or in a view."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from texts(each, kind)
    if isinstance(value, dict):
        if value.get("type") == kind:
            yield value["text"]
        for each in value.values():
            yield from texts(each, kind)


def markup(message: Message) -> list[str]:
    """Every text in which Slack would interpret its own markup."""
    return [message.text, *texts(list(message.blocks), "mrkdwn")]


def foreign(text: str) -> str:
    """What Slack would still take for a ping or a link, once our own markup is removed: always empty."""
    without_quoting = re.sub(r"^> ", "", text, flags=re.MULTILINE)
    return "".join(re.findall(r"[<>]", OURS.sub("", without_quoting)))


FORMATTED = re.compile(r"<(?:b|i|s|code|pre)>zq</")
"""Text of a user's that is formatted by marks of its own: see ``HOSTILE``."""


def turned_round(text: str) -> bool:
    """Whether some user's override of the writing direction is still in effect at the end."""
    isolates = len(re.findall("[\u2066-\u2068]", text)) - text.count("\u2069")
    return isolates > 0 or len(re.findall("[\u202a\u202b\u202d\u202e]", text)) > text.count("\u202c")


def check(message: Message) -> None:
    """Check that Slack takes the message, posted or as an edit, and that no user's ping or link is in it."""
    arguments = message.arguments()
    check_message(arguments)
    check_message(arguments, method="chat.update")
    assert not any(foreign(text) for text in markup(message))
    hostile = [text for text in markup(message) if "~zq~" in as_read(text)]
    assert not any(FORMATTED.search(drawn(text)) for text in hostile)
    assert not any(turned_round(text) for text in markup(message))


def check_form(view: Json) -> None:
    """Check that Slack opens the form."""
    check_view(view, kind="modal")


def shown(message: Message) -> str:
    """The whole message as a person reads it, entities as characters."""
    return as_read("\n".join(markup(message)))


def action_ids(value: Any) -> list[str]:
    """The action ids of all buttons, in order."""
    if isinstance(value, list | tuple):
        return [found for each in value for found in action_ids(each)]
    if not isinstance(value, dict):
        return []
    own = [value["action_id"]] if value.get("type") == "button" else []
    return own + [found for each in value.values() for found in action_ids(each)]


def submitted(view: Json, typed: dict[str, str | None]) -> Json:
    """The `view` of a submission with these fields filled in; the others keep the form's values.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = (
            _state(element, typed[block["block_id"]]) if block["block_id"] in typed else _untouched(element)
        )
        values[block["block_id"]] = {element["action_id"]: {"type": element["type"], **state}}
    return {**view, "id": "V1", "state": {"values": values}}


def _state(element: Json, value: str | None) -> Json:
    if element["type"] == "plain_text_input":
        return {"value": value}
    chosen = None if value is None else {"text": {"type": "plain_text", "text": "x"}, "value": value}
    return {"selected_option": chosen}


_INITIAL = {
    "plain_text_input": ("value", "initial_value"),
    "users_select": ("selected_user", "initial_user"),
    "datepicker": ("selected_date", "initial_date"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_external_select": ("selected_options", "initial_options"),
}


def _untouched(element: Json) -> Json:
    state, initial = _INITIAL.get(element["type"], ("selected_option", "initial_option"))
    return {state: element.get(initial)}

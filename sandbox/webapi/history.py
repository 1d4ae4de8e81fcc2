"""conversations.history, newest first, and conversations.replies, a thread from its start."""

from __future__ import annotations

import re

from sandbox.rules import SlackError
from sandbox.webapi.call import HISTORY, Call, Method, anywhere
from sandbox.workspace.model import Json, Message
from sandbox.workspace.shapes import message_json, replies

_TS = re.compile(r"\d+(\.\d+)?")


def _bound(call: Call, name: str) -> float | None:
    value = call.text(name)
    if not value or value == "now":
        return None
    if not _TS.fullmatch(value):
        raise SlackError(f"invalid_ts_{name}")
    return float(value)


def _between(call: Call, messages: list[Message]) -> list[Message]:
    """The messages after ``oldest`` and before ``latest``; those at the bounds only if ``inclusive``."""
    oldest, latest = _bound(call, "oldest"), _bound(call, "latest")
    inclusive = call.flag("inclusive")
    return [
        message
        for message in messages
        if (oldest is None or float(message.ts) > oldest or (inclusive and float(message.ts) == oldest))
        and (latest is None or float(message.ts) < latest or (inclusive and float(message.ts) == latest))
    ]


def history(call: Call) -> Json:
    """A page of the channel, newest first; replies only if they were broadcast."""
    channel = call.joined(HISTORY)
    shown = [
        message
        for message in reversed(channel.messages.values())
        if message.ephemeral_to is None
        and (message.thread_ts in (None, message.ts) or message.subtype == "thread_broadcast")
    ]
    page, cursor = call.page(_between(call, shown), lambda message: message.ts, most=999)
    metadata = call.flag("include_all_metadata")
    answer: Json = {
        "messages": [message_json(call.store, channel, message, metadata=metadata) for message in page],
        "has_more": bool(cursor),
        "pin_count": len(channel.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def thread(call: Call) -> Json:
    """A page of a thread: the parent, then its replies, oldest first."""
    channel = call.joined(HISTORY)
    asked = channel.messages.get(call.required("ts"))
    if asked is None or asked.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    parent = channel.messages.get(asked.thread_ts or asked.ts, asked)
    answers = _between(call, replies(channel, parent.ts))
    page, cursor = call.page([parent, *answers], lambda message: message.ts, default=1000)
    metadata = call.flag("include_all_metadata")
    answer: Json = {
        "messages": [message_json(call.store, channel, message, metadata=metadata) for message in page],
        "has_more": bool(cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


METHODS = {
    "conversations.history": Method(history, anywhere(HISTORY)),
    "conversations.replies": Method(thread, anywhere(HISTORY)),
}

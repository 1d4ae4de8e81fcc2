"""reactions.*: add and remove the bot's own reactions, and read everybody's on a message."""

from __future__ import annotations

import re

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Channel, Json, Message
from sandbox.workspace.shapes import message_json

_NAME = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")


def _target(call: Call) -> tuple[Channel, Message]:
    channel = call.channel()
    ts = call.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    return channel, call.message(channel, ts)


def _react(call: Call, *, present: bool, unchanged: str) -> Json:
    name = call.required("name").strip(":")
    if not _NAME.fullmatch(name):
        raise SlackError("invalid_name")
    channel, message = _target(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    if not call.is_member(channel):
        raise SlackError("not_in_channel")
    if not call.store.react(channel.id, message.ts, call.store.bot_user.id, name, present):
        raise SlackError(unchanged)
    return {}


def add(call: Call) -> Json:
    """Add a reaction to a message."""
    return _react(call, present=True, unchanged="already_reacted")


def remove(call: Call) -> Json:
    """Remove a reaction."""
    return _react(call, present=False, unchanged="no_reaction")


def get(call: Call) -> Json:
    """A message with all its reactions."""
    channel, message = _target(call)
    return {"type": "message", "channel": channel.id, "message": message_json(call.store, channel, message)}


METHODS = {
    "reactions.add": Method(add, ("reactions:write",)),
    "reactions.remove": Method(remove, ("reactions:write",)),
    "reactions.get": Method(get, ("reactions:read",)),
}

"""pins.*: a channel's pinned messages."""

from __future__ import annotations

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace import events
from sandbox.workspace.model import Channel, Json, Message
from sandbox.workspace.shapes import message_json

# Per channel: https://docs.slack.dev/reference/methods/pins.add
MAX_PINS = 100


def _pinnable(call: Call) -> tuple[Channel, Message]:
    channel = call.changeable()
    ts = call.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    return channel, call.message(channel, ts)


def add(call: Call) -> Json:
    """Pin a message."""
    channel, message = _pinnable(call)
    if message.ts not in channel.pins and len(channel.pins) >= MAX_PINS:
        raise SlackError("too_many_pins")
    if not call.store.pin(channel.id, message.ts, call.store.bot_user.id, True):
        raise SlackError("already_pinned")
    return {}


def remove(call: Call) -> Json:
    """Unpin a message."""
    channel, message = _pinnable(call)
    if not call.store.pin(channel.id, message.ts, call.store.bot_user.id, False):
        raise SlackError("no_pin")
    return {}


def list_(call: Call) -> Json:
    """The pinned messages, the latest pin first."""
    channel = call.joined()
    items = []
    for ts, pin in reversed(channel.pins.items()):
        message = channel.messages[ts]
        shown = message_json(call.store, channel, message)
        shown["permalink"] = events.permalink(call.store, channel, message)
        items.append({"type": "message", "channel": channel.id, "message": shown, **pin})
    return {"items": items}


METHODS = {
    "pins.add": Method(add, ("pins:write",)),
    "pins.remove": Method(remove, ("pins:write",)),
    "pins.list": Method(list_, ("pins:read",)),
}

"""canvases.* and conversations.canvases.*: the one canvas in a channel's tab."""

from __future__ import annotations

from typing import Any

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Channel, Json

MAX_CHARACTERS = 1_048_576
"""https://docs.slack.dev/reference/methods/conversations.canvases.create"""


def create(call: Call) -> Json:
    """Create the channel's canvas; a channel has only one."""
    channel = call.store.workspace.channels.get(call.required("channel_id"))
    if channel is None or not call.is_member(channel):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.canvas:
        raise SlackError("channel_canvas_already_exists")
    given = call.parsed("document_content", "invalid_arguments")
    markdown = _markdown(given) if given is not None else ""
    channel.canvas = {
        "id": call.store.new_id("F"),
        "title": call.text("title") or "Untitled",
        "markdown": markdown,
        "edits": 0,
    }
    call.store.note(channels=[channel.id])
    return {"canvas_id": channel.canvas["id"]}


def edit(call: Call) -> Json:
    """Replace a canvas's whole content; the sandbox doesn't support sections."""
    channel = _channel_of(call, call.required("canvas_id"))
    changes = call.parsed("changes", "invalid_arguments")
    if not isinstance(changes, list) or len(changes) != 1 or not isinstance(changes[0], dict):
        raise SlackError("invalid_arguments", ["[ERROR] exactly one change"])
    [change] = changes
    if change.get("operation") != "replace" or change.get("section_id"):
        raise SlackError("canvas_editing_failed")
    channel.canvas = {
        **channel.canvas,
        "markdown": _markdown(change.get("document_content")),
        "edits": channel.canvas["edits"] + 1,
    }
    call.store.note(channels=[channel.id])
    return {}


def _channel_of(call: Call, canvas_id: str) -> Channel:
    for channel in call.store.workspace.channels.values():
        if channel.canvas.get("id") == canvas_id and call.is_member(channel):
            return channel
    raise SlackError("canvas_not_found")


def _markdown(given: Any) -> str:
    if not isinstance(given, dict) or given.get("type") != "markdown":
        raise SlackError("invalid_arguments", ["[ERROR] document_content is of type markdown"])
    markdown = given.get("markdown")
    if not isinstance(markdown, str) or len(markdown) > MAX_CHARACTERS:
        raise SlackError("invalid_arguments", ["[ERROR] markdown has at most 1 MiB"])
    return markdown


METHODS = {
    "conversations.canvases.create": Method(create, ("canvases:write",)),
    "canvases.edit": Method(edit, ("canvases:write",)),
}

"""bookmarks.*: the links under a channel's name."""

from __future__ import annotations

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Json

# Per channel: https://docs.slack.dev/reference/methods/bookmarks.add
MAX_BOOKMARKS = 100


def add(call: Call) -> Json:
    """Add a link."""
    channel = call.store.workspace.channels.get(call.required("channel_id"))
    if channel is None or not call.is_member(channel):
        raise SlackError("channel_not_found")
    if call.required("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not call.text("link"):
        raise SlackError("invalid_link")
    if len(channel.bookmarks) >= MAX_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    now = int(call.store.clock())
    bookmark = {
        "id": call.store.new_id("Bk"),
        "channel_id": channel.id,
        "title": call.required("title"),
        "link": call.text("link"),
        "emoji": call.text("emoji"),
        "type": "link",
        "date_created": now,
        "date_updated": 0,
        "last_updated_by_user_id": call.store.bot_user.id,
    }
    channel.bookmarks.append(bookmark)
    call.store.note(channels=[channel.id])
    return {"bookmark": bookmark}


def list_(call: Call) -> Json:
    """All links of a channel."""
    channel = call.store.workspace.channels.get(call.required("channel_id"))
    if channel is None or not call.is_member(channel):
        raise SlackError("channel_not_found")
    return {"bookmarks": list(channel.bookmarks)}


METHODS = {
    "bookmarks.add": Method(add, ("bookmarks:write",)),
    "bookmarks.list": Method(list_, ("bookmarks:read",)),
}

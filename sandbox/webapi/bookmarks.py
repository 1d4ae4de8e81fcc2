"""bookmarks.*: the links under a channel's name."""

from __future__ import annotations

import re

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Channel, Json

# Per channel: https://docs.slack.dev/reference/methods/bookmarks.add
MAX_BOOKMARKS = 100
_EMOJI = re.compile(r":[a-z0-9_+'-]+:")


def add(call: Call) -> Json:
    """Add a link, which must begin with ``http://`` or ``https://``."""
    channel = _channel(call)
    title, kind, link = call.required("title"), call.required("type"), call.text("link")
    if kind != "link":
        raise SlackError("invalid_bookmark_type")
    _check(link, call.text("emoji"))
    if len(channel.bookmarks) >= MAX_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    bookmark = {
        "id": call.store.new_id("Bk"),
        "channel_id": channel.id,
        "title": title,
        "link": link,
        "emoji": call.text("emoji"),
        "icon_url": None,
        "type": "link",
        "entity_id": None,
        "date_created": int(call.store.clock()),
        "date_updated": 0,
        "rank": f"{len(channel.bookmarks):03}",
        "last_updated_by_user_id": call.store.bot_user.id,
        "last_updated_by_team_id": call.store.workspace.team_id,
        "shortcut_id": None,
        "app_id": None,
    }
    channel.bookmarks.append(bookmark)
    call.store.note(channels=[channel.id])
    return {"bookmark": bookmark}


def edit(call: Call) -> Json:
    """Change a bookmark's title, link or emoji; whatever isn't given stays."""
    channel = _channel(call)
    found = _bookmark(call, channel)
    given = {name: call.text(name, str(found[name])) for name in ("title", "link", "emoji")}
    _check(given["link"], given["emoji"])
    by: Json = {"last_updated_by_user_id": call.store.bot_user.id, "date_updated": int(call.store.clock())}
    found.update(given, **by)
    call.store.note(channels=[channel.id])
    return {"bookmark": found}


def remove(call: Call) -> Json:
    """Remove a bookmark."""
    channel = _channel(call)
    channel.bookmarks.remove(_bookmark(call, channel))
    call.store.note(channels=[channel.id])
    return {}


def list_(call: Call) -> Json:
    """All links of a channel."""
    return {"bookmarks": list(_channel(call).bookmarks)}


def _channel(call: Call) -> Channel:
    channel = call.store.workspace.channels.get(call.required("channel_id"))
    if channel is None or not call.is_member(channel):
        raise SlackError("channel_not_found")
    return channel


def _bookmark(call: Call, channel: Channel) -> Json:
    bookmark_id = call.required("bookmark_id")
    found = next((each for each in channel.bookmarks if each["id"] == bookmark_id), None)
    if found is None:
        raise SlackError("not_found")
    return found


def _check(link: str, emoji: str) -> None:
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    if emoji and not _EMOJI.fullmatch(emoji):
        raise SlackError("invalid_emoji")


METHODS = {
    "bookmarks.add": Method(add, ("bookmarks:write",)),
    "bookmarks.edit": Method(edit, ("bookmarks:write",)),
    "bookmarks.remove": Method(remove, ("bookmarks:write",)),
    "bookmarks.list": Method(list_, ("bookmarks:read",)),
}

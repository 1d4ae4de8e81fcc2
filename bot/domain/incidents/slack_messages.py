"""Slack's message objects as values, whether they come from an event or from a channel's history."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.json import Json

KEY_REACTION = "pushpin"
ACTION_REACTION = "ballot_box_with_check"
WRITTEN = frozenset({None, "bot_message", "thread_broadcast", "file_share", "me_message"})
"""The subtypes that somebody wrote. An allow-list: joins, topic changes and the like are messages too.

https://docs.slack.dev/reference/events/message#subtypes
"""

CONVERSIONS: Mapping[str | None, bool] = {
    "channel_convert_to_private": True,
    "channel_convert_to_public": False,
}
"""Subtype of Slack's message that a channel became private or public -> whether it is private now.

https://docs.slack.dev/reference/events/message/channel_convert_to_private
"""


def posted_message(message: Json, channel_id: str) -> PostedMessage:
    """A Slack message object as a value; its attachments' fallbacks replace a missing text (some bots)."""
    profile = message.get("bot_profile") or {}
    attached = (
        str(each.get("fallback") or each.get("text") or "") for each in message.get("attachments") or ()
    )
    return PostedMessage(
        channel_id=channel_id,
        ts=message["ts"],
        user_id=message.get("user"),
        source=message.get("username") or profile.get("name"),
        text=str(message.get("text") or "\n".join(filter(None, attached))),
        files=tuple(
            {"name": file.get("name") or file.get("title") or "file", "permalink": file.get("permalink")}
            for file in message.get("files") or ()
        ),
        thread_ts=message.get("thread_ts"),
        edited_ts=(message.get("edited") or {}).get("ts"),
    )


def is_by(message: Json, bot_user_id: str | None, bot_id: str | None) -> bool:
    """Whether this bot wrote it: its own messages don't belong on the timeline."""
    return bool(
        (bot_user_id and message.get("user") == bot_user_id) or (bot_id and message.get("bot_id") == bot_id)
    )


def key_marks(message: Json) -> frozenset[str] | None:
    """The people whose reaction marks the message as a key event; ``None`` if Slack doesn't name all of them.

    https://docs.slack.dev/reference/methods/conversations.history: ``users`` may be shorter than ``count``.
    """
    for reaction in message.get("reactions") or ():
        if reaction.get("name") == KEY_REACTION:
            users = frozenset(map(str, reaction.get("users") or ()))
            return users if len(users) == reaction.get("count", len(users)) else None
    return frozenset()


def action_marks(message: Json) -> tuple[str, ...]:
    """The people whose reaction marks the message as an action item, as far as Slack names them."""
    for reaction in message.get("reactions") or ():
        if reaction.get("name") == ACTION_REACTION:
            return tuple(map(str, reaction.get("users") or ()))
    return ()

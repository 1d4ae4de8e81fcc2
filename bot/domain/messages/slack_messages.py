"""Slack's message objects as values, whether they come from an event or from a channel's history."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.json import Json, dict_in, text_in
from bot.domain.messages.huddles import HUDDLE, huddle_end, huddle_starter, huddle_text
from bot.domain.messages.text import attached_files, text_of

KEY_REACTION = "pushpin"
ACTION_REACTION = "ballot_box_with_check"
WRITTEN = frozenset({None, "bot_message", "thread_broadcast", "file_share", "me_message", HUDDLE})
"""The subtypes with what people wrote or said. An allow-list: joins and the like are messages too.

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
    """A Slack message object as a value, with everything that it says as its text.

    Raises ``KeyError`` if it has no ``ts``.
    """
    if message.get("subtype") == HUDDLE:
        return _posted_huddle(message, channel_id)
    return PostedMessage(
        channel_id=channel_id,
        ts=message["ts"],
        user_id=text_in(message, "user") or None,
        source=_source(message),
        text=text_of(message),
        files=tuple(map(_file, attached_files(message))),
        thread_ts=message.get("thread_ts"),
        edited_ts=dict_in(message, "edited").get("ts"),
    )


def changed_message(event: Json) -> Json:
    """The message of a ``message_changed`` event, with the time of its edit.

    Slack doesn't mark an edit if a bot updates only attachments or blocks: then it's the event's time. A
    link's preview isn't an edit either, but it changes nothing that the message says.
    https://docs.slack.dev/reference/methods/chat.update
    """
    now, before = event["message"], dict_in(event, "previous_message")
    if dict_in(now, "edited") or not before or _says_the_same(before, now):
        return dict(now)
    return {**now, "edited": {"ts": event.get("ts") or event.get("event_ts")}}


def _says_the_same(one: Json, other: Json) -> bool:
    """Whether the two states of a message have the same text and files."""
    posted = posted_message({**one, "ts": "0"}, ""), posted_message({**other, "ts": "0"}, "")
    return (posted[0].text, posted[0].files) == (posted[1].text, posted[1].files)


def _source(message: Json) -> str | None:
    """The name of the bot that wrote the message, or ``None``."""
    return text_in(message, "username") or text_in(dict_in(message, "bot_profile"), "name") or None


def _posted_huddle(message: Json, channel_id: str) -> PostedMessage:
    """A huddle as a message by the person who started it.

    It has a source because Slack wrote it: in the thread of a five-whys session it isn't an answer.
    """
    return PostedMessage(
        channel_id=channel_id,
        ts=message["ts"],
        user_id=huddle_starter(message) or text_in(message, "user") or None,
        source="Huddle",
        text=huddle_text(message),
        thread_ts=message.get("thread_ts"),
        edited_ts=dict_in(message, "edited").get("ts") or huddle_end(message),
    )


def _file(file: Json) -> Json:
    return {"name": file.get("name") or file.get("title") or "file", "permalink": file.get("permalink")}


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

"""chat.*: post, update, delete, ephemeral messages, permalinks."""

from __future__ import annotations

from sandbox.rules import MESSAGE_TEXT_MAX, SlackError, check_message
from sandbox.webapi.call import Call, Method
from sandbox.workspace import events
from sandbox.workspace.model import Channel, Json
from sandbox.workspace.shapes import message_json

_STRUCTURED = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
}


def _content(call: Call, method: str) -> Json:
    """Text, blocks, attachments and metadata, checked; ``None`` for those that the call leaves out."""
    content: Json = {name: call.parsed(name, error) for name, error in _STRUCTURED.items()}
    content["text"] = call.args.get("text")
    check_message(content, method=method)
    if content["text"] is not None:
        content["text"] = content["text"][:MESSAGE_TEXT_MAX]
    return content


def _destination(call: Call) -> Channel:
    """Where to post: a channel by id or name, or by a person's id their direct message with the app."""
    name = call.required("channel")
    if name in call.store.workspace.people:
        return call.store.open_im(name)
    try:
        channel = call.store.channel(name)
    except LookupError:
        raise SlackError("channel_not_found") from None
    if channel.is_private and not call.is_member(channel):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not call.is_member(channel) and "chat:write.public" not in call.store.manifest.scopes:
        raise SlackError("not_in_channel")
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    ts = call.text("thread_ts")
    if not ts:
        return None
    message = channel.messages.get(ts)
    if message is None or message.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    return ts


def post_message(call: Call) -> Json:
    """Post a message as the bot."""
    channel = _destination(call)
    content = _content(call, "chat.postMessage")
    thread_ts = _thread(call, channel)
    message = call.store.post(
        channel.id,
        call.store.bot_user.id,
        content["text"] or "",
        thread_ts=thread_ts,
        blocks=content["blocks"],
        attachments=content["attachments"],
        metadata=content["metadata"],
        bot_id=call.store.bot_id,
        broadcast=call.flag("reply_broadcast") and thread_ts is not None,
    )
    shown = message_json(call.store, channel, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def update(call: Call) -> Json:
    """Replace the content of one of the bot's own messages.

    As Slack documents it, blocks that the call leaves out stay only if it has no text either.
    """
    channel = call.channel()
    message = call.message(channel, call.required("ts"))
    if message.bot_id != call.store.bot_id:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    content = _content(call, "chat.update")
    keeps_blocks = content["blocks"] is None and not content["text"]
    call.store.edit(
        channel.id,
        message.ts,
        text=content["text"],
        blocks=None if keeps_blocks else content["blocks"] or [],
        attachments=content["attachments"],
        metadata=content["metadata"],
        user=call.store.bot_user.id,
    )
    shown = message_json(call.store, channel, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    """Delete one of the bot's own messages."""
    channel = call.channel()
    message = call.message(channel, call.required("ts"))
    if message.bot_id != call.store.bot_id:
        raise SlackError("cant_delete_message")
    call.store.delete(channel.id, message.ts, call.store.bot_user.id)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """Post a message that only one member of the channel sees."""
    channel = _destination(call)
    content = _content(call, "chat.postEphemeral")
    person = call.person()
    if person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = call.store.post(
        channel.id,
        call.store.bot_user.id,
        content["text"] or "",
        thread_ts=_thread(call, channel),
        blocks=content["blocks"],
        attachments=content["attachments"],
        bot_id=call.store.bot_id,
        ephemeral_to=person.id,
    )
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    """The URL of a message."""
    channel = call.channel()
    message = call.message(channel, call.required("message_ts"))
    return {"channel": channel.id, "permalink": events.permalink(call.store, channel, message)}


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink),
}

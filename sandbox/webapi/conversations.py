"""conversations.*: the channels and direct messages themselves."""

from __future__ import annotations

from sandbox.rules import SlackError, check_channel_name
from sandbox.webapi.call import JOIN, MANAGE, READ, TOPIC, Call, Method, anywhere
from sandbox.workspace.model import Channel, Json
from sandbox.workspace.shapes import channel_json, channel_type

TEXT_MAX = 250
"""Characters in a topic or purpose: https://docs.slack.dev/reference/methods/conversations.setTopic"""

_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im"}


def _shown(call: Call, channel: Channel) -> Json:
    return channel_json(call.store, channel)


def create(call: Call) -> Json:
    """Create a channel, public unless ``is_private``."""
    private = call.flag("is_private")
    call.need(*MANAGE["group" if private else "channel"])
    name = call.args.get("name")
    check_channel_name(name)
    if call.store.name_is_taken(str(name)):
        raise SlackError("name_taken")
    channel = call.store.create_channel(str(name), call.store.bot_user.id, private)
    return {"channel": _shown(call, channel)}


def info(call: Call) -> Json:
    """One conversation; includes the number of members only on request."""
    channel = call.channel(READ)
    shown = _shown(call, channel)
    if not call.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def list_(call: Call) -> Json:
    """The conversations of the requested ``types``; private ones only if the bot is a member."""
    wanted = call.ids("types") or ["public_channel"]
    kinds = [_TYPES[name] for name in wanted if name in _TYPES]
    if len(kinds) < len([name for name in wanted if name != "mpim"]):
        raise SlackError("invalid_types")
    for kind in kinds:
        call.need(*READ[kind])
    skip_archived = call.flag("exclude_archived")
    found = [
        channel
        for channel in call.store.workspace.channels.values()
        if channel_type(channel) in kinds
        and not (channel.is_private and not call.is_member(channel))
        and not (channel.is_archived and skip_archived)
    ]
    page, cursor = call.page(found, lambda channel: channel.id, most=999)
    return {
        "channels": [_shown(call, channel) for channel in page],
        "response_metadata": {"next_cursor": cursor},
    }


def open_(call: Call) -> Json:
    """The direct message with one person; ``already_open`` says whether there was one."""
    users = call.ids("users")
    if not users:
        return {"channel": {"id": call.channel().id}}
    if len(users) > 1:
        call.need("mpim:write")
        raise SlackError("method_not_supported_for_channel_type")
    person = call.person_of(users[0])
    if person.id == call.store.bot_user.id:
        raise SlackError("cannot_dm_bot")
    if person.deleted:
        raise SlackError("user_disabled")
    known = set(call.store.workspace.channels)
    channel = call.store.open_im(person.id)
    shown = _shown(call, channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if channel.id in known else {})


def join(call: Call) -> Json:
    """Make the bot a member of a public channel; if it already is one, that's a warning, not an error."""
    channel = call.channel(JOIN)
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.store.join(channel.id, call.store.bot_user.id):
        return {"channel": _shown(call, channel)}
    warning = "already_in_channel"
    return {
        "channel": _shown(call, channel),
        "warning": warning,
        "response_metadata": {"warnings": [warning]},
    }


def leave(call: Call) -> Json:
    """Make the bot leave; ``not_in_channel: true`` if it wasn't a member."""
    channel = call.channel(MANAGE)
    if channel.name == "general":
        raise SlackError("cant_leave_general")
    return {} if call.store.leave(channel.id, call.store.bot_user.id) else {"not_in_channel": True}


def rename(call: Call) -> Json:
    """Rename a channel that the bot is in."""
    channel = call.changeable(MANAGE)
    name = call.args.get("name")
    check_channel_name(name)
    if name != channel.name:
        if call.store.name_is_taken(str(name)):
            raise SlackError("name_taken")
        call.store.rename(channel.id, str(name), call.store.bot_user.id)
    return {"channel": _shown(call, channel)}


def archive(call: Call) -> Json:
    """Archive a channel."""
    channel = call.channel(MANAGE)
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    if not call.store.archive(channel.id, call.store.bot_user.id, True):
        raise SlackError("already_archived")
    return {}


def unarchive(call: Call) -> Json:
    """Unarchive a channel."""
    channel = call.channel(MANAGE)
    if not call.store.archive(channel.id, call.store.bot_user.id, False):
        raise SlackError("not_archived")
    return {}


def set_topic(call: Call) -> Json:
    """Set the topic."""
    channel = call.changeable(TOPIC)
    topic = call.text("topic")
    if len(topic) > TEXT_MAX:
        raise SlackError("too_long")
    call.store.set_topic(channel.id, call.store.bot_user.id, topic)
    return {"channel": _shown(call, channel)}


def set_purpose(call: Call) -> Json:
    """Set the purpose."""
    channel = call.changeable(TOPIC)
    purpose = call.text("purpose")
    if len(purpose) > TEXT_MAX:
        raise SlackError("too_long")
    call.store.set_purpose(channel.id, call.store.bot_user.id, purpose)
    return {"purpose": purpose, "channel": _shown(call, channel)}


METHODS = {
    "conversations.create": Method(create, anywhere(MANAGE)),
    "conversations.info": Method(info, anywhere(READ)),
    "conversations.list": Method(list_, anywhere(READ)),
    "conversations.open": Method(open_, ("im:write", "mpim:write")),
    "conversations.join": Method(join, anywhere(JOIN)),
    "conversations.leave": Method(leave, anywhere(MANAGE)),
    "conversations.rename": Method(rename, anywhere(MANAGE)),
    "conversations.archive": Method(archive, anywhere(MANAGE)),
    "conversations.unarchive": Method(unarchive, anywhere(MANAGE)),
    "conversations.setTopic": Method(set_topic, anywhere(TOPIC)),
    "conversations.setPurpose": Method(set_purpose, anywhere(TOPIC)),
}

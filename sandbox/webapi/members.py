"""conversations.members, .invite and .kick: who is in a channel."""

from __future__ import annotations

from sandbox.rules import SlackError
from sandbox.webapi.call import INVITE, MANAGE, READ, Call, Method, anywhere
from sandbox.workspace.model import Channel, Json
from sandbox.workspace.shapes import channel_json

# Slack's documentation has named both 100 and 1,000; the sandbox takes the stricter limit:
# https://docs.slack.dev/reference/methods/conversations.invite
MAX_INVITED = 100


def members(call: Call) -> Json:
    """A page of the ids of the channel's members."""
    channel = call.channel(READ)
    page, cursor = call.page(sorted(channel.members), lambda member: member, most=1000)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def _objection(call: Call, channel: Channel, user: str) -> str | None:
    """Slack's error code if this person can't be invited, or ``None``."""
    person = call.store.workspace.people.get(user)
    if person is None:
        return "user_not_found"
    if person.id == call.store.bot_user.id:
        return "cant_invite_self"
    if person.id in channel.members:
        return "already_in_channel"
    return "cant_invite" if person.deleted else None


def invite(call: Call) -> Json:
    """Make people members: all of them or nobody; with ``force``, everybody who can be."""
    channel = call.changeable(INVITE)
    users = list(dict.fromkeys(call.ids("users")))
    if not users:
        raise SlackError("no_user")
    if len(users) > MAX_INVITED:
        raise SlackError("too_many_users")
    refused = {user: why for user in users if (why := _objection(call, channel, user))}
    errors = [{"user": user, "ok": False, "error": why} for user, why in refused.items()]
    if errors and (not call.flag("force") or len(refused) == len(users)):
        raise SlackError(str(errors[0]["error"]), errors=errors)
    for user in users:
        if user not in refused:
            call.store.join(channel.id, user, call.store.bot_user.id)
    return {"channel": channel_json(call.store, channel)} | ({"errors": errors} if errors else {})


def kick(call: Call) -> Json:
    """Remove somebody from the channel."""
    channel = call.joined(MANAGE)
    person = call.person()
    if person.id == call.store.bot_user.id:
        raise SlackError("cant_kick_self")
    if channel.name == "general":
        raise SlackError("cant_kick_from_general")
    if not call.store.leave(channel.id, person.id):
        raise SlackError("not_in_channel")
    return {"errors": {}}


METHODS = {
    "conversations.members": Method(members, anywhere(READ)),
    "conversations.invite": Method(invite, anywhere(INVITE)),
    "conversations.kick": Method(kick, anywhere(MANAGE)),
}

"""Events API: what Slack sends to the app about a change, and which events this app receives.

Each builder returns the inner ``event``; ``envelope`` wraps it; ``wanted`` decides. The shapes are those in
https://docs.slack.dev/reference/events.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.workspace.model import Channel, Json, Message, Person, UserGroup
from sandbox.workspace.shapes import (
    channel_type,
    group_json,
    mentions,
    message_json,
    person_json,
    pinned_info,
    view_json,
)

if TYPE_CHECKING:
    from sandbox.workspace.core import Core

# The subscription that an event type needs; for messages it depends on the channel.
_MESSAGE_SUBSCRIPTION = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}

_ELSEWHERE = frozenset(
    {"channel_created", "channel_archive", "channel_unarchive", "channel_rename", "channel_deleted"}
)
"""Events about a public channel that an app receives without being a member."""


def wanted(store: Core, event: Json, channel: Channel | None) -> bool:
    """Whether the manifest subscribes to the event and the bot may see where it happened."""
    name = event["type"]
    if name == "message" and channel is not None:
        name = _MESSAGE_SUBSCRIPTION[channel_type(channel)]
    if name not in store.manifest.bot_events:
        return False
    if channel is None or (name in _ELSEWHERE and not channel.is_private):
        return True
    return store.bot_user.id in channel.members


def envelope(store: Core, event: Json) -> Json:
    """The ``event_callback`` that carries the event to the app."""
    team = store.workspace.team_id
    authorization = {
        "enterprise_id": None,
        "team_id": team,
        "user_id": store.bot_user.id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": "sandbox",
        "team_id": team,
        "context_team_id": team,
        "context_enterprise_id": None,
        "api_app_id": store.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": new_event_id(),
        "event_time": int(store.clock()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_hex(16)}",
    }


def new_event_id() -> str:
    """A new ``Ev…`` id."""
    return f"Ev{secrets.token_hex(6).upper()}"


def message(store: Core, channel: Channel, posted: Message) -> Json:
    """The ``message`` event of a new message."""
    shown = message_json(store, channel, posted)
    if posted.subtype == "thread_broadcast" and posted.thread_ts in channel.messages:
        shown["root"] = message_json(store, channel, channel.messages[posted.thread_ts])
    return shown | _where(channel) | {"event_ts": posted.ts}


def message_changed(store: Core, channel: Channel, after: Json, before: Json) -> Json:
    """The event of an edit: the message is nested, and the top level has neither user nor text."""
    return _hidden(store, channel, "message_changed") | {"message": after, "previous_message": before}


def message_deleted(store: Core, channel: Channel, before: Json) -> Json:
    """The event of a deletion, with the message that was there."""
    what = {"previous_message": before, "deleted_ts": before["ts"]}
    return _hidden(store, channel, "message_deleted") | what


def _hidden(store: Core, channel: Channel, subtype: str) -> Json:
    ts = store.next_ts()
    return {"type": "message", "subtype": subtype, "hidden": True, "ts": ts, "event_ts": ts} | _where(channel)


def _where(channel: Channel) -> Json:
    return {"channel": channel.id, "channel_type": channel_type(channel)}


def mentions_bot(store: Core, posted: Message) -> bool:
    """Whether somebody else's message mentions the bot with ``<@…>``."""
    return (
        posted.bot_id != store.bot_id
        and posted.subtype in (None, "file_share", "thread_broadcast", "bot_message")
        and store.bot_user.id in mentions(posted.text)
    )


def app_mention(store: Core, channel: Channel, posted: Message) -> Json:
    """The event that is sent in addition to the message that mentions the bot."""
    shown = message_json(store, channel, posted)
    return shown | {"type": "app_mention", "channel": channel.id, "event_ts": posted.ts}


def reaction(store: Core, channel: Channel, at: Message, user: str, name: str, present: bool) -> Json:
    """``reaction_added`` or ``reaction_removed``; for a reply, ``item.ts`` is the reply's own ts."""
    event: Json = {
        "type": "reaction_added" if present else "reaction_removed",
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": at.ts},
        "event_ts": store.next_ts(),
    }
    return event | ({"item_user": at.user} if at.user else {})


def pin(store: Core, channel: Channel, at: Message, record: Json, user: str, present: bool) -> Json:
    """``pin_added`` or ``pin_removed`` by ``user``; ``record`` is the pin as it is or was."""
    shown = message_json(store, channel, at) | {"permalink": permalink(store, channel, at)}
    item = {"type": "message", "channel": channel.id, "message": shown, **record}
    event: Json = {
        "type": "pin_added" if present else "pin_removed",
        "user": user,
        "channel_id": channel.id,
        "item": item,
        "item_user": at.user,
        "pin_count": len(channel.pins),
        "event_ts": store.next_ts(),
    }
    left: Json = {"has_pins": bool(channel.pins)}
    return event | ({"pinned_info": pinned_info(channel, at.ts)} if present else left)


def permalink(store: Core, channel: Channel, at: Message) -> str:
    """The URL of a message; a reply's includes its thread."""
    url = f"{store.team_url}archives/{channel.id}/p{at.ts.replace('.', '')}"
    in_thread = at.thread_ts is not None and at.thread_ts != at.ts
    return f"{url}?thread_ts={at.thread_ts}&cid={channel.id}" if in_thread else url


def channel_created(store: Core, channel: Channel) -> Json:
    """A new public channel."""
    shown = {"id": channel.id, "name": channel.name, "created": channel.created, "creator": channel.creator}
    return {"type": "channel_created", "channel": shown, "event_ts": store.next_ts()}


def channel_renamed(store: Core, channel: Channel) -> Json:
    """A channel was renamed."""
    shown = {"id": channel.id, "name": channel.name, "created": channel.created}
    return {"type": _kind(channel, "rename"), "channel": shown, "event_ts": store.next_ts()}


def channel_archive(store: Core, channel: Channel, user: str, present: bool) -> Json:
    """A channel was archived or unarchived."""
    name = _kind(channel, "archive" if present else "unarchive")
    return {"type": name, "channel": channel.id, "user": user, "event_ts": store.next_ts()}


def channel_deleted(store: Core, channel: Channel, user: str) -> Json:
    """A channel was deleted; only for a private one does Slack say who did it, and when.

    https://docs.slack.dev/reference/events/channel_deleted
    https://docs.slack.dev/reference/events/group_deleted
    """
    event: Json = {"type": _kind(channel, "deleted"), "channel": channel.id}
    by = {"actor_id": user, "date_deleted": int(store.clock()), "event_ts": store.next_ts()}
    return event | (by if channel.is_private else {})


def channel_id_changed(store: Core, old: str, channel: Channel) -> Json:
    """A private channel got another id because somebody began to share it by Slack Connect.

    https://docs.slack.dev/reference/events/channel_id_changed
    """
    ids = {"old_channel_id": old, "new_channel_id": channel.id}
    return {"type": "channel_id_changed", **ids, "event_ts": store.next_ts()}


def channel_shared(store: Core, channel: Channel, team: str) -> Json:
    """Another workspace was connected to the channel.

    https://docs.slack.dev/reference/events/channel_shared
    """
    at = {"channel": channel.id, "event_ts": store.next_ts()}
    return {"type": "channel_shared", "connected_team_id": team, **at}


def _kind(channel: Channel, what: str) -> str:
    return f"group_{what}" if channel.is_private else f"channel_{what}"


def member_joined(store: Core, channel: Channel, user: str, inviter: str | None) -> Json:
    """Somebody became a member."""
    event = _membership(store, "member_joined_channel", channel, user)
    return event | ({"inviter": inviter} if inviter else {})


def member_left(store: Core, channel: Channel, user: str) -> Json:
    """Somebody is no longer a member."""
    return _membership(store, "member_left_channel", channel, user)


def _membership(store: Core, name: str, channel: Channel, user: str) -> Json:
    return {
        "type": name,
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": store.workspace.team_id,
        "event_ts": store.next_ts(),
    }


def left(store: Core, channel: Channel) -> Json:
    """The app itself was removed: Slack doesn't send it ``member_left_channel`` about itself.

    https://docs.slack.dev/reference/events/channel_left
    """
    return {"type": _kind(channel, "left"), "channel": channel.id, "event_ts": store.next_ts()}


def user_change(store: Core, person: Person) -> Json:
    """A person's record changed; the event contains it as it is now."""
    user, now = person_json(store, person), int(store.clock())
    return {"type": "user_change", "user": user, "cache_ts": now, "event_ts": store.next_ts()}


def team_join(store: Core, person: Person) -> Json:
    """Somebody is new in the workspace."""
    return {"type": "team_join", "user": person_json(store, person), "event_ts": store.next_ts()}


def subteam(store: Core, group: UserGroup, *, is_new: bool) -> Json:
    """``subteam_created`` or ``subteam_updated``, with the user group as it is now and who is in it."""
    shown = group_json(store, group) | {"users": list(group.members)}
    name = "subteam_created" if is_new else "subteam_updated"
    return {"type": name, "subteam": shown, "event_ts": store.next_ts()}


def app_home_opened(store: Core, channel: Channel, user: str) -> Json:
    """Somebody opened the Home tab; ``view`` is what they see there if the app has published something."""
    event = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home"}
    home = store.workspace.homes.get(user)
    shown = {"view": view_json(store, home)} if home else {}
    return event | shown | {"event_ts": store.next_ts()}

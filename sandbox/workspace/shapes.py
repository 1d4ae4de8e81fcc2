"""The workspace's records as Slack's JSON, for answers and events alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.workspace.model import Channel, Json, Message, Person, UserGroup, View
from sandbox.workspace.seed import SLACKBOT

if TYPE_CHECKING:
    from sandbox.workspace.core import Core

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


def mentions(text: str) -> set[str]:
    """The ids of the people that ``text`` mentions."""
    return set(_MENTION.findall(text))


def channel_type(channel: Channel) -> str:
    """``channel``, ``group`` or ``im``: the channel's kind in message events."""
    if channel.is_im:
        return "im"
    return "group" if channel.is_private else "channel"


def group_json(store: Core, group: UserGroup) -> Json:
    """A user group object: https://docs.slack.dev/reference/objects/usergroup-object."""
    return {
        "id": group.id,
        "team_id": store.workspace.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": group.created,
        "date_update": group.updated,
        "date_delete": group.deleted,
        "auto_type": None,
        "created_by": group.creator,
        "updated_by": group.creator,
        "deleted_by": group.creator if group.deleted else None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.members),
    }


def person_json(store: Core, person: Person) -> Json:
    """A user object; ``email`` only with ``users:read.email``. Slack doesn't flag Slackbot as a bot."""
    profile: Json = {
        "real_name": person.real_name,
        "display_name": person.name,
        "real_name_normalized": person.real_name,
        "display_name_normalized": person.name,
        "team": store.workspace.team_id,
        "title": person.title,
    }
    if "users:read.email" in store.manifest.scopes and person.email:
        profile["email"] = person.email
    if person.id == store.bot_user.id:
        profile |= {"bot_id": store.bot_id, "api_app_id": store.app_id}
    user: Json = {
        "id": person.id,
        "team_id": store.workspace.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot and person.id != SLACKBOT,
        "is_app_user": False,
        "updated": person.updated,
    }
    if person.deleted:
        return user
    return user | {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz_label,
        "tz_offset": person.tz_offset,
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
    }


def channel_json(store: Core, channel: Channel, *, viewer: str | None = None) -> Json:
    """A conversation object as ``viewer`` (by default the bot) sees it."""
    viewer = viewer or store.bot_user.id
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": store.workspace.team_id,
        "updated": channel.created * 1000,
    }
    if channel.is_im:
        return common | {"user": channel.im_user, "is_user_deleted": False, "priority": 0}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "is_member": viewer in channel.members,
        "creator": channel.creator,
        "unlinked": 0,
        "topic": channel.topic_record or _no_text(channel.topic),
        "purpose": channel.purpose_record or _no_text(channel.purpose),
        "previous_names": list(channel.previous_names),
        "num_members": len(channel.members),
        "properties": _properties(channel),
    }


def _properties(channel: Channel) -> Json:
    if not channel.canvas:
        return {}
    return {"canvas": {"file_id": channel.canvas["id"], "is_empty": not channel.canvas["markdown"]}}


def _no_text(value: str) -> Json:
    return {"value": value, "creator": "", "last_set": 0}


_OPTIONAL_MESSAGE_FIELDS = ("subtype", "bot_id", "username", "client_msg_id", "edited", "thread_ts")
_OPTIONAL_MESSAGE_LISTS = ("blocks", "attachments", "files")


def message_json(store: Core, channel: Channel, message: Message, *, metadata: bool = False) -> Json:
    """A message object; ``metadata`` includes the app's own.

    Other apps' metadata needs a scope that Slack grants separately.
    """
    shown: Json = {"type": "message", "text": message.text, "ts": message.ts}
    if message.user:
        shown["user"] = message.user
    for name in (*_OPTIONAL_MESSAGE_FIELDS, *_OPTIONAL_MESSAGE_LISTS):
        value: Any = getattr(message, name)
        if value:
            shown[name] = value
    if not message.subtype:
        shown["team"] = store.workspace.team_id
    if message.files:
        shown |= {"upload": False, "display_as_bot": False}
    if message.bot_id == store.bot_id:
        shown |= {"app_id": store.app_id, "bot_profile": bot_profile(store)}
        if metadata and message.metadata:
            shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = reactions_json(message)
    if message.ts in channel.pins:
        shown |= {"pinned_to": [channel.id], "pinned_info": pinned_info(channel, message.ts)}
    return shown | message.extra | thread_json(channel, message)


def replies(channel: Channel, thread_ts: str) -> list[Message]:
    """The replies in a thread that everybody can see, oldest first, without the parent."""
    return [
        message
        for message in channel.messages.values()
        if message.thread_ts == thread_ts and message.ts != thread_ts and message.ephemeral_to is None
    ]


def thread_json(channel: Channel, message: Message) -> Json:
    """What a thread adds to its parent (counts) or to a reply (``parent_user_id``); otherwise nothing."""
    if message.thread_ts is None:
        return {}
    if message.thread_ts != message.ts:
        parent = channel.messages.get(message.thread_ts)
        return {"parent_user_id": parent.user} if parent and parent.user else {}
    answers = replies(channel, message.ts)
    users = list(dict.fromkeys(reply.user for reply in answers if reply.user))
    return {
        "reply_count": len(answers),
        "reply_users_count": len(users),
        "reply_users": users[:5],
        "latest_reply": answers[-1].ts if answers else message.ts,
        "is_locked": False,
        "subscribed": False,
    }


def reactions_json(message: Message) -> list[Json]:
    """The message's reactions in the order in which they were first added."""
    given = message.reactions.items()
    return [{"name": name, "users": list(users), "count": len(users)} for name, users in given]


def pinned_info(channel: Channel, ts: str) -> Json:
    """Who pinned the message at ``ts``, and when."""
    pin = channel.pins[ts]
    return {"channel": channel.id, "pinned_by": pin["created_by"], "pinned_ts": pin["created"]}


def bot_profile(store: Core) -> Json:
    """The ``bot_profile`` that Slack adds to the app's own messages."""
    return {
        "id": store.bot_id,
        "app_id": store.app_id,
        "user_id": store.bot_user.id,
        "name": store.bot_user.real_name,
        "deleted": False,
        "updated": 0,
        "team_id": store.workspace.team_id,
    }


def view_json(store: Core, view: View) -> Json:
    """A view object as ``views.*`` return it; interaction payloads fill in its state."""
    payload = view.payload
    shown: Json = {
        "id": view.id,
        "team_id": store.workspace.team_id,
        "type": view.type,
        "blocks": payload.get("blocks", []),
        "private_metadata": payload.get("private_metadata", ""),
        "callback_id": payload.get("callback_id", ""),
        "external_id": payload.get("external_id", ""),
        "state": {"values": {}},
        "hash": view.hash,
        "title": payload.get("title"),
        "close": payload.get("close"),
        "submit": payload.get("submit"),
        "clear_on_close": bool(payload.get("clear_on_close", False)),
        "notify_on_close": bool(payload.get("notify_on_close", False)),
        "submit_disabled": bool(payload.get("submit_disabled", False)),
        "root_view_id": view.root_view_id,
        "previous_view_id": view.previous_view_id,
        "app_id": store.app_id,
        "bot_id": store.bot_id,
        "app_installed_team_id": store.workspace.team_id,
    }
    return shown

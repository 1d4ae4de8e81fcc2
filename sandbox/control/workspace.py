"""The workspace as a whole, and its people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sandbox.control.machine import bot_state
from sandbox.control.routing import BadRequestError, Desk
from sandbox.interactions.context import RefusedError
from sandbox.workspace.model import Channel, Json
from sandbox.workspace.shapes import channel_type


async def state(desk: Desk) -> Json:
    """The team, its bot, people and channels, and what people have open, in short form."""
    workspace = desk.store.workspace
    return {
        "team": {"id": workspace.team_id, "name": workspace.team_name},
        "bot": bot_state(desk),
        "people": [asdict(person) for person in workspace.people.values()],
        "channels": [_channel(channel) for channel in workspace.channels.values()],
        "modals": {
            person: [{"id": view.id, "callback_id": view.payload.get("callback_id", "")} for view in stack]
            for person, stack in workspace.modals.items()
        },
        "homes": sorted(workspace.homes),
    }


def _channel(channel: Channel) -> Json:
    lasting = [message for message in channel.messages.values() if message.ephemeral_to is None]
    return {
        "id": channel.id,
        "name": channel.name,
        "type": channel_type(channel),
        "is_archived": channel.is_archived,
        "im_user": channel.im_user,
        "creator": channel.creator,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "members": sorted(channel.members),
        "pins": sorted(channel.pins),
        "bookmarks": [{name: each[name] for name in ("title", "link")} for each in channel.bookmarks],
        "messages": len(lasting),
        "unread": {
            member: sum(message.ts > channel.last_read.get(member, "") for message in lasting)
            for member in sorted(channel.members)
        },
    }


_CHANGEABLE = frozenset(
    ["name", "real_name", "tz", "email", "is_admin", "is_restricted", "is_ultra_restricted", "deleted"]
)


async def person(desk: Desk, *, user: str, add: bool = False, **given: Any) -> Json:
    """Change a person, or (``add``) let somebody new join with that handle."""
    unknown = sorted(set(given) - _CHANGEABLE)
    if unknown:
        raise BadRequestError("unknown_argument", f"A person can't have {', '.join(unknown)}.")
    try:
        if add:
            return {"user": _add(desk, user, given)}
        return {"user": desk.store.update_person(user, **given).id}
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadRequestError("bad_argument", f"There is no time zone {given.get('tz')!r}.") from error


def _add(desk: Desk, name: str, given: Json) -> str:
    if any(each.name == name for each in desk.store.workspace.people.values()):
        raise RefusedError("name_taken", f"There is already a person {name!r}.")
    return desk.store.add_person(name, **{"real_name": name.title(), **given}).id


async def user_group(
    desk: Desk,
    *,
    handle: str,
    user: str,
    name: str = "",
    was: str = "",
    members: list[str] | None = None,
    disabled: bool = False,
) -> Json:
    """Create a user group, or change the one with the handle that it ``was`` known by."""
    if handle != was and any(each.handle == handle for each in desk.store.workspace.groups.values()):
        raise RefusedError("name_already_exists", f"There is already a user group @{handle}.")
    saved = desk.store.save_group(handle, user, name=name, was=was, members=members, is_disabled=disabled)
    return {"group": saved.id}

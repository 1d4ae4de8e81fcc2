"""What people do in channels, and to them."""

from __future__ import annotations

from sandbox.control.routing import Desk
from sandbox.interactions.context import RefusedError, channel_where, person_who_acts
from sandbox.rules import check_channel_name
from sandbox.workspace.model import Json


async def join(desk: Desk, *, channel: str, user: str, inviter: str | None = None) -> Json:
    """Join a public channel, or be invited to any channel by a member."""
    person, place = person_who_acts(desk.store, user), desk.store.channel(channel)
    if inviter:
        channel_where(desk.store, place.id, person_who_acts(desk.store, inviter))
    elif place.is_private or person.is_restricted:
        raise RefusedError("not_allowed", f"{person.real_name} can only be invited to that channel.")
    if place.is_archived:
        raise RefusedError("is_archived", f"#{place.name} is archived.")
    return {"changed": desk.store.join(place.id, person.id, inviter)}


async def leave(desk: Desk, *, channel: str, user: str) -> Json:
    """Leave a channel."""
    person = person_who_acts(desk.store, user)
    return {"changed": desk.store.leave(desk.store.channel(channel).id, person.id)}


async def archive(desk: Desk, *, channel: str, user: str, present: bool = True) -> Json:
    """Archive or (``present`` false) unarchive a channel."""
    person = person_who_acts(desk.store, user)
    return {"changed": desk.store.archive(desk.store.channel(channel).id, person.id, present)}


async def rename(desk: Desk, *, channel: str, user: str, name: str) -> Json:
    """Rename a channel."""
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    _check_free(desk, name)
    desk.store.rename(place.id, name, person.id)
    return {}


async def convert(desk: Desk, *, channel: str, user: str, private: bool) -> Json:
    """Make a channel private or public, acting as a member who may do that.

    By default, admins and the channel's managers, who include its creator, can make a channel private, and
    only admins can make one public: https://slack.com/help/articles/213185467. #general can't be converted.
    """
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    if place.is_im or place.name == "general":
        raise RefusedError("channel_type_not_supported", "That can't be made private or public.")
    if not (person.is_admin or (private and place.creator == person.id)):
        raise RefusedError("restricted_action", f"{person.real_name} can't do that. Only an admin can.")
    return {"changed": desk.store.convert(place.id, person.id, private)}


async def share(desk: Desk, *, channel: str, user: str, team: str = "T0PARTNER") -> Json:
    """Share a channel with another organization by Slack Connect, acting as a member."""
    place = channel_where(desk.store, channel, person_who_acts(desk.store, user))
    if place.is_im or place.name == "general":
        raise RefusedError("restricted_action", "That can't be shared.")
    return {"channel": desk.store.share(place.id, team)}


async def delete(desk: Desk, *, channel: str, user: str) -> Json:
    """Delete a channel, acting as an admin: https://slack.com/help/articles/213185307."""
    person = person_who_acts(desk.store, user)
    place = desk.store.channel(channel)
    if place.is_im or place.name == "general" or not person.is_admin:
        raise RefusedError("restricted_action", f"{person.real_name} can't do that. Only an admin can.")
    desk.store.delete_channel(place.id, person.id)
    return {}


async def create(desk: Desk, *, name: str, user: str, private: bool = False) -> Json:
    """Create a channel."""
    person = person_who_acts(desk.store, user)
    if person.is_restricted:
        raise RefusedError("not_allowed", "Guests can't create channels.")
    _check_free(desk, name)
    return {"channel": desk.store.create_channel(name, person.id, private).id}


def _check_free(desk: Desk, name: str) -> None:
    check_channel_name(name)
    if desk.store.name_is_taken(name):
        raise RefusedError("name_taken", f"There is already a channel #{name}.")


async def open_dm(desk: Desk, *, user: str) -> Json:
    """Open the person's direct message with the app's bot."""
    return {"channel": desk.store.open_im(person_who_acts(desk.store, user).id).id}

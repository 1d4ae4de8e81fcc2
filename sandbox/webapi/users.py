"""users.*: the people, and the conversations they are in."""

from __future__ import annotations

from sandbox.rules import SlackError
from sandbox.webapi.call import READ, Call, Method, anywhere
from sandbox.workspace.model import Json
from sandbox.workspace.shapes import channel_json, channel_type, person_json

_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im"}


def list_(call: Call) -> Json:
    """A page of all people, including guests, bots and deactivated ones."""
    people = list(call.store.workspace.people.values())
    page, cursor = call.page(people, lambda person: person.id, default=1000)
    return {
        "members": [person_json(call.store, person) for person in page],
        "cache_ts": int(call.store.clock()),
        "response_metadata": {"next_cursor": cursor},
    }


def info(call: Call) -> Json:
    """One person."""
    return {"user": person_json(call.store, call.person())}


def profile(call: Call) -> Json:
    """A person's profile; the bot's own unless ``user`` is given."""
    person = call.person() if call.text("user") else call.store.bot_user
    return {"profile": person_json(call.store, person)["profile"]}


def lookup_by_email(call: Call) -> Json:
    """The active person with that e-mail address. Raises ``users_not_found``."""
    wanted = call.required("email").casefold()
    for person in call.store.workspace.people.values():
        if person.email.casefold() == wanted and not person.deleted:
            return {"user": person_json(call.store, person)}
    raise SlackError("users_not_found")


def conversations(call: Call) -> Json:
    """The conversations of ``user`` (the bot by default) that are public or that the bot is also in."""
    person = call.person() if call.text("user") else call.store.bot_user
    wanted = call.ids("types") or ["public_channel"]
    kinds = [_TYPES[name] for name in wanted if name in _TYPES]
    for kind in kinds:
        call.need(*READ[kind])
    found = [
        channel
        for channel in call.store.workspace.channels.values()
        if channel_type(channel) in kinds
        and person.id in channel.members
        and not (channel.is_private and not call.is_member(channel))
        and not (channel.is_archived and call.flag("exclude_archived"))
    ]
    page, cursor = call.page(found, lambda channel: channel.id, most=999)
    return {
        "channels": [channel_json(call.store, channel) for channel in page],
        "response_metadata": {"next_cursor": cursor},
    }


METHODS = {
    "users.list": Method(list_, ("users:read",)),
    "users.info": Method(info, ("users:read",)),
    "users.profile.get": Method(profile, ("users.profile:read",)),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",)),
    "users.conversations": Method(conversations, anywhere(READ)),
}

"""Messages by people and by other apps' bots: post, edit, delete, react, pin, read."""

from __future__ import annotations

import mimetypes
from typing import Any

from sandbox.control.routing import BadRequestError, Desk
from sandbox.interactions.composer import composed, escaped
from sandbox.interactions.context import RefusedError, channel_where, message_at, person_who_acts
from sandbox.rules import MESSAGE_TEXT_MAX, SlackError, check_message
from sandbox.workspace.model import Channel, Json, Message, Person
from sandbox.workspace.shapes import message_json

FOREIGN_BOT_ID = "B0FOREIGN"


async def post(  # noqa: PLR0913 - the arguments are the route's
    desk: Desk,
    *,
    channel: str,
    text: str = "",
    user: str | None = None,
    as_bot: str | None = None,
    thread_ts: str | None = None,
    files: list[Json] | None = None,
    broadcast: bool = False,
    attachments: list[Json] | None = None,
    blocks: list[Json] | None = None,
) -> Json:
    """Type a message, or let another app's bot (``as_bot``) post one, also with attachments and blocks."""
    rich = _of_a_bot(as_bot, attachments, blocks)
    if not text.strip() and not files and not any(rich.values()):
        raise RefusedError("no_text", "There is nothing to send.")
    place, author = _author(desk, channel, user, as_bot)
    if thread_ts and place.messages.get(thread_ts) is None:
        raise RefusedError("thread_not_found", f"There is no message {thread_ts} in #{place.name}.")
    message = desk.store.post(
        place.id,
        **author,
        text=composed(desk.store, text[:MESSAGE_TEXT_MAX]),
        thread_ts=thread_ts,
        files=[_file(desk, author["user"], each) for each in files or []],
        broadcast=broadcast,
        **rich,
    )
    return {"ts": message.ts, "channel": place.id}


def _of_a_bot(as_bot: str | None, attachments: list[Json] | None, blocks: list[Json] | None) -> Json:
    """The attachments and blocks of a bot's message, checked as for ``chat.postMessage``."""
    given = {"attachments": attachments, "blocks": blocks}
    rich = {name: value for name, value in given.items() if value is not None}
    if rich and not as_bot:
        raise BadRequestError("bad_argument", "Only a bot's message has attachments or blocks.")
    try:
        check_message({"text": "x", **rich})
    except SlackError as error:
        raise RefusedError(error.code, "; ".join(error.messages) or error.code) from error
    return rich


def _author(desk: Desk, channel: str, user: str | None, as_bot: str | None) -> tuple[Channel, Json]:
    if as_bot:
        named = {"bot_id": FOREIGN_BOT_ID, "subtype": "bot_message", "username": as_bot}
        return desk.store.channel(channel), {"user": None, **named}
    if user is None:
        raise BadRequestError("missing_argument", "Pass `user` or `as_bot`.")
    person = person_who_acts(desk.store, user)
    return channel_where(desk.store, channel, person), {"user": person.id}


def _file(desk: Desk, user: str | None, given: Any) -> Json:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise RefusedError("bad_file", "A file needs a name.")
    file_id, name = desk.store.new_id("F"), given["name"]
    content = str(given.get("content", ""))
    link = f"{desk.store.team_url}files/{file_id}"
    return {
        "id": file_id,
        "created": int(desk.store.clock()),
        "timestamp": int(desk.store.clock()),
        "name": name,
        "title": name,
        "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "filetype": name.rpartition(".")[2] or "text",
        "user": user,
        "mode": "hosted",
        "size": len(content.encode()),
        "is_external": False,
        "is_public": True,
        "url_private": link,
        "url_private_download": link,
        "permalink": link,
        "preview": content,
    }


def _own(desk: Desk, channel: str, ts: str, user: str) -> tuple[Person, Channel, Message]:
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    message = message_at(place, ts, person)
    if message.user != person.id or message.bot_id:
        raise RefusedError("not_your_message", f"{person.real_name} did not write that message.")
    return person, place, message


async def edit(  # noqa: PLR0913 - the arguments are the route's
    desk: Desk,
    *,
    channel: str,
    ts: str,
    user: str | None = None,
    text: str | None = None,
    as_bot: str | None = None,
    attachments: list[Json] | None = None,
    blocks: list[Json] | None = None,
) -> Json:
    """Edit one's own message; another app's bot (``as_bot``) replaces what is given.

    As in Slack, a bot's message isn't marked as edited if its text stays.
    https://docs.slack.dev/reference/methods/chat.update
    """
    rich, typed = _of_a_bot(as_bot, attachments, blocks), None if text is None else composed(desk.store, text)
    if as_bot:
        place = desk.store.channel(channel)
        desk.store.update(place.id, ts, text=typed, **rich)
        return {}
    if user is None or text is None:
        raise BadRequestError("missing_argument", "Pass `user` and `text`, or `as_bot`.")
    person, place, message = _own(desk, channel, ts, user)
    desk.store.edit(place.id, message.ts, text=typed, user=person.id)
    return {}


async def delete(desk: Desk, *, channel: str, ts: str, user: str) -> Json:
    """Delete one's own message; admins may delete anybody's, and everyone may dismiss what only they see."""
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    message = message_at(place, ts, person)
    if message.ephemeral_to is None and not person.is_admin:
        _own(desk, channel, ts, user)
    desk.store.delete(place.id, message.ts, person.id)
    return {}


def _seen(desk: Desk, channel: str, ts: str, user: str) -> tuple[Person, Channel, Message]:
    person = person_who_acts(desk.store, user)
    place = channel_where(desk.store, channel, person)
    message = message_at(place, ts, person)
    if message.ephemeral_to is not None:
        raise RefusedError("ephemeral_message", "You can't pin or react to a message that only you can see.")
    return person, place, message


async def react(desk: Desk, *, channel: str, ts: str, user: str, name: str, present: bool = True) -> Json:
    """Add or remove a reaction; ``changed`` says whether that made a difference."""
    person, place, message = _seen(desk, channel, ts, user)
    return {"changed": desk.store.react(place.id, message.ts, person.id, name.strip(":"), present)}


async def pin(desk: Desk, *, channel: str, ts: str, user: str, present: bool = True) -> Json:
    """Pin or unpin a message; ``changed`` says whether that made a difference."""
    person, place, message = _seen(desk, channel, ts, user)
    return {"changed": desk.store.pin(place.id, message.ts, person.id, present)}


async def read(desk: Desk, *, channel: str, user: str, ts: str) -> Json:
    """Mark everything in the channel up to ``ts`` as read."""
    person = person_who_acts(desk.store, user)
    desk.store.mark_read(desk.store.channel(channel).id, person.id, ts)
    return {}


async def listing(desk: Desk, *, channel: str, user: str | None = None) -> Json:
    """Every message in a channel, oldest first, with replies; with ``user``, also what only they see."""
    place = desk.store.channel(channel)
    viewer = desk.store.person(user).id if user else None
    seen = [each for each in place.messages.values() if each.ephemeral_to in (None, viewer)]
    return {"channel": place.id, "messages": [_listed(desk, place, each) for each in seen]}


def _listed(desk: Desk, place: Channel, message: Message) -> Json:
    shown = message_json(desk.store, place, message, metadata=True)
    return {**shown, "ephemeral_to": message.ephemeral_to} if message.ephemeral_to else shown


async def file_content(desk: Desk, *, file_id: str) -> Json:
    """The text of a file that somebody shared."""
    for channel in desk.store.workspace.channels.values():
        for message in channel.messages.values():
            for each in message.files:
                if each["id"] == file_id:
                    return {"name": each["name"], "content": each["preview"]}
    raise LookupError(f"there is no file {escaped(file_id)}")

"""Mutations of messages: post, edit, delete, react, pin, read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.rules import with_ids
from sandbox.workspace import events
from sandbox.workspace.core import Core
from sandbox.workspace.model import Channel, Json, Message
from sandbox.workspace.shapes import message_json, replies

TOMBSTONE = "This message was deleted."

_QUIET_JOINS = frozenset({"channel_join", "channel_leave"})


class Messages(Core):
    """What happens to messages. Takes channels and people by id or name, and leaves checks to the caller."""

    def post(  # noqa: PLR0913
        self,
        channel: str,
        user: str | None,
        text: str,
        *,
        thread_ts: str | None = None,
        blocks: list[Json] | None = None,
        bot_id: str | None = None,
        subtype: str | None = None,
        files: list[Json] | None = None,
        metadata: Json | None = None,
        ephemeral_to: str | None = None,
        broadcast: bool = False,
        attachments: list[Json] | None = None,
        username: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Message:
        """A new message at the end of the channel; an ephemeral one is visible only to its recipient."""
        place = self.channel(channel)
        author = self.person(user).id if user else None
        message = Message(self.next_ts(), author, text, bot_id, subtype, thread_ts)
        message.blocks = with_ids(blocks or [])
        message.attachments, message.files, message.metadata = attachments or [], files or [], metadata
        message.username, message.extra = username, dict(extra or {})
        message.ephemeral_to = self.person(ephemeral_to).id if ephemeral_to else None
        if bot_id is None and subtype is None:
            message.client_msg_id = str(uuid.uuid4())
        if files and bot_id is None and subtype is None:
            message.subtype = "file_share"
        if thread_ts:
            self._join_thread(place, message, broadcast)
        place.messages[message.ts] = message
        self._announce(place, message)
        return message

    def _join_thread(self, channel: Channel, message: Message, broadcast: bool) -> None:
        parent = channel.messages.get(message.thread_ts or "")
        if parent is None:
            raise LookupError(f"no message {message.thread_ts} to reply to")
        root = message.thread_ts = parent.thread_ts or parent.ts
        if message.ephemeral_to is None:
            channel.messages[root].thread_ts = root
        if broadcast:
            message.subtype = "thread_broadcast"

    def _announce(self, channel: Channel, message: Message) -> None:
        self.note(channels=[channel.id])
        if message.ephemeral_to is not None:
            return
        if message.user in channel.members and message.subtype not in _QUIET_JOINS:
            channel.last_read[message.user or ""] = message.ts
        self.emit(events.message(self, channel, message), channel)
        if events.mentions_bot(self, message) and not channel.is_im:
            self.emit(events.app_mention(self, channel, message), channel)

    def edit(
        self,
        channel: str,
        ts: str,
        *,
        text: str | None = None,
        blocks: list[Json] | None = None,
        user: str,
        attachments: list[Json] | None = None,
        metadata: Json | None = None,
    ) -> Message:
        """Replace the given parts of the message and set ``edited``.

        Raises ``LookupError`` if there is no such message.
        """
        place = self.channel(channel)
        message = self.message(place, ts)
        before = message_json(self, place, message)
        message.text = message.text if text is None else text
        message.blocks = message.blocks if blocks is None else with_ids(blocks)
        message.attachments = message.attachments if attachments is None else attachments
        message.metadata = message.metadata if metadata is None else metadata
        message.edited = {"user": self.person(user).id, "ts": self.next_ts()}
        self.note(channels=[place.id])
        if message.ephemeral_to is None:
            self.emit(events.message_changed(self, place, message_json(self, place, message), before), place)
        return message

    def update(
        self,
        channel: str,
        ts: str,
        *,
        text: str | None = None,
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Message:
        """Replace the given parts, as Slack itself or another app does; only a new text counts as an edit."""
        place = self.channel(channel)
        message = self.message(place, ts)
        before = message_json(self, place, message)
        message.blocks = message.blocks if blocks is None else with_ids(blocks)
        message.attachments = message.attachments if attachments is None else attachments
        message.extra |= extra or {}
        if text is not None and text != message.text:
            message.text, message.edited = (
                text,
                {"user": message.user or message.bot_id, "ts": self.next_ts()},
            )
        self.note(channels=[place.id])
        self.emit(events.message_changed(self, place, message_json(self, place, message), before), place)
        return message

    def delete(self, channel: str, ts: str, user: str) -> None:
        """Remove the message; as in Slack, the parent of a thread is changed into a tombstone instead."""
        place = self.channel(channel)
        self.person(user)
        message = self.message(place, ts)
        before = message_json(self, place, message)
        place.pins.pop(ts, None)
        self.note(channels=[place.id])
        if replies(place, ts):
            tombstone = Message(ts, "USLACKBOT", TOMBSTONE, subtype="tombstone", thread_ts=ts)
            tombstone.extra["hidden"] = True
            place.messages[ts] = tombstone
            after = message_json(self, place, tombstone)
            self.emit(events.message_changed(self, place, after, before), place)
            return
        del place.messages[ts]
        self._forget_empty_thread(place, message)
        if message.ephemeral_to is None:
            self.emit(events.message_deleted(self, place, before), place)

    def _forget_empty_thread(self, channel: Channel, deleted: Message) -> None:
        parent = channel.messages.get(deleted.thread_ts or "")
        if parent is None or parent.ts == deleted.ts or replies(channel, parent.ts):
            return
        parent.thread_ts = None
        if parent.subtype == "tombstone":
            del channel.messages[parent.ts]

    def react(self, channel: str, ts: str, user: str, name: str, present: bool) -> bool:
        """Add or remove a reaction; returns whether that changed anything."""
        place, person = self.channel(channel), self.person(user)
        message = self.message(place, ts)
        users = message.reactions.get(name, [])
        if (person.id in users) is present:
            return False
        if present:
            message.reactions.setdefault(name, []).append(person.id)
        else:
            users.remove(person.id)
            if not users:
                del message.reactions[name]
        self.note(channels=[place.id])
        self.emit(events.reaction(self, place, message, person.id, name, present), place)
        return True

    def pin(self, channel: str, ts: str, user: str, present: bool) -> bool:
        """Pin or unpin a message; returns whether that changed anything."""
        place, person = self.channel(channel), self.person(user)
        message = self.message(place, ts)
        if (ts in place.pins) is present:
            return False
        pin = {"created": int(self.clock()), "created_by": person.id} if present else place.pins.pop(ts)
        if present:
            place.pins[ts] = pin
        self.note(channels=[place.id])
        self.emit(events.pin(self, place, message, pin, person.id, present), place)
        return True

    def mark_read(self, channel: str, user: str, ts: str) -> None:
        """Mark the channel as read by the person up to ``ts``; it never moves backwards."""
        place, person = self.channel(channel), self.person(user)
        if ts > place.last_read.get(person.id, ""):
            place.last_read[person.id] = ts
            self.note(people=[person.id])

    def message(self, channel: Channel, ts: str) -> Message:
        """The channel's message at ``ts``. Raises ``LookupError`` if there is none."""
        try:
            return channel.messages[ts]
        except KeyError:
            raise LookupError(f"no message {ts} in {channel.id}") from None

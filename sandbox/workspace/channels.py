"""Mutations of channels: create, join, leave, rename, archive, topic, purpose, direct messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.workspace import events
from sandbox.workspace.messages import Messages
from sandbox.workspace.model import Channel, Json, Message, Person

_CONVERTED = {
    True: (
        "channel_convert_to_private",
        "made this channel *private*. Now, it can only be viewed or joined by invitation.",
    ),
    False: (
        "channel_convert_to_public",
        "made this channel *public*. Any member in this workspace can see and join it.",
    ),
}


class Channels(Messages):
    """What happens to channels; a change that Slack announces in the channel itself posts its message."""

    def create_channel(self, name: str, creator: str, is_private: bool = False) -> Channel:
        """A new channel with its creator in it; the name must be free and valid."""
        person = self.person(creator)
        channel = Channel(self.new_id("C"), name, person.id, int(self.clock()), is_private=is_private)
        self.workspace.channels[channel.id] = channel
        if not is_private:
            self.emit(events.channel_created(self, channel), None)
        self.join(channel.id, person.id)
        return channel

    def name_is_taken(self, name: str) -> bool:
        """Whether a channel has that name, archived ones included."""
        return any(channel.name == name for channel in self.workspace.channels.values() if not channel.is_im)

    def join(self, channel: str, user: str, inviter: str | None = None) -> bool:
        """Make the person a member, invited or by themselves; returns whether that changed anything.

        People who join by themselves have read what is there; for people who were added, the channel is
        unread.
        """
        place, person = self.channel(channel), self.person(user)
        if person.id in place.members:
            return False
        place.members.add(person.id)
        extra = {"inviter": self.person(inviter).id} if inviter else {}
        self._notice(place, person, "join", f"<@{person.id}> has joined the channel", extra)
        if inviter is None:
            place.last_read[person.id] = next(reversed(place.messages))
        self.emit(events.member_joined(self, place, person.id, extra.get("inviter")), place)
        self.note(people=[person.id])
        return True

    def leave(self, channel: str, user: str) -> bool:
        """End the person's membership, by themselves or removed; returns whether that changed anything."""
        place, person = self.channel(channel), self.person(user)
        if person.id not in place.members:
            return False
        self._notice(place, person, "leave", f"<@{person.id}> has left the channel", {})
        # Members receive the event, and the bot itself receives only that it was removed.
        left = events.left(self, place) if person is self.bot_user else None
        place.members.discard(person.id)
        self.emit(left or events.member_left(self, place, person.id), None if left else place)
        self.note(people=[person.id])
        return True

    def rename(self, channel: str, name: str, user: str) -> None:
        """Give the channel another name, which must be free and valid."""
        place, person = self.channel(channel), self.person(user)
        old = place.name
        place.previous_names.insert(0, old)
        place.name = name
        text = f'has renamed the channel from "{old}" to "{name}"'
        self._notice(place, person, "name", text, {"old_name": old, "name": name})
        self.emit(events.channel_renamed(self, place), place)

    def archive(self, channel: str, user: str, present: bool) -> bool:
        """Archive (``present``) or unarchive the channel; returns whether that changed anything."""
        place, person = self.channel(channel), self.person(user)
        if place.is_archived is present:
            return False
        verb = "archive" if present else "unarchive"
        extra = {"members": sorted(place.members)} if present else {}
        self._notice(place, person, verb, f"{verb}d the channel", extra)
        place.is_archived = present
        self.emit(events.channel_archive(self, place, person.id, present), place)
        return True

    def convert(self, channel: str, user: str, is_private: bool) -> bool:
        """Make the channel private or public, keeping id and members; returns whether that changed anything.

        The message's ``channel_type`` is that of the converted channel; both kinds have the same subtype.
        https://docs.slack.dev/reference/events/message/channel_convert_to_private
        https://docs.slack.dev/reference/events/message/channel_convert_to_public
        """
        place, person = self.channel(channel), self.person(user)
        if place.is_private is is_private:
            return False
        place.is_private = is_private
        subtype, text = _CONVERTED[is_private]
        self.post(place.id, person.id, text, subtype=subtype)
        self.note(channels=[place.id], people=self.workspace.people)
        return True

    def share(self, channel: str, team: str) -> str:
        """Connect another workspace to the channel; returns its id, which changes if it is private.

        https://docs.slack.dev/apis/slack-connect/
        """
        place = self.channel(channel)
        if place.is_private and not place.is_ext_shared:
            old = place.id
            del self.workspace.channels[old]
            place.id = self.new_id("C")
            self.workspace.channels[place.id] = place
            self.emit(events.channel_id_changed(self, old, place), place)
        place.is_ext_shared = True
        self.emit(events.channel_shared(self, place, team), place)
        self.note(channels=[place.id], people=self.workspace.people)
        return place.id

    def delete_channel(self, channel: str, user: str) -> None:
        """Delete the channel with all that was written in it."""
        place, person = self.channel(channel), self.person(user)
        self.emit(events.channel_deleted(self, place, person.id), place)
        del self.workspace.channels[place.id]
        self.note(people=self.workspace.people)

    def set_topic(self, channel: str, user: str, topic: str) -> None:
        """Set the channel's topic; setting the same topic again changes nothing."""
        place, person = self.channel(channel), self.person(user)
        if place.topic == topic:
            return
        place.topic, place.topic_record = topic, self._record(topic, person)
        self._notice(place, person, "topic", f"set the channel topic: {topic}", {"topic": topic})

    def set_purpose(self, channel: str, user: str, purpose: str) -> None:
        """Set the channel's purpose (its description); setting the same one again changes nothing."""
        place, person = self.channel(channel), self.person(user)
        if place.purpose == purpose:
            return
        place.purpose, place.purpose_record = purpose, self._record(purpose, person)
        text = f"set the channel description: {purpose}"
        self._notice(place, person, "purpose", text, {"purpose": purpose})

    def open_im(self, user: str) -> Channel:
        """The direct message between the app's bot user and the person, created if there is none."""
        person = self.person(user)
        ims = (channel for channel in self.workspace.channels.values() if channel.is_im)
        found = next((channel for channel in ims if channel.im_user == person.id), None)
        if found is None:
            found = Channel(self.new_id("D"), "", self.bot_user.id, int(self.clock()))
            found.is_private = found.is_im = True
            found.im_user, found.members = person.id, {person.id, self.bot_user.id}
            self.workspace.channels[found.id] = found
            self.note(channels=[found.id], people=[person.id])
        return found

    def open_home(self, user: str) -> None:
        """The person opens the app's Home tab, and the app gets the event."""
        person = self.person(user)
        self.emit(events.app_home_opened(self, self.open_im(person.id), person.id), None)
        self.note(homes=[person.id])

    def _record(self, value: str, person: Person) -> Json:
        return {"value": value, "creator": person.id, "last_set": int(self.clock())}

    def _notice(
        self, channel: Channel, person: Person, what: str, text: str, extra: Mapping[str, Any]
    ) -> Message:
        kind = "group" if channel.is_private else "channel"
        return self.post(channel.id, person.id, text, subtype=f"{kind}_{what}", extra=extra)

"""The lists around the messages: channels, direct messages, people."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.page import dates
from sandbox.page.conversation import unread
from sandbox.page.viewer import Author, Viewer, hue, initials, may_see, zone_of
from sandbox.workspace.model import Channel, Person


@dataclass(frozen=True)
class Place:
    """A channel or direct message in a list."""

    channel: Channel
    title: str
    address: str
    unread: int
    is_member: bool


@dataclass(frozen=True)
class Face:
    """A person in a list, with their local time."""

    person: Person
    look: Author
    time: str
    day: str
    badge: str


def place(channel: Channel, viewer: Viewer) -> Place:
    """The channel as lists show it."""
    is_member = viewer.me.id in channel.members
    count = unread(channel, viewer) if is_member else 0
    return Place(channel, viewer.title(channel), viewer.address(channel), count, is_member)


def channels(viewer: Viewer, current: Channel | None) -> list[Place]:
    """The person's channels by name, and the one that they are looking at, even if it is archived."""
    found = [
        channel
        for channel in viewer.store.workspace.channels.values()
        if not channel.is_im
        and ((viewer.me.id in channel.members and not channel.is_archived) or channel is current)
    ]
    return [place(channel, viewer) for channel in sorted(found, key=lambda channel: channel.name)]


def direct_messages(viewer: Viewer) -> list[Place]:
    """The person's direct messages, by the other person's name."""
    every = viewer.store.workspace.channels.values()
    found = [place(channel, viewer) for channel in every if channel.is_im and viewer.me.id in channel.members]
    return sorted(found, key=lambda each: each.title)


def to_browse(viewer: Viewer) -> list[Place]:
    """Every channel that the person may open, archived ones last."""
    every = [
        each
        for each in viewer.store.workspace.channels.values()
        if not each.is_im and may_see(viewer.me, each)
    ]
    return [
        place(channel, viewer) for channel in sorted(every, key=lambda each: (each.is_archived, each.name))
    ]


def face(person: Person, viewer: Viewer) -> Face:
    """The person with their local time, and the day if it differs from the viewer's."""
    there = viewer.moment(viewer.now).astimezone(zone_of(person))
    days = (there.date() - viewer.moment(viewer.now).date()).days
    look = Author(person.real_name, initials(person.real_name), hue(person.id), person.is_bot)
    badge = "Guest" if person.is_restricted or person.is_ultra_restricted else ""
    badge = "Deactivated" if person.deleted else badge
    return Face(person, look, dates.clock(there), {-1: "yesterday", 1: "tomorrow"}.get(days, ""), badge)


def people(viewer: Viewer) -> list[Face]:
    """Everybody that one can act as: the workspace's active people."""
    every = viewer.store.workspace.people.values()
    return [face(person, viewer) for person in every if not (person.is_bot or person.deleted)]


def everybody(viewer: Viewer) -> list[Face]:
    """Everybody whom a newcomer meets: people, those who have left, and the app."""
    every = viewer.store.workspace.people.values()
    app = viewer.store.bot_user
    return [face(person, viewer) for person in every if not person.is_bot] + [face(app, viewer)]


def members(channel: Channel, viewer: Viewer) -> list[Face]:
    """The channel's members by name."""
    found = [viewer.store.workspace.people[member] for member in channel.members]
    return [face(person, viewer) for person in sorted(found, key=lambda person: person.real_name)]

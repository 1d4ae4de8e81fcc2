"""A channel's messages as the page lists them: grouped, with days, threads, reactions and pins resolved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.page import emoji, mrkdwn
from sandbox.page.viewer import Author, Viewer
from sandbox.workspace.model import Channel, Message

GROUPED_SECONDS = 300
"""Messages by one author within this time share one avatar, as in Slack."""
PAGE_SIZE = 60
_NOTICES = frozenset(
    f"{kind}_{what}"
    for kind in ("channel", "group")
    for what in ("join", "leave", "topic", "purpose", "name", "archive", "unarchive")
) | {"channel_convert_to_private", "channel_convert_to_public"}
_QUIET = frozenset({"channel_join", "channel_leave", "group_join", "group_leave"})


@dataclass(frozen=True)
class Reaction:
    """One emoji under a message, and who added it."""

    name: str
    shown: str
    count: int
    mine: bool
    people: str


@dataclass(frozen=True)
class Thread:
    """The summary of its thread that a message shows."""

    count: int
    latest: str
    authors: tuple[Author, ...]


@dataclass(frozen=True)
class Row:
    """One message with everything that its template needs."""

    message: Message
    author: Author
    day: str | None
    """The label of the day divider above it, if there is one."""
    is_new: bool
    """Whether the line between read and unread messages is above it."""
    continued: bool
    """Whether it closely follows a message by the same author."""
    is_mine: bool
    is_notice: bool
    names_author: bool
    """For notices: whether the author's name must come before the text."""
    pinned_by: str | None
    reactions: tuple[Reaction, ...]
    thread: Thread | None
    source: str | None
    """What the author typed, for the editor; ``None`` if the viewer may not edit it."""


def top_level(channel: Channel, viewer: Viewer) -> list[Message]:
    """The messages that the viewer sees in the channel itself: no replies, no ephemeral ones for others."""
    return [
        message
        for message in channel.messages.values()
        if message.ephemeral_to in (None, viewer.me.id)
        and (message.thread_ts in (None, message.ts) or message.subtype == "thread_broadcast")
    ]


def in_thread(channel: Channel, thread_ts: str, viewer: Viewer) -> list[Message]:
    """A thread's parent and replies that the viewer can see."""
    return [
        message
        for message in channel.messages.values()
        if thread_ts in (message.ts, message.thread_ts) and message.ephemeral_to in (None, viewer.me.id)
    ]


def unread(channel: Channel, viewer: Viewer) -> int:
    """How many messages by others are unread, not counting joins, leaves and ephemeral messages."""
    read = channel.last_read.get(viewer.me.id, "")
    return sum(
        message.ts > read and message.user != viewer.me.id and message.subtype not in _QUIET
        for message in top_level(channel, viewer)
        if message.ephemeral_to is None
    )


def rows(
    channel: Channel,
    messages: Iterable[Message],
    viewer: Viewer,
    *,
    new_after: str = "",
    in_pane: bool = False,
) -> list[Row]:
    """The messages as rows, in the same order; in a thread's own pane, without thread summaries."""
    threads = {} if in_pane else _threads(channel, viewer)
    shown: list[Row] = []
    before: Message | None = None
    for message in messages:
        day = viewer.day(message.ts)
        is_new = bool(new_after) and message.ts > new_after and (before is None or before.ts <= new_after)
        new_day = day if before is None or viewer.day(before.ts) != day else None
        # A line that counts the replies is above a thread's first reply, so the reply starts its own group.
        is_parted = bool(new_day) or is_new or (in_pane and len(shown) == 1)
        continued = before is not None and not is_parted and _continues(before, message)
        shown.append(_row(channel, message, viewer, new_day, is_new, continued, threads.get(message.ts)))
        before = message
    return shown


def _continues(before: Message, message: Message) -> bool:
    def who(each: Message) -> tuple[object, ...]:
        return each.user, each.username, each.ephemeral_to, each.subtype in _NOTICES

    close = float(message.ts) - float(before.ts) < GROUPED_SECONDS
    return close and who(before) == who(message) and message.subtype not in _NOTICES


def _row(
    channel: Channel,
    message: Message,
    viewer: Viewer,
    day: str | None,
    is_new: bool,
    continued: bool,
    thread: Thread | None,
) -> Row:
    is_notice = message.subtype in _NOTICES
    is_mine = message.user == viewer.me.id and not (message.bot_id or is_notice or message.ephemeral_to)
    pin = channel.pins.get(message.ts)
    return Row(
        message=message,
        author=viewer.author(message),
        day=day,
        is_new=is_new,
        continued=continued,
        is_mine=is_mine,
        is_notice=is_notice,
        names_author=is_notice and not message.text.startswith("<@"),
        pinned_by=_pinned_by(pin["created_by"], viewer) if pin else None,
        reactions=tuple(_reaction(name, users, viewer) for name, users in message.reactions.items()),
        thread=thread,
        source=mrkdwn.as_typed(message.text, viewer) if is_mine else None,
    )


def _pinned_by(person: str, viewer: Viewer) -> str:
    return "you" if viewer.is_me(person) else viewer.person_name(person) or person


def _reaction(name: str, users: list[str], viewer: Viewer) -> Reaction:
    people = ", ".join("you" if viewer.is_me(user) else viewer.person_name(user) or user for user in users)
    return Reaction(name, emoji.shown(name), len(users), viewer.me.id in users, people)


def _threads(channel: Channel, viewer: Viewer) -> dict[str, Thread]:
    replies: dict[str, list[Message]] = defaultdict(list)
    for message in channel.messages.values():
        if message.thread_ts not in (None, message.ts) and message.ephemeral_to is None:
            replies[message.thread_ts or ""].append(message)
    return {ts: _thread(messages, viewer) for ts, messages in replies.items()}


def _thread(messages: list[Message], viewer: Viewer) -> Thread:
    latest = messages[-1].ts
    when = (
        viewer.clock(latest)
        if viewer.day(latest) == "Today"
        else f"{viewer.day(latest)} at {viewer.clock(latest)}"
    )
    authors = dict.fromkeys(viewer.author(message) for message in messages)
    return Thread(len(messages), when, tuple(authors)[:3])

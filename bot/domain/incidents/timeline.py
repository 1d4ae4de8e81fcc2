"""The timeline: what happened, who did it, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class EntryKind(StrEnum):
    """What kind of fact an entry records."""

    DECLARED = "declared"
    STATUS = "status"
    SEVERITY = "severity"
    TITLE = "title"
    COMMANDER = "commander"
    ACTION = "action"
    """Of an action item, whose ref begins the text; ``from_value`` and ``to_value`` say what of it."""
    ROOT_CAUSE = "root_cause"
    """Found by five whys, whose ref is the text; ``to_value`` is the cause, ``from_value`` one taken back."""
    PRIVACY = "privacy"
    """The incident became private with its channel, or public: see ``from_value`` and ``to_value``."""
    MESSAGE = "message"


STATE_CHANGES = frozenset(EntryKind) - {EntryKind.MESSAGE}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One fact. ``at`` is when it happened (UTC); a message's own time for a message."""

    id: int
    incident_id: int
    kind: EntryKind
    at: datetime
    by: str | None = None
    source: str | None = None
    """The name under which another bot wrote, when ``by`` is nobody."""
    from_value: str | None = None
    to_value: str | None = None
    text: str = ""
    """What was written, in Slack's own markup for messages, verbatim for notes."""
    files: tuple[Mapping[str, Any], ...] = ()
    """``{"name": …, "permalink": …}`` each."""
    channel_id: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    is_edited: bool = False
    is_deleted: bool = False
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message of an incident's channel as Slack reports it."""

    channel_id: str
    ts: str
    user_id: str | None
    source: str | None
    text: str
    files: tuple[Mapping[str, Any], ...] = ()
    thread_ts: str | None = None
    edited_ts: str | None = None
    """The time of the last edit, Slack's ``edited.ts``; orders edits that overtake each other."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message as a channel's history shows it."""

    message: PostedMessage
    marked_by: frozenset[str] | None
    """Whose reactions mark it as a key event; ``None`` where that isn't known."""


@dataclass(frozen=True, slots=True)
class KeyMark:
    """Somebody marked a message as a key event, or took their mark back."""

    channel_id: str
    ts: str
    user_id: str
    source: str
    """``reaction`` or ``pin``: each is its own mark."""
    present: bool
    event_ts: str
    """Orders marks that overtake each other."""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some entries in order, oldest first; ``page`` counts from 1."""

    incident_id: int
    entries: tuple[TimelineEntry, ...]
    page: int
    pages: int
    total: int
    everything: bool


def time_of(ts: str) -> datetime:
    """A message's time from its Slack ``ts``, UTC."""
    return datetime.fromtimestamp(float(ts), UTC)


def permalink(team_url: str, channel_id: str, ts: str, thread_ts: str | None = None) -> str:
    """The address of a message, as ``chat.getPermalink`` answers it, without asking Slack.

    https://docs.slack.dev/reference/methods/chat.getPermalink
    """
    address = f"{team_url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        address += f"?thread_ts={thread_ts}&cid={channel_id}"
    return address

"""The timeline: what happened, who did it, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class EntryKind(StrEnum):
    """The kind of fact that an entry records."""

    DECLARED = "declared"
    STATUS = "status"
    SEVERITY = "severity"
    TITLE = "title"
    COMMANDER = "commander"
    ROLE = "role"
    """Somebody got a role other than commander, or no longer has it; the text is the role's name."""
    PEOPLE = "people"
    """People were brought in: ``to_value`` has their ids, separated by spaces, and the text says why.

    Without a ``to_value``, nobody could come for that reason.
    """
    CALL = "call"
    """The link to the incident's call was set or changed; see ``from_value`` and ``to_value``."""
    ACTION = "action"
    """About an action item, whose ref starts the text; ``from_value`` and ``to_value`` say what changed."""
    ROOT_CAUSE = "root_cause"
    """From five whys, whose ref is the text; ``to_value`` is a cause found, ``from_value`` one retracted."""
    PRIVACY = "privacy"
    """The incident became private or public with its channel; see ``from_value`` and ``to_value``."""
    UPDATE = "update"
    """An update for people who wait: ``to_value`` is its number, and the text is what it says."""
    PAGE = "page"
    """Somebody called people in: ``to_value`` is their ids with spaces between, and the text is why."""
    CHECKLIST = "checklist"
    """A checklist, named by the text, was posted by somebody; or a line of it, which is ``from_value``, was
    ticked or unticked: ``to_value`` says which."""
    MESSAGE = "message"
    OTHER = "other"
    """A kind that only a newer release knows, which runs at the same time during a deploy; never stored."""

    @classmethod
    def _missing_(cls, _value: object) -> EntryKind:
        return cls.OTHER


BY_ERASURE = 0
"""Instead of a number of days: the text was removed because its author was erased."""
STATE_CHANGES = frozenset(EntryKind) - {EntryKind.MESSAGE}
PART_CHANGES = frozenset({EntryKind.COMMANDER, EntryKind.ROLE})
"""Somebody's part in the incident: ``from_value`` had the role before, ``to_value`` has it now."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One fact. ``at`` is when it happened (UTC); for a message, when it was posted."""

    id: int
    incident_id: int
    kind: EntryKind
    at: datetime
    by: str | None = None
    source: str | None = None
    """The name of the bot that wrote the message, if ``by`` is ``None``."""
    from_value: str | None = None
    to_value: str | None = None
    text: str = ""
    """The text: Slack's own markup for messages, verbatim for notes."""
    files: tuple[Mapping[str, Any], ...] = ()
    """Each is ``{"name": …, "permalink": …}``."""
    channel_id: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    is_edited: bool = False
    is_deleted: bool = False
    is_key: bool = False
    removed_after: int | None = None
    """Days after which its text was removed, or ``BY_ERASURE`` if its author was erased."""

    @property
    def is_gone(self) -> bool:
        """Whether the message was deleted in Slack, so that nothing shows it."""
        return self.is_deleted and self.removed_after is None

    @property
    def removed(self) -> str:
        """Why its text is no longer here, though the message wasn't deleted; else empty."""
        if self.removed_after is None:
            return ""
        return f"removed after {self.removed_after} days" if self.removed_after else "erased"


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message in an incident's channel as Slack reports it."""

    channel_id: str
    ts: str
    user_id: str | None
    source: str | None
    text: str
    files: tuple[Mapping[str, Any], ...] = ()
    thread_ts: str | None = None
    edited_ts: str | None = None
    """The time of the last edit, Slack's ``edited.ts``; sorts edits that arrive out of order."""
    is_erased: bool = False
    """Whether its author has been erased since they wrote it, so that only the fact of it is stored."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message as the channel's history shows it."""

    message: PostedMessage
    marked_by: frozenset[str] | None
    """The people whose reactions mark it as a key event; ``None`` if that isn't known."""


@dataclass(frozen=True, slots=True)
class KeyMark:
    """Somebody marked a message as a key event, or removed their mark."""

    channel_id: str
    ts: str
    user_id: str
    source: str
    """``reaction`` or ``pin``: each counts as a separate mark."""
    present: bool
    event_ts: str
    """Sorts marks that arrive out of order."""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of entries, oldest first; ``page`` counts from 1."""

    incident_id: int
    entries: tuple[TimelineEntry, ...]
    page: int
    pages: int
    total: int
    everything: bool


def time_of(ts: str) -> datetime:
    """The time of a message (UTC) from its Slack ``ts``."""
    return datetime.fromtimestamp(float(ts), UTC)


def happened(ts: str, now: datetime) -> datetime:
    """When something that we hear of now happened; without its ``ts``, that is now."""
    return min(time_of(ts), now) if ts else now


def permalink(team_url: str, channel_id: str, ts: str, thread_ts: str | None = None) -> str:
    """The URL of a message, as ``chat.getPermalink`` returns it, without asking Slack.

    https://docs.slack.dev/reference/methods/chat.getPermalink
    """
    address = f"{team_url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"
    if thread_ts and thread_ts != ts:
        address += f"?thread_ts={thread_ts}&cid={channel_id}"
    return address

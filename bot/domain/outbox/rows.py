"""Outbox rows as values: what is planned, what a worker holds, what came of it, and what is stuck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.outbox.effects import Effect
from bot.domain.outbox.queues import Queue


@dataclass(frozen=True, slots=True)
class Planned:
    """An outbox row to be.

    ``key`` is its identity for ever, ``lane`` its strict order, ``needs`` another's key.
    """

    effect: Effect
    key: str
    lane: str
    needs: str | None = None
    coalesce: bool = False
    """Whether a row that waits in the lane already stands for this one too."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the order in which due rows are polled."""

    time: datetime
    id: int


START = Position(datetime(1970, 1, 1, tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Found:
    """What a poll of the outbox found."""

    ids: tuple[int, ...]
    """Rows that could be claimed."""
    after: Mapping[Queue, Position]
    """Where the next poll of each queue continues, after its first page."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox row that a worker holds for as long as it renews the lease."""

    id: int
    key: str
    effect: Effect
    attempt: int
    """1 for the first."""
    look_first: bool
    """Whether an earlier attempt may have been applied without our knowing."""
    created_at: datetime
    owner: str
    is_private: bool = False
    """Whether it is for a private incident, which no log mentions."""
    queue: Queue = Queue.PEOPLE
    progress: Mapping[str, Any] | None = None
    """How far an earlier attempt got, as its performer keeps it."""
    has_failed_before: bool = False
    """Whether an earlier attempt went wrong."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """An outbox row that somebody should know about: given up, or long overdue."""

    id: int
    key: str
    kind: str
    incident_id: int | None
    attempts: int
    last_error: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Depth:
    """How many outbox rows of a kind are in a state, and when the oldest of them was asked for."""

    kind: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What an operator's dashboard shows."""

    rows: tuple[Depth, ...]
    """Of rows that aren't done."""
    incidents: Mapping[str, int]
    """Status -> number."""


@dataclass(frozen=True, slots=True)
class ChannelMade:
    """The incident's channel exists under this id and name."""

    incident_id: int
    channel_id: str
    name: str


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """The message known by ``key`` stands at (channel, ts); it tells of the timeline entry, if any."""

    key: str
    channel_id: str
    ts: str
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnnouncementsPlaced:
    """Announcements go to the channel with this id, which was asked for by ``name``."""

    name: str
    channel_id: str


Outcome = ChannelMade | MessagePosted | AnnouncementsPlaced | None
"""What an effect has brought about, stored in the transaction that marks its row as done."""

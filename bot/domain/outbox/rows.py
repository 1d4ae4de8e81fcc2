"""Outbox rows as values: planned, found by a poll, claimed by a worker, stuck, and what effects produced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.outbox.effects import Effect
from bot.domain.outbox.queues import Queue


@dataclass(frozen=True, slots=True)
class Planned:
    """An outbox row that a transaction is about to write.

    ``key`` identifies it until it is purged, a week or more after it is done; until then, the same key isn't
    written again. Rows in one ``lane`` run one at a time, in order. ``needs`` is the key of a row that must
    be done first. A row is due at once: what is to happen later is planned by an alarm's handler when its
    time comes.
    """

    effect: Effect
    key: str
    lane: str
    needs: str | None = None
    coalesce: bool = False
    """Whether to skip this row if one is already waiting in its lane, since that one will do its work."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position in the order in which due rows are polled."""

    time: datetime
    id: int


OVERDUE_AFTER = timedelta(minutes=2)
"""How long a row may be due before the doctor lists it."""
RESTORED = "restored"
"""What ``last_error`` begins with in a row from a backup: it may have been done after the backup was made."""
CONFIRMED = "confirmed"
"""The ``last_error`` of such a row once somebody has said that it may be done."""

PUT_OFF = "put_off"
"""The ``last_error`` of a row that only waits for its time: nothing has failed."""

START = Position(datetime(1970, 1, 1, tzinfo=UTC), 0)
"""Before every row."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a poll of the outbox found."""

    ids: tuple[int, ...]
    """Rows that could be claimed."""
    after: Mapping[Queue, Position]
    """Where each queue's next poll continues, after its first page, which every poll reads."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An outbox row that a worker holds as long as it keeps renewing the lease."""

    id: int
    key: str
    effect: Effect
    attempt: int
    """From 1."""
    look_first: bool
    """Whether an earlier attempt may have succeeded without our knowing: look before repeating it."""
    created_at: datetime
    owner: str
    is_private: bool = False
    """Whether it belongs to a private incident, which logs never mention."""
    queue: Queue = Queue.PEOPLE
    progress: Mapping[str, Any] | None = None
    """How far an earlier attempt got, in its performer's own format."""
    has_failed_before: bool = False
    """Whether an earlier attempt failed."""
    is_restored: bool = False
    """Whether it comes from a backup, so that it must not be done without looking first."""

    def told(self, what: str) -> str:
        """What the row keeps about a failure: that it comes from a backup must not get lost."""
        return f"{RESTORED}: {what}" if self.is_restored else what


@dataclass(frozen=True, slots=True)
class Stuck:
    """An outbox row that needs attention: given up, or long overdue."""

    id: int
    key: str
    kind: str
    incident_id: int | None
    attempts: int
    last_error: str
    created_at: datetime
    effect: Effect | None = None
    """``None`` if only another version can read it."""
    what: str = ""
    """Identifies what has failed: for a refresh, its lane, since a later one does its work."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many outbox rows of a kind are in a state, and when the oldest of them was planned."""

    kind: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers behind ``/metrics``."""

    rows: tuple[Depth, ...]
    """Rows that are done don't count."""
    incidents: Mapping[str, int]
    """Status -> number of incidents."""


@dataclass(frozen=True, slots=True)
class ChannelMade:
    """The incident's channel exists, with this id and name."""

    incident_id: int
    channel_id: str
    name: str


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """The message with this ``key`` was posted at (channel, ts), for this timeline entry if there is one."""

    key: str
    channel_id: str
    ts: str
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnnouncementsPlaced:
    """Announcements go to this channel, which was requested by ``name``."""

    name: str
    channel_id: str


Outcome = ChannelMade | MessagePosted | AnnouncementsPlaced | None
"""What an effect produced, stored in the transaction that marks its row as done."""

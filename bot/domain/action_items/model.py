"""Action items: what has to be done after an incident, by whom and by when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

DETAILS_LIMIT = 3000
ITEM_TITLE_LIMIT = 200


class ActionItemStatus(StrEnum):
    """How far along an action item is."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ActionItemPriority(StrEnum):
    """How urgent an action item is, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


DEFAULT_PRIORITY = ActionItemPriority.MEDIUM
STILL_TO_DO = frozenset({ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS})

ITEM_STEPS: Mapping[ActionItemStatus, tuple[ActionItemStatus, ...]] = {
    ActionItemStatus.OPEN: (
        ActionItemStatus.IN_PROGRESS,
        ActionItemStatus.COMPLETED,
        ActionItemStatus.CANCELLED,
    ),
    ActionItemStatus.IN_PROGRESS: (
        ActionItemStatus.COMPLETED,
        ActionItemStatus.OPEN,
        ActionItemStatus.CANCELLED,
    ),
    ActionItemStatus.COMPLETED: (ActionItemStatus.OPEN,),
    ActionItemStatus.CANCELLED: (ActionItemStatus.OPEN,),
}


@dataclass(frozen=True, slots=True)
class NewActionItem:
    """An action item that is about to be created."""

    incident_id: int
    title: str
    description: str = ""
    assigned_to: str | None = None
    status: ActionItemStatus = ActionItemStatus.OPEN
    priority: ActionItemPriority = DEFAULT_PRIORITY
    due_date: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """``source``: the message that it is created from, in the same form as an incident's."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    """An action item as stored. Times are UTC; ``due_date`` is a date without a time zone."""

    id: int
    incident_id: int
    title: str
    description: str
    assigned_to: str | None
    status: ActionItemStatus
    priority: ActionItemPriority
    due_date: date | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    assigned_at: datetime
    """When it last got or lost its owner, which includes an owner who became able or unable to act."""
    planned_after: datetime
    """Reminders up to this time have been sent, or don't apply."""
    remind_at: datetime | None
    """When its next reminder is due; ``None`` if there is none."""
    snoozed_until: date | None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The name that people use: ``AI-7``."""
        return item_ref(self.id)

    @property
    def is_to_do(self) -> bool:
        """Whether it is still open or in progress."""
        return self.status in STILL_TO_DO


def created(new: NewActionItem, by: str, now: datetime) -> ActionItem:
    """The item as it is created, still without a number; no reminder is planned yet."""
    return ActionItem(
        id=0,
        incident_id=new.incident_id,
        title=new.title,
        description=new.description,
        assigned_to=new.assigned_to,
        status=new.status,
        priority=new.priority,
        due_date=new.due_date,
        completed_at=now if new.status is ActionItemStatus.COMPLETED else None,
        created_at=now,
        updated_at=now,
        created_by=by,
        assigned_at=now,
        planned_after=now,
        remind_at=None,
        snoozed_until=None,
        metadata=new.metadata,
    )


@dataclass(frozen=True, slots=True)
class ActionItemQuery:
    """A filter for action items, ``None`` meaning "any"; those due soonest come first, undated ones last."""

    incident_id: int | None = None
    assigned_to: str | None = None
    only_to_do: bool = True
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """The numbers of open action items in the announcements channel's digest."""

    to_do: int
    overdue: int
    ownerless: int


def item_ref(item_id: int) -> str:
    """``7`` -> ``"AI-7"``."""
    return f"AI-{item_id}"


def is_overdue(item: ActionItem, today: date) -> bool:
    """Whether it is open and was due before ``today``."""
    return item.is_to_do and item.due_date is not None and item.due_date < today


def digest_of(text: str) -> str:
    """A digest of a text that is too long for a form to carry: 16 hex digits."""
    return sha256(text.encode()).hexdigest()[:16]


_MENTION = re.compile(r"(?:^|\s)<@([A-Z0-9]+)(?:\|[^>]*)?>\s*$")
_PRIORITY = re.compile(r"(?:^|\s)(?:priority[:\s]+)?(critical|high|medium|low)\s*$", re.IGNORECASE)
_DUE = re.compile(r"(?:^|\s)due:?\s+(?!to\b)(\S.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A parsed ``/incident action …`` line; ``title`` is in Slack's own markup."""

    title: str
    assigned_to: str | None = None
    due: str | None = None
    priority: ActionItemPriority | None = None


def read_action_line(markup: str) -> ActionLine:
    """Parse ``Fix the pool <@U1> due next friday high``: the last three in any order, each at most once."""
    rest, found = markup.strip(), dict[str, str]()
    patterns = {"assigned_to": _MENTION, "priority": _PRIORITY}
    while (taken := _take_last(rest, found, patterns)) is not None:
        rest = taken
    due = _DUE.search(rest)
    if due:
        found["due"], rest = due.group(1).strip(), rest[: due.start()]
        while (taken := _take_last(rest, found, patterns)) is not None:
            rest = taken
    priority = found.get("priority")
    return ActionLine(
        rest.strip(" ,"),
        found.get("assigned_to"),
        found.get("due"),
        ActionItemPriority(priority.lower()) if priority else None,
    )


def _take_last(rest: str, found: dict[str, str], patterns: Mapping[str, re.Pattern[str]]) -> str | None:
    """The line without its end, if that matches a pattern that isn't in ``found`` yet; else ``None``."""
    for name, pattern in patterns.items():
        match = pattern.search(rest) if name not in found else None
        if match:
            found[name] = match.group(1)
            return rest[: match.start()].rstrip(" ,")
    return None

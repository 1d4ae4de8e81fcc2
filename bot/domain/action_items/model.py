"""Action items: what is to be done after an incident, by whom, until when."""

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
    """Where the item stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class ActionItemPriority(StrEnum):
    """How urgent it is, most urgent first."""

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
    """What somebody asks to be done."""

    incident_id: int
    title: str
    description: str = ""
    assigned_to: str | None = None
    status: ActionItemStatus = ActionItemStatus.OPEN
    priority: ActionItemPriority = DEFAULT_PRIORITY
    due_date: date | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """``source``: the message that it is made from, as an incident's."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    """An action item as stored. Times are UTC; ``due_date`` is a date, wherever its owner is."""

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
    """Since when its owner, or that it has none, is as it is."""
    planned_after: datetime
    """Reminders up to then are sent, or were never to be."""
    remind_at: datetime | None
    """When it is looked at again; ``None`` when there is nothing to remind of."""
    snoozed_until: date | None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The name that people use: ``AI-7``."""
        return item_ref(self.id)

    @property
    def is_to_do(self) -> bool:
        """Whether anybody still has to do it."""
        return self.status in STILL_TO_DO


@dataclass(frozen=True, slots=True)
class ActionItemQuery:
    """Which items that are still to be done; ``None`` is "any". Overdue first, then without a date."""

    incident_id: int | None = None
    assigned_to: str | None = None
    only_to_do: bool = True
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How an announcements channel's digest counts what is to be done."""

    to_do: int
    overdue: int
    ownerless: int


def item_ref(item_id: int) -> str:
    """``7`` -> ``"AI-7"``."""
    return f"AI-{item_id}"


def is_overdue(item: ActionItem, today: date) -> bool:
    """Whether it should have been done before ``today``."""
    return item.is_to_do and item.due_date is not None and item.due_date < today


def digest_of(text: str) -> str:
    """Stands for a text that is too long for a form to carry."""
    return sha256(text.encode()).hexdigest()[:16]


_MENTION = re.compile(r"(?:^|\s)<@([A-Z0-9]+)(?:\|[^>]*)?>\s*$")
_PRIORITY = re.compile(r"(?:^|\s)(?:priority[:\s]+)?(critical|high|medium|low)\s*$", re.IGNORECASE)
_DUE = re.compile(r"(?:^|\s)due:?\s+(?!to\b)(\S.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ActionLine:
    """What ``/incident action …`` says; ``title`` is in Slack's own markup."""

    title: str
    assigned_to: str | None = None
    due: str | None = None
    priority: ActionItemPriority | None = None


def read_action_line(markup: str) -> ActionLine:
    """``Fix the pool <@U1> due next friday high``, the last three in any order, each at most once."""
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
    """The line without its last word, where that is one of the patterns not yet found."""
    for name, pattern in patterns.items():
        match = pattern.search(rest) if name not in found else None
        if match:
            found[name] = match.group(1)
            return rest[: match.start()].rstrip(" ,")
    return None

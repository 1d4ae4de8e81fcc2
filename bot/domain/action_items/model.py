"""Action items: what has to be done after an incident, by whom and by when."""

from __future__ import annotations

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
    """When it last got or lost its owner, or its owner became able or unable to act."""
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


def is_snoozed_on(item: ActionItem, today: date) -> bool:
    """Whether its reminders wait for a later day than ``today``."""
    return item.snoozed_until is not None and item.snoozed_until > today


def digest_of(text: str) -> str:
    """A digest of a text that is too long for a form to carry: 16 hex digits."""
    return sha256(text.encode()).hexdigest()[:16]

"""What somebody is notified of about an action item, and which of it is gathered into one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.action_items.model import ActionItem, item_ref
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import Person

_REMINDERS_WITHIN = timedelta(minutes=10)
"""Reminders fall due when the working day starts; handling all of them may take this long."""
_TOLD_WITHIN = timedelta(minutes=1)
"""Items that somebody is assigned one after the other in this time are shown in one message."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Somebody is notified that an item is theirs, or reminded of it."""

    incident_id: int
    item_id: int
    user_id: str
    rung: str = ""
    """Which reminder it is; empty: the item was assigned to them."""
    on: str = ""
    """An ISO date; together with ``rung`` it identifies the reminder."""

    @property
    def key(self) -> str:
        """The key of its message, unless another notification's message shows it."""
        what = f"reminder/{self.rung}/{self.on}" if self.rung else "told"
        return f"{item_ref(self.item_id)}/{what}/{self.user_id}"

    @property
    def is_reminder(self) -> bool:
        """Whether it is a reminder."""
        return bool(self.rung)

    def gathers_since(self, now: datetime) -> datetime:
        """The time (UTC) after which a message of the same kind must have been begun for this to join it."""
        return now - (_REMINDERS_WITHIN if self.is_reminder else _TOLD_WITHIN)


def reminder_of(item: ActionItem, user_id: str, rung: str, on: date) -> Notification:
    """The notification that reminds somebody of the item."""
    return Notification(item.incident_id, item.id, user_id, rung, on.isoformat())


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder with what it shows."""

    item: ActionItem
    incident: Incident
    rung: str
    owner: Person | None
    is_late: bool
    is_snoozed: bool
    """Whether there will be another one on the date that the item is snoozed to."""
    days_overdue: int
    """How many days after the due date it was begun, negative before.

    Days off move reminders, so its rung doesn't tell.
    """


@dataclass(frozen=True, slots=True)
class Assigned:
    """An item that somebody was notified of, and its incident."""

    item: ActionItem
    incident: Incident

"""What the calendar shows besides meetings and time blocks, with all that putting it there needs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import Person


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """The event of an incident."""

    incident: Incident
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class DueDateEvent:
    """The event of an action item's due date; without a date, or when it is done, there is none."""

    item: ActionItem
    incident: Incident
    owner: Person | None
    event_id: str
    channel_link: str | None

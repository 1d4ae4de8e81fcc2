"""Updates for people who wait: what we know, what we do, what comes next, and when the next one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.settings import ReminderSettings

KNOWN_LIMIT, MORE_LIMIT = 2000, 1000
"""The most characters of what we know, and of each of the two other parts."""
INTERVALS = (15, 30, 60)
"""Minutes until the next update, as people can choose them."""
AT_ANY_HOUR = frozenset({IncidentSeverity.CRITICAL, IncidentSeverity.HIGH})
"""Severities at which people are nudged day and night; at others, only while they work."""
SNOOZE_MINUTES = 15
UNCHANGED = "No change."


@dataclass(frozen=True, slots=True)
class Update:
    """One update as stored. All times are UTC."""

    id: int
    incident_id: int
    number: int
    """From 1, within the incident."""
    by: str
    at: datetime
    known: str
    doing: str = ""
    next: str = ""
    due_at: datetime | None = None
    """When the next update was promised; ``None`` if none was."""
    is_unchanged: bool = False
    """Whether it only says that nothing has changed; it has no text then."""
    corrected_at: datetime | None = None
    corrected_by: str | None = None
    nudge_at: datetime | None = None
    """When somebody is to be nudged to write the next one; ``None`` once it's written or they were nudged."""
    nudges: int = 0
    """How many nudges were sent: more than one after *Snooze*."""
    entry_id: int | None = None
    """Its timeline entry."""


class NudgeState(Enum):
    """What a nudge to write the update after this one says now."""

    OPEN = auto()
    SNOOZED = auto()
    ANSWERED = auto()
    OVER = auto()
    """The incident isn't active."""


def due_after(settings: ReminderSettings, severity: IncidentSeverity) -> int:
    """The minutes until the next update if nobody chooses; 0 promises none."""
    minutes: int | None = getattr(settings, f"update_{severity.value}")
    return minutes or 0


def promised(minutes: int, now: datetime, *, is_active: bool) -> datetime | None:
    """When the next update is due; 0 minutes promise none."""
    return now + timedelta(minutes=minutes) if minutes and is_active else None


def interval(update: Update) -> int:
    """The minutes after which the next update was promised; 0 if none was."""
    return round((update.due_at - update.at).total_seconds() / 60) if update.due_at else 0


def is_put_off(update: Update, now: datetime) -> bool:
    """Whether its nudge was due and waits for somebody's working hours, which is longer than a snooze."""
    if update.due_at is None or update.nudge_at is None:
        return False
    return update.due_at <= now and update.nudge_at > now + timedelta(minutes=SNOOZE_MINUTES)


def words(update: Update) -> str:
    """The whole update as the timeline and documents quote it."""
    if update.is_unchanged:
        return UNCHANGED
    parts = (("", update.known), ("Now: ", update.doing), ("Next: ", update.next))
    return "\n".join(f"{label}{text}" for label, text in parts if text)


def nudge_state(incident: Incident, update: Update, latest: Update, times: int) -> NudgeState:
    """What nudge number ``times`` after the update says now; ``latest`` is the incident's latest update."""
    if latest.number > update.number:
        return NudgeState.ANSWERED
    if not incident.is_active:
        return NudgeState.OVER
    return NudgeState.SNOOZED if update.nudge_at or times < update.nudges else NudgeState.OPEN


def works_now(calendar: WorkingCalendar, now: datetime) -> bool:
    """Whether ``now`` is within the calendar's working hours."""
    local, settings = now.astimezone(calendar.zone), calendar.settings
    return calendar.works_on(local.date()) and settings.hour <= local.hour < settings.until

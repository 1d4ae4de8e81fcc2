"""The incident: its fields, severities and statuses, and which status can follow which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.kit.errors import AlreadyClosed, IllegalTransition, NothingToReopen, StillActive

TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 3000
NOTE_LIMIT = 2000
PROJECT_LIMIT = 75
MAX_COUNTED = 1000
"""Lists count incidents only up to this number, and page back no further."""
UNTITLED = "Untitled incident"


class IncidentSeverity(StrEnum):
    """How bad an incident is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class IncidentStatus(StrEnum):
    """How far along the response is."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    RESOLVED = "resolved"
    CLOSED = "closed"


SEVERITY_MEANINGS: Mapping[IncidentSeverity, str] = {
    IncidentSeverity.CRITICAL: "Service down, data loss",
    IncidentSeverity.HIGH: "Major functionality impacted",
    IncidentSeverity.MEDIUM: "Partial functionality impacted",
    IncidentSeverity.LOW: "Minor impact",
}

NEXT_STEPS: Mapping[IncidentStatus, tuple[IncidentStatus, ...]] = {
    IncidentStatus.OPEN: (IncidentStatus.INVESTIGATING, IncidentStatus.RESOLVED),
    IncidentStatus.INVESTIGATING: (IncidentStatus.RESOLVED,),
    IncidentStatus.RESOLVED: (IncidentStatus.CLOSED, IncidentStatus.OPEN, IncidentStatus.INVESTIGATING),
    IncidentStatus.CLOSED: (IncidentStatus.OPEN, IncidentStatus.INVESTIGATING),
}

IMPOSSIBLE: Mapping[IncidentStatus, type[IllegalTransition]] = {
    IncidentStatus.OPEN: NothingToReopen,
    IncidentStatus.RESOLVED: AlreadyClosed,
    IncidentStatus.CLOSED: StillActive,
}
"""The status that somebody wants and can't have now -> the error that says what to do first."""

ACTIVE = frozenset({IncidentStatus.OPEN, IncidentStatus.INVESTIGATING})
OVER = frozenset(IncidentStatus) - ACTIVE

CANDIDATES: Mapping[str, tuple[frozenset[IncidentStatus], ...]] = {
    "close": (frozenset({IncidentStatus.RESOLVED}),),
    "reopen": (OVER,),
    "postmortem": (OVER, ACTIVE),
    "meet": (OVER, ACTIVE),
    "whys": (OVER, ACTIVE),
    "action": (ACTIVE, OVER),
    "timeline": (ACTIVE, OVER),
    "catchup": (ACTIVE, OVER),
    "checklist": (ACTIVE, OVER),
}
"""Command -> the statuses of the incidents that it can mean if it names none, the likeliest first.

Other commands mean active ones.
"""


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What a declaration contains; everything else about an incident follows from it."""

    title: str
    severity: IncidentSeverity
    status: IncidentStatus = IncidentStatus.OPEN
    project_id: str | None = None
    description: str | None = None
    declared_at: datetime | None = None
    """UTC; ``None`` is the moment when it is stored."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """The last time that people made an incident's channel private or public."""

    is_private: bool
    """Whether that made the channel private."""
    ts: str
    """The ts of Slack's message about it, by which conversions that arrive out of order are sorted."""
    by: str | None = None
    asked: str | None = None
    """The person who was asked whether to make the incident public like its channel."""
    question: str = ""
    """Which question they were asked: the ``ts`` as it was known then."""
    answered_by: str | None = None
    """The person who decided."""


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as stored. All times are UTC."""

    id: int
    title: str
    severity: IncidentSeverity
    status: IncidentStatus
    declared_at: datetime
    declared_by: str
    channel_name: str
    created_at: datetime
    updated_at: datetime
    project_id: str | None = None
    """The project's name."""
    project_number: int | None = None
    """The id of the project if it's one of the workspace's; ``None`` if its name was typed."""
    home_channel: str | None = None
    """The id of the channel in which it's announced besides the announcements channel."""
    description: str | None = None
    resolved_at: datetime | None = None
    commander_id: str | None = None
    channel_id: str | None = None
    call_url: str | None = None
    """The link to the incident's call."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_private: bool = False
    """Whether only the people in its channel may know about it."""
    conversion: Conversion | None = None
    """The channel's last conversion, or ``None`` if none is known."""
    timeline: Mapping[str, Any] | None = None
    """Entry id -> :class:`bot.domain.incidents.timeline.TimelineEntry`; filled by ``get_incident`` only."""

    @property
    def ref(self) -> str:
        """The name that people use: ``INC-12``."""
        return ref_of(self.id)

    @property
    def is_active(self) -> bool:
        """Whether the response is still going on: open or investigating."""
        return self.status in ACTIVE


def declared(new: NewIncident, by: str, now: datetime) -> Incident:
    """The incident as it is declared, still without a number and a channel."""
    return Incident(
        id=0,
        title=new.title,
        severity=new.severity,
        status=new.status,
        declared_at=new.declared_at or now,
        declared_by=by,
        channel_name="",
        created_at=now,
        updated_at=now,
        project_id=new.project_id,
        description=new.description,
        resolved_at=resolved_at_after(new.status, None, new.declared_at or now),
        metadata=new.metadata,
        is_private=new.is_private,
    )


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """A filter for incidents, ``None`` meaning "any": newest first, ``limit`` of them from ``offset`` on.

    With ``by_resolution``, the most recently resolved ones come first.
    """

    statuses: frozenset[IncidentStatus] = frozenset()
    """Any of these, in addition to ``status``; empty means any."""
    status: IncidentStatus | None = None
    severity: IncidentSeverity | None = None
    project_id: str | None = None
    limit: int = 20
    offset: int = 0
    by_resolution: bool = False


def ref_of(incident_id: int) -> str:
    """``12`` -> ``"INC-12"``."""
    return f"INC-{incident_id}"


def is_worse(one: IncidentSeverity, other: IncidentSeverity) -> bool:
    """Whether an incident of the first severity is worse than one of the second."""
    worst_first = list(IncidentSeverity)
    return worst_first.index(one) < worst_first.index(other)


def can_follow(now: IncidentStatus, wanted: IncidentStatus) -> bool:
    """Whether the status may change from ``now`` to ``wanted``."""
    return wanted in NEXT_STEPS[now]


def is_reopening(now: IncidentStatus, wanted: IncidentStatus) -> bool:
    """Whether the change makes a resolved or closed incident active again."""
    return now not in ACTIVE and wanted in ACTIVE


def resolved_at_after(wanted: IncidentStatus, before: datetime | None, now: datetime) -> datetime | None:
    """When the incident counts as resolved after the change: ``None`` while active, else the first time."""
    if wanted in ACTIVE:
        return None
    return before or now

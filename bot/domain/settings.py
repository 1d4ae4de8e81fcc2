"""The workspace's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """What a workspace has set."""

    ladder: tuple[int, ...] = (-3, -1, 0, 1, 3, 7)
    """Days relative to the due date, ascending; after the last of them it goes on weekly."""
    hour: int = 9
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Monday is 0."""
    country: str | None = None
    """ISO code of the country whose public holidays are days off."""
    days_off: tuple[date, ...] = field(default=())
    """Further days off."""
    postmortems_for: tuple[str, ...] = ("critical", "high")
    """The severities of which a postmortem is expected."""
    until: int = 18
    """The hour at which the working day ends that begins at ``hour``; meetings are proposed in between."""


def fingerprint(settings: ReminderSettings) -> str:
    """Tells whether settings are still those that a form has shown."""
    return sha256(repr(settings).encode()).hexdigest()[:16]

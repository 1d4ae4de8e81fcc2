"""How a meeting stands in the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """How a meeting stands in the calendar. Times are UTC."""

    start: datetime
    end: datetime
    link: str | None = None
    """The event's own page; ``None`` where it is a file only."""
    meet: str | None = None
    """Where one meets; it may come later than the event."""
    updated: datetime | None = None
    """When the calendar last changed the event, as far as we know."""
    is_inviting: bool = True
    """Whether the calendar sends invitations: a service account on its own may not."""
    invited: tuple[str, ...] = ()
    """The addresses (lower case) of those whom we have invited; other guests were added in the calendar."""
    calendar_id: str | None = None
    """In which calendar it stands, another than today's perhaps; ``None`` where it is a file only."""

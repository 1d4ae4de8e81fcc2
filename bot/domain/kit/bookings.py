"""A meeting as the calendar holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """A meeting as the calendar holds it. Times are UTC."""

    start: datetime
    end: datetime
    link: str | None = None
    """URL of the event's page; ``None`` if there is only a file."""
    meet: str | None = None
    """URL of the video call; the calendar may add it later than the event."""
    updated: datetime | None = None
    """When the calendar last changed the event, as far as we know."""
    is_inviting: bool = True
    """Whether the calendar sends invitations; a service account on its own may not."""
    invited: tuple[str, ...] = ()
    """E-mail addresses (lower case) that we invited; all other guests were added in the calendar."""
    calendar_id: str | None = None
    """The calendar that holds it, not necessarily the current one; ``None`` if there is only a file."""

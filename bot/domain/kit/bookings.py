"""A meeting as the calendar holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

_MIDNIGHT = time()
_DAY = timedelta(days=1)


def is_whole_day(start: datetime, end: datetime) -> bool:
    """Whether these are the bounds of an all-day event: the midnights, in UTC, around its days."""
    bounds = (start.astimezone(UTC).time(), end.astimezone(UTC).time())
    return end - start >= _DAY and bounds == (_MIDNIGHT, _MIDNIGHT)


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

    @property
    def is_whole_day(self) -> bool:
        """Whether people have made it an all-day event in the calendar: only its days count then."""
        return is_whole_day(self.start, self.end)

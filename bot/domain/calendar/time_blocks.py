"""Time blocks: an hour or two in somebody's calendar for working on an incident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import BlockLength, BlockUnreadable
from bot.domain.kit.people import Person
from bot.domain.kit.text import cut

DEFAULT_MINUTES, MIN_MINUTES, MAX_MINUTES, MORE = 60, 15, 8 * 60, 60
"""Minutes; the last is what a click on the button adds."""


class BlockStatus(StrEnum):
    """Where a time block stands."""

    ASKED = "asked"
    """Somebody else proposed it; nothing is in the calendar."""
    BLOCKED = "blocked"
    OVER = "over"
    """Declined, freed, or cut by the resolution."""


@dataclass(frozen=True, slots=True)
class TimeBlock:
    """A time block as stored. Times are UTC."""

    id: int
    incident_id: int
    user_id: str
    status: BlockStatus
    minutes: int
    asked_by: str
    created_at: datetime
    updated_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def ref(self) -> str:
        """The name of it in keys."""
        return f"block-{self.id}"

    def is_on(self, now: datetime) -> bool:
        """Whether it lies in the calendar and isn't past."""
        return self.status is BlockStatus.BLOCKED and self.ends_at is not None and self.ends_at > now


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """A time block with all that putting it into a calendar needs."""

    block: TimeBlock
    incident: Incident
    person: Person
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class BlockLine:
    """What ``/incident block …`` says."""

    minutes: int
    people: tuple[str, ...] = ()


_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_DURATION = re.compile(
    r"(?:(?P<hours>\d{1,3}(?:\.\d{1,2})?)\s*(?:h|hrs?|hours?))?\s*(?:(?P<minutes>\d{1,4})\s*(?:m|mins?|minutes?)?)?",
    re.IGNORECASE | re.ASCII,
)


def read_block_line(markup: str) -> BlockLine:
    """``2h <@U1> <@U2>``, either part may be missing; raises ``BlockUnreadable`` and ``BlockLength``."""
    people = tuple(dict.fromkeys(_PERSON.findall(markup)))
    said = " ".join(_PERSON.sub(" ", markup).replace(",", " ").split())
    if not said:
        return BlockLine(DEFAULT_MINUTES, people)
    found = _DURATION.fullmatch(said)
    if found is None:
        raise BlockUnreadable(typed=cut(said, 60))
    minutes = round(float(found["hours"] or 0) * 60) + int(found["minutes"] or 0)
    return BlockLine(check_minutes(minutes), people)


def check_minutes(minutes: int) -> int:
    """The length, if a block may have it; raises ``BlockLength``."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise BlockLength
    return minutes


def extended(block: TimeBlock, now: datetime) -> datetime:
    """When it ends after a click on the button: an hour on, at most ``MAX_MINUTES`` after its start.

    Raises ``BlockLength`` where it is that long already.
    """
    end = max(block.ends_at or now, now)
    latest = (block.starts_at or now) + timedelta(minutes=MAX_MINUTES)
    if end >= latest:
        raise BlockLength
    return min(end + timedelta(minutes=MORE), latest)

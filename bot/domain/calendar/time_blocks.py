"""Time blocks: an hour or more kept free in somebody's calendar for work on an incident."""

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
"""In minutes; the last one is how much a click on the button adds."""


class BlockStatus(StrEnum):
    """How far along a time block is."""

    ASKED = "asked"
    """Somebody else proposed it; it isn't in the calendar yet."""
    BLOCKED = "blocked"
    OVER = "over"
    """Declined, ended by hand, or ended by the incident's resolution."""


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
    event_id: str | None = None
    """The id of its event, from the time it is first put into a calendar."""

    @property
    def ref(self) -> str:
        """The block's name in keys."""
        return f"block-{self.id}"

    def is_on(self, now: datetime) -> bool:
        """Whether it is in the calendar and hasn't ended."""
        return self.status is BlockStatus.BLOCKED and self.ends_at is not None and self.ends_at > now


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """A time block with everything that is needed to put it in a calendar."""

    block: TimeBlock
    incident: Incident
    person: Person
    event_id: str
    channel_link: str | None


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A parsed ``/incident block …`` line."""

    minutes: int
    people: tuple[str, ...] = ()


_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_DURATION = re.compile(
    r"(?:(?P<hours>\d{1,3}(?:\.\d{1,2})?)\s*(?:h|hrs?|hours?))?\s*(?:(?P<minutes>\d{1,4})\s*(?:m|mins?|minutes?)?)?",
    re.IGNORECASE | re.ASCII,
)


def read_block_line(markup: str) -> BlockLine:
    """Parse ``2h <@U1> <@U2>``, either part optional; raises ``BlockUnreadable`` and ``BlockLength``."""
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
    """The same length; raises ``BlockLength`` if a block can't have it."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise BlockLength
    return minutes


def extended(block: TimeBlock, now: datetime) -> datetime:
    """When the block ends after a click on the button: an hour later, up to ``MAX_MINUTES`` after its start.

    Raises ``BlockLength`` if it already has that length.
    """
    end = max(block.ends_at or now, now)
    latest = (block.starts_at or now) + timedelta(minutes=MAX_MINUTES)
    if end >= latest:
        raise BlockLength
    return min(end + timedelta(minutes=MORE), latest)

"""Briefing somebody who comes, or comes back, to an incident: where it is, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.outbox.effects import OfferBriefing
from bot.domain.outbox.rows import Planned

MAX_CHANGES = 10
"""How many changes a briefing names, the latest ones; the timeline has all of them."""
NEW_FOR = timedelta(minutes=10)
"""Whoever joins an incident while it is this new has missed nothing."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """When somebody was last seen in an incident, apart from what the timeline says about them."""

    acted_at: datetime | None = None
    """When they last clicked, reacted or typed a command in the channel."""
    briefed_at: datetime | None = None
    briefed_since: datetime | None = None
    """The latest briefing was about what had changed since then; ``None`` if since the beginning."""


def is_missed(incident: Incident, now: datetime) -> bool:
    """Whether somebody who joins now may have missed something."""
    return now - incident.created_at > NEW_FOR


def offering(incident_id: int, user_id: str, event_ts: str) -> Planned:
    """Offer a briefing to somebody who joined the channel with this event."""
    lane = f"{ref_of(incident_id)}/briefing/{user_id}/{event_ts}"
    needs = f"{ref_of(incident_id)}/channel"
    return Planned(OfferBriefing(incident_id, user_id), lane, lane, needs)

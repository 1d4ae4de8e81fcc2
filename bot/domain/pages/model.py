"""Paging: calling people into an incident, and noticing who has been seen since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.incidents.model import Incident

WHY_LIMIT = 300
"""The most characters of the reason: with everybody's mention, it still fits into a button's value."""
MAX_PAGED = 25
"""How many people can be paged at once."""
SEEN_WITHIN = timedelta(minutes=5)
"""After this time, whoever asked is told who hasn't been seen."""


@dataclass(frozen=True, slots=True)
class Page:
    """Somebody has called people into an incident. All times are UTC."""

    id: int
    incident_id: int
    by: str
    at: datetime
    why: str
    groups: tuple[str, ...] = ()
    """The handles of the user groups that were paged, without the @ sign; ``people`` has their members."""
    tell_at: datetime | None = None
    """When the person who paged is to be told who hasn't been seen; ``None`` once that is decided."""
    entry_id: int | None = None
    """Its timeline entry."""
    people: Mapping[str, datetime | None] = field(default_factory=dict)
    """Who was paged, in order, and when they were first seen after that."""

    @property
    def unseen(self) -> tuple[str, ...]:
        """The people who haven't been seen since they were paged."""
        return tuple(user_id for user_id, seen_at in self.people.items() if seen_at is None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who was paged and hasn't been seen since."""

    page_id: int
    incident_id: int
    user_id: str
    at: datetime
    """When they were paged."""


def missing(incident: Incident, page: Page, later: Iterable[Page]) -> tuple[str, ...]:
    """The people who haven't been seen, and about whom the person who paged them is to be told.

    Those whom that person has paged again since are left out: the later page has its own time. Nobody is
    missing from an incident that is over.
    """
    again = {user_id for each in later if each.by == page.by for user_id in each.people}
    return tuple(each for each in page.unseen if each not in again) if incident.is_active else ()


def paged_recently(
    pages: Iterable[Page], people: Iterable[str], now: datetime
) -> tuple[Page, list[str]] | None:
    """The latest page of the last minutes for any of these people, and for which; ``None`` without one."""
    wanted = list(people)
    for page in sorted(pages, key=lambda each: each.id, reverse=True):
        found = [each for each in wanted if each in page.people]
        if found and now - page.at < SEEN_WITHIN:
            return page, found
    return None

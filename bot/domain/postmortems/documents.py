"""A postmortem with all that belongs to it, as plain values: what every format is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.action_items.model import ActionItem
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.bookings import Booking
from bot.domain.postmortems.model import Postmortem, Revision


@dataclass(frozen=True, slots=True)
class Reply:
    """Something said about the postmortem, in its thread."""

    author: str
    text: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a postmortem shows. Texts are plain, people are names, times are UTC."""

    incident: Incident
    postmortem: Postmortem
    """With its timeline and its action items' numbers."""
    measured: dict[str, datetime]
    """``declared``, ``acknowledged``, ``resolved`` -> when."""
    people: tuple[tuple[str, str], ...]
    """(role, name)."""
    items: tuple[tuple[ActionItem, str], ...]
    """Each with its owner's name, empty where there is none."""
    discussion: tuple[Reply, ...]
    zone: str
    """IANA name of the zone in which times are written."""
    channel_link: str | None
    entries: tuple[TimelineEntry, ...] = ()
    """The incident's own timeline, all of it."""
    analyses: tuple[FiveWhysAnalysis, ...] = ()
    revisions: tuple[Revision, ...] = ()
    meeting: Booking | None = None
    """The meeting about it, where one is booked."""


def since_start(document: Document, when: datetime) -> timedelta:
    """How long after the declaration something was; negative before it."""
    return when - document.incident.declared_at

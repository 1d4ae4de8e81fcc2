"""A postmortem with everything that belongs to it, as plain values: the source of every export format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.action_items.model import ActionItem
from bot.domain.checklists.model import PostedChecklist
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.bookings import Booking
from bot.domain.postmortems.model import Postmortem, Revision


@dataclass(frozen=True, slots=True)
class ThreadReply:
    """A reply in the postmortem's thread."""

    author: str
    text: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a postmortem shows. Texts are plain, people are names, times are UTC."""

    incident: Incident
    postmortem: Postmortem
    """With its timeline and the numbers of its action items filled in."""
    measured: dict[str, datetime]
    """``declared``, ``acknowledged``, ``resolved`` -> when."""
    people: tuple[tuple[str, str], ...]
    """(role, name)."""
    items: tuple[tuple[ActionItem, str], ...]
    """Each with its owner's name, which is empty if there is no owner."""
    discussion: tuple[ThreadReply, ...]
    zone: str
    """IANA name of the time zone in which times are written."""
    channel_link: str | None
    entries: tuple[TimelineEntry, ...] = ()
    """The incident's own timeline, in full."""
    analyses: tuple[FiveWhysAnalysis, ...] = ()
    revisions: tuple[Revision, ...] = ()
    checklists: tuple[PostedChecklist, ...] = ()
    """Those that were posted in the incident's channel."""
    meeting: Booking | None = None
    """The postmortem's meeting, if one is booked."""


def since_start(document: Document, when: datetime) -> timedelta:
    """How long after the declaration ``when`` is; negative before it."""
    return when - document.incident.declared_at

"""Incidents whose channel people make private, or public, and what still names them then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.domain.incidents import Incident

PRIVATE, PUBLIC = "private", "public"
"""What a timeline entry of the kind ``privacy`` changes from and to."""
_KEY = "conversion"


@dataclass(frozen=True, slots=True)
class Conversion:
    """What people did to an incident's channel last."""

    is_private: bool
    """What the channel is since then."""
    ts: str
    """Slack's message about it; orders conversions that overtake each other."""
    by: str | None = None
    asked: str | None = None
    """Who was asked what the incident is to be, since its channel is public."""
    question: str = ""
    """Which question that was: the ``ts`` as it was known then."""
    answered_by: str | None = None
    """Who decided it."""


def conversion_of(incident: Incident) -> Conversion | None:
    """What people did to the channel last, or ``None`` where nothing is known."""
    stored = incident.metadata.get(_KEY)
    return Conversion(**stored) if stored else None


def with_conversion(incident: Incident, conversion: Conversion) -> dict[str, Any]:
    """The incident's metadata with the conversion."""
    return {**incident.metadata, _KEY: asdict(conversion)}


def is_exposed(incident: Incident) -> bool:
    """Whether the incident is private and its channel isn't: that somebody is in there tells nothing then."""
    known = conversion_of(incident)
    return incident.is_private and known is not None and not known.is_private


def asks(incident: Incident) -> bool:
    """Whether somebody has yet to decide what the incident is to be."""
    known = conversion_of(incident)
    return is_exposed(incident) and known is not None and known.answered_by is None


def is_news(known: Conversion | None, is_private: bool, ts: str) -> bool:
    """Whether a conversion is later than what is known; of one without a ``ts``, whether it differs."""
    if known is None:
        return True
    return float(ts) > float(known.ts) if ts else known.is_private is not is_private


@dataclass(frozen=True, slots=True)
class Trace:
    """A direct message of the bot's about an incident, to somebody who may not know of it any longer."""

    key: str
    channel_id: str
    ts: str
    user_id: str


@dataclass(frozen=True, slots=True)
class DigestSent:
    """A weekly digest that may name an incident; without a ``user_id`` it is the announcements channel's."""

    channel_id: str
    ts: str
    sent_at: datetime
    permalink: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What still names an incident after everything was taken down that can be."""

    digests: tuple[DigestSent, ...] = ()
    exported_to: tuple[str, ...] = ()
    """Whom the postmortem was sent to as a file."""
    invitation: str | None = None
    """Where the event is of which the calendar has sent invitations by mail."""


def names_any(message: Mapping[str, Any], refs: frozenset[str]) -> bool:
    """Whether a message of Slack's contains one of the refs, anywhere in it."""
    return any(re.search(rf"\b{re.escape(ref)}\b", str(message)) for ref in refs)

"""Incidents whose channel people make private or public, and what still mentions them afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.incidents.model import Conversion, Incident

PRIVATE, PUBLIC = "private", "public"
"""The values of ``from_value`` and ``to_value`` in timeline entries of the kind ``privacy``."""


def is_exposed(incident: Incident) -> bool:
    """Whether the incident is private but its channel isn't, so that being in the channel proves nothing."""
    known = incident.conversion
    return incident.is_private and known is not None and not known.is_private


def asks(incident: Incident) -> bool:
    """Whether somebody still has to decide if the incident becomes public."""
    known = incident.conversion
    return is_exposed(incident) and known is not None and known.answered_by is None


def is_news(known: Conversion | None, is_private: bool, ts: str) -> bool:
    """Whether a conversion is later than the known one or, without a ``ts``, differs from it."""
    if known is None:
        return True
    return float(ts) > float(known.ts) if ts else known.is_private is not is_private


@dataclass(frozen=True, slots=True)
class Trace:
    """A direct message from the bot about an incident, sent to somebody who may no longer see it."""

    key: str
    channel_id: str
    ts: str
    user_id: str


@dataclass(frozen=True, slots=True)
class DigestSent:
    """A weekly digest that may mention an incident; without ``user_id``, the announcements channel's."""

    channel_id: str
    ts: str
    sent_at: datetime
    permalink: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What still mentions an incident after everything that can be deleted is gone."""

    digests: tuple[DigestSent, ...] = ()
    exported_to: tuple[str, ...] = ()
    """The people who were sent the postmortem as a file."""
    invitation: str | None = None
    """URL of the event for which the calendar e-mailed invitations."""


def names_any(message: Mapping[str, Any], refs: frozenset[str]) -> bool:
    """Whether a Slack message contains one of the refs anywhere."""
    return any(re.search(rf"\b{re.escape(ref)}\b", str(message)) for ref in refs)

"""The effects that follow when an incident's channel is made private or public."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.planned import after_change, public_posts, source_key
from bot.domain.incidents.sources import links_back
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.outbox.effects import (
    AskPublic,
    ComparePrivacy,
    HideTraces,
    LinkSource,
    ListMembers,
    PublishHome,
    TellTraces,
)
from bot.domain.outbox.rows import Planned

LANE = "privacy"


def after_conversion(incident: Incident, entry: TimelineEntry) -> list[Planned]:
    """Make everything about the incident private or public, to match its channel.

    Posts that anybody can see are changed in their own lanes: they are deleted, or posted again, after
    whatever is already on its way.
    """
    public = {f"{incident.ref}/{what}": each for what, each in public_posts(incident).items()}
    if links_back(incident.metadata.get("source"), is_private=False):
        public[source_key(incident.id)] = LinkSource(incident.id)
    shown = [row for row in after_change(incident, entry) if row.lane not in public]
    for lane, effect in public.items():
        shown.append(Planned(effect, f"{lane}/{entry.id}", lane, f"{incident.ref}/channel", coalesce=True))
    return [*shown, *(_hiding(incident, entry) if incident.is_private else [])]


def listing(incident: Incident, cause: str) -> Planned:
    """List the people in the channel; ``cause`` is unique."""
    lane = f"{incident.ref}/present"
    return Planned(ListMembers(incident.id), f"{lane}/{cause}", lane)


def _hiding(incident: Incident, entry: TimelineEntry) -> list[Planned]:
    """Find out who may see it first, then delete the messages that everybody else got."""
    listed = listing(incident, f"{entry.id}")
    hides = f"{incident.ref}/traces/{entry.id}"
    tells = f"{incident.ref}/kept/{entry.id}"
    return [
        listed,
        Planned(HideTraces(incident.id), hides, hides, needs=listed.key),
        Planned(TellTraces(incident.id), tells, tells, needs=hides),
    ]


def asking(incident: Incident, ts: str, user_id: str, cause: str = "") -> Planned:
    """Ask somebody whether to make the incident public; with a ``cause``, update that question."""
    lane = question_key(incident.id, ts, user_id)
    asks = AskPublic(incident.id, ts, user_id)
    return Planned(asks, f"{lane}/{cause}" if cause else lane, lane, coalesce=True)


def question_key(incident_id: int, ts: str, user_id: str) -> str:
    """The key of the question that the conversion at ``ts`` raised."""
    return f"{ref_of(incident_id)}/question/{ts}/{user_id}"


def comparing(cause: str) -> Planned:
    """Check which channels are private, and update their incidents; ``cause`` is unique."""
    # No row has this key. This version treats a missing row as done; an older version, which would stumble
    # over an effect that it doesn't know, keeps waiting for it.
    return Planned(ComparePrivacy(), f"{LANE}/{cause}", LANE, needs="revision/0007", coalesce=True)


def homes(user_ids: Iterable[str], cause: str) -> list[Planned]:
    """Refresh App Homes so that they show nothing that their owners may no longer see."""
    return [
        Planned(PublishHome(each), f"home/{each}/{cause}", f"home/{each}", coalesce=True) for each in user_ids
    ]

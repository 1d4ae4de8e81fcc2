"""The effects that follow from what happens to an incident: decisions as data.

Rows in one lane run in order, and each row waits for the one it needs; everything else runs in parallel. So
a declaration is three Slack calls deep: channel, card, pin; or channel, opening the direct message, its text.
"""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.outbox.effects import (
    CatchUp,
    CreateChannel,
    Effect,
    InvitePeople,
    LinkSource,
    PinCard,
    PostUpdate,
    RenameChannel,
    ReportFailures,
    SetPurpose,
    SetTopic,
    ShowAnnouncement,
    ShowCard,
    TellDeclarer,
)
from bot.domain.outbox.rows import Planned


def after_declare(incident: Incident) -> list[Planned]:
    """Everything that a declaration sets off."""
    ref, number = incident.ref, incident.id
    channel = f"{ref}/channel"
    rows = [
        Planned(CreateChannel(number), channel, lane=channel),
        Planned(
            InvitePeople(number, (incident.declared_by,)), f"{ref}/members", f"{ref}/members", needs=channel
        ),
        _refresh(ShowCard(number), incident, "card", cause=None),
        Planned(PinCard(number), f"{ref}/pin", lane=f"{ref}/pin", needs=f"{ref}/card"),
        _refresh(SetTopic(number), incident, "topic", cause=None),
        Planned(SetPurpose(number), f"{ref}/purpose", lane=f"{ref}/purpose", needs=channel),
        Planned(
            TellDeclarer(number, incident.declared_by), f"{ref}/declarer", f"{ref}/declarer", needs=channel
        ),
        # Messages may arrive in the new channel before we know that it is this incident's.
        after_silence(number, "declared"),
    ]
    # Nothing about a private incident may appear where others can see it.
    if not incident.is_private:
        rows.append(_refresh(ShowAnnouncement(number), incident, "announcement", cause=None))
    if incident.metadata.get("source") and not incident.is_private:
        rows.append(Planned(LinkSource(number), f"{ref}/source", lane=f"{ref}/source", needs=channel))
    return rows


def after_change(incident: Incident, entry: TimelineEntry) -> list[Planned]:
    """Everything that a change of status, severity, title or commander sets off."""
    ref, number = incident.ref, incident.id
    rows = [
        Planned(
            PostUpdate(number, entry.id), f"{ref}/entry/{entry.id}", updates_lane(number), f"{ref}/channel"
        ),
        _refresh(ShowCard(number), incident, "card", cause=entry),
        _refresh(SetTopic(number), incident, "topic", cause=entry),
    ]
    if not incident.is_private:
        rows.append(_refresh(ShowAnnouncement(number), incident, "announcement", cause=entry))
    if entry.kind is EntryKind.TITLE:
        # In the channel's own lane: after its creation and any earlier rename.
        rows.append(
            Planned(
                RenameChannel(number),
                f"{ref}/rename/{entry.id}",
                f"{ref}/channel",
                needs=f"{ref}/channel",
                coalesce=True,
            )
        )
    if entry.kind is EntryKind.COMMANDER and entry.to_value:
        rows.append(
            Planned(
                InvitePeople(number, (entry.to_value,)),
                f"{ref}/members/{entry.id}",
                f"{ref}/members",
                needs=f"{ref}/channel",
            )
        )
    return rows


def after_silence(incident_id: int, cause: str) -> Planned:
    """Fetch the messages that were written in the channel while the bot was offline; ``cause`` is unique."""
    lane = f"{ref_of(incident_id)}/history"
    return Planned(CatchUp(incident_id), f"{lane}/{cause}", lane, f"{ref_of(incident_id)}/channel", True)


def after_another_card(incident_id: int, ts: str) -> Planned:
    """Pin the card again after it was deleted and reposted at ``ts``."""
    lane = f"{ref_of(incident_id)}/pin"
    return Planned(PinCard(incident_id), f"{lane}/{ts}", lane)


def after_lost_card(incident_id: int, ts: str) -> Planned:
    """Repost the card after the one at ``ts`` was deleted."""
    lane = card_key(incident_id)
    return Planned(ShowCard(incident_id), f"{lane}/lost/{ts}", lane, coalesce=True)


def card_key(incident_id: int) -> str:
    """The key of an incident's live card."""
    return f"{ref_of(incident_id)}/card"


def updates_lane(incident_id: int) -> str:
    """The lane of the messages that say in the channel what has changed."""
    return f"{ref_of(incident_id)}/updates"


def first_topic_key(incident_id: int) -> str:
    """The key of the row that sets the topic of a channel that has just been created."""
    return f"{ref_of(incident_id)}/topic"


def after_giving_up(incident_id: int, cause: str) -> Planned:
    """Report all that failed in one message per incident that is kept up to date; ``cause`` is unique."""
    lane = failures_key(incident_id)
    return Planned(ReportFailures(incident_id), f"{lane}/{cause}", lane, coalesce=True)


def failures_key(incident_id: int) -> str:
    """The key of the message that reports an incident's failures."""
    return f"{ref_of(incident_id)}/failures"


def _refresh(effect: Effect, incident: Incident, what: str, cause: TimelineEntry | None) -> Planned:
    """A row that refreshes something: at most one of them waits in its lane."""
    lane = f"{incident.ref}/{what}"
    key = lane if cause is None else f"{lane}/{cause.id}"
    return Planned(effect, key, lane, needs=f"{incident.ref}/channel", coalesce=True)

"""The effects that follow from what happens to an incident: decisions as data.

Rows in one lane run in order, and each row waits for the one it needs; everything else runs in parallel. So
a declaration is three Slack calls deep: channel, card, pin; or channel, opening the direct message, its text.
"""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.roles import IS_COMMANDER, key_of
from bot.domain.incidents.sources import links_back
from bot.domain.incidents.timeline import PART_CHANGES, EntryKind, TimelineEntry
from bot.domain.kit.keys import fitting
from bot.domain.outbox.effects import (
    AnnounceAtHome,
    BookmarkCall,
    BookmarkLink,
    CatchUp,
    CreateChannel,
    Effect,
    FindChannel,
    InvitePeople,
    LinkSource,
    OfferComers,
    PinCard,
    PostUpdate,
    RenameChannel,
    ReportFailures,
    SetPurpose,
    SetTopic,
    ShowAnnouncement,
    ShowCard,
    TellAsker,
    TellDeclarer,
    TellRole,
)
from bot.domain.outbox.rows import Planned


def after_declare(incident: Incident, links: int = 0) -> list[Planned]:
    """Everything that a declaration sets off; ``links`` is how many its project has."""
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
        rows += [_refresh(each, incident, what, cause=None) for what, each in public_posts(incident).items()]
    # Each in a lane of its own: they needn't wait for one another.
    bookmarks = [(BookmarkLink(number, each), f"{ref}/link/{each}") for each in range(links)]
    rows += [Planned(each, lane, lane, needs=channel) for each, lane in bookmarks]
    if incident.call_url:
        rows.append(_refresh(BookmarkCall(number), incident, "call", cause=None))
    if links_back(incident.metadata.get("source"), is_private=incident.is_private):
        rows.append(Planned(LinkSource(number), source_key(number), source_key(number), needs=channel))
    return rows


def public_posts(incident: Incident) -> dict[str, Effect]:
    """The posts that announce an incident as long as it's public, by what their lanes are called."""
    posts: dict[str, Effect] = {"announcement": ShowAnnouncement(incident.id)}
    if incident.home_channel:
        posts["home"] = AnnounceAtHome(incident.id)
    return posts


def bringing_in(incident: Incident, user_ids: tuple[str, ...], first: TimelineEntry) -> list[Planned]:
    """Invite the people, then mention them in one message, showing ``first`` and the entries made with it.

    The message waits in the lane of the invitation, since Slack notifies nobody who isn't in the channel.
    """
    ref, channel = incident.ref, f"{incident.ref}/channel"
    lane, invites = f"{ref}/comers", InvitePeople(incident.id, user_ids)
    mentions = PostUpdate(incident.id, first.id)
    rows = [Planned(invites, f"{lane}/{first.id}", lane, channel)] if user_ids else []
    return [*rows, Planned(mentions, f"{ref}/entry/{first.id}", lane, channel)]


def offering(incident: Incident, cause: str) -> Planned:
    """Ask in the channel who is to be brought in, or show what has been decided; ``cause`` is unique.

    The question waits in the lane of the declarer's own invitation, since it mentions them.
    """
    ref, key = incident.ref, f"{offer_key(incident.id)}/{cause}"
    return Planned(OfferComers(incident.id), key, f"{ref}/members", f"{ref}/channel", coalesce=True)


def offer_key(incident_id: int) -> str:
    """The key of the message that asks who is to be brought in."""
    return f"{ref_of(incident_id)}/offer"


def after_change(incident: Incident, entry: TimelineEntry) -> list[Planned]:
    """Everything that a change of status, severity, title, commander, another role or call sets off."""
    ref, number = incident.ref, incident.id
    rows = [
        Planned(
            PostUpdate(number, entry.id), f"{ref}/entry/{entry.id}", updates_lane(number), f"{ref}/channel"
        ),
        _refresh(ShowCard(number), incident, "card", cause=entry),
    ]
    if entry.kind is EntryKind.CALL:
        rows.append(_refresh(BookmarkCall(number), incident, "call", cause=entry))
    elif entry.kind is not EntryKind.ROLE:
        rows.append(_refresh(SetTopic(number), incident, "topic", cause=entry))
    if not incident.is_private:
        rows += [_refresh(each, incident, what, cause=entry) for what, each in public_posts(incident).items()]
    links = links_back(incident.metadata.get("source"), is_private=incident.is_private)
    if links and entry.kind not in {*PART_CHANGES, EntryKind.CALL}:
        rows.append(_refresh(LinkSource(number), incident, "source", cause=entry))
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
    if entry.kind in PART_CHANGES and entry.to_value:
        rows += _bringing(incident, entry, entry.to_value)
    return rows


def _bringing(incident: Incident, entry: TimelineEntry, user_id: str) -> list[Planned]:
    """Invite the person who now has a role, and message them about it."""
    ref, number = incident.ref, incident.id
    role = IS_COMMANDER if entry.kind is EntryKind.COMMANDER else key_of(entry.text)
    channel, lane = f"{ref}/channel", fitting(f"{ref}/role/{role}/{user_id}")
    tells = TellRole(number, user_id, role, entry.by)
    return [
        Planned(InvitePeople(number, (user_id,)), f"{ref}/members/{entry.id}", f"{ref}/members", channel),
        # Keys of direct messages about an incident begin with its ref and end with the recipient.
        Planned(tells, f"{ref}/role/{entry.id}/{user_id}", lane, channel),
    ]


def after_call_made(incident: Incident) -> list[Planned]:
    """Show the call that the calendar has set up wherever the incident's link to its call is shown."""
    shows: dict[str, Effect] = {"card": ShowCard(incident.id), "call": BookmarkCall(incident.id)}
    if not incident.is_private:
        shows |= public_posts(incident)
    channel = f"{incident.ref}/channel"
    return [
        Planned(effect, f"{incident.ref}/{what}/made", f"{incident.ref}/{what}", channel, coalesce=True)
        for what, effect in shows.items()
    ]


def after_new_channel(incident: Incident, cause: str) -> list[Planned]:
    """Update public messages that link to the channel; ``cause`` is unique."""
    linking = public_posts(incident)
    if incident.metadata.get("source"):
        linking["source"] = LinkSource(incident.id)
    return [
        Planned(effect, f"{incident.ref}/{what}/{cause}", f"{incident.ref}/{what}", coalesce=True)
        for what, effect in linking.items()
        if not incident.is_private
    ]


def after_erasure(incident: Incident, cause: str) -> list[Planned]:
    """Show an incident without somebody who had a part in it; ``cause`` is unique."""
    return _showing(incident, {"card": ShowCard(incident.id), "topic": SetTopic(incident.id)}, cause)


def after_another_project_name(incident: Incident, cause: str) -> list[Planned]:
    """Show the project's new name; ``cause`` is unique."""
    return _showing(incident, {"card": ShowCard(incident.id)}, cause)


def after_other_links(incident: Incident, cause: str) -> list[Planned]:
    """Show the project's new links, which only the card has; ``cause`` is unique."""
    lane = card_key(incident.id)
    return [Planned(ShowCard(incident.id), f"{lane}/{cause}", lane, f"{incident.ref}/channel", coalesce=True)]


def _showing(incident: Incident, shows: dict[str, Effect], cause: str) -> list[Planned]:
    """Bring these up to date and, if the incident is public, its announcements; ``cause`` is unique."""
    posts = {} if incident.is_private else public_posts(incident)
    channel = f"{incident.ref}/channel"
    return [
        Planned(effect, f"{incident.ref}/{what}/{cause}", f"{incident.ref}/{what}", channel, coalesce=True)
        for what, effect in (shows | posts).items()
    ]


def finding_channel(incident_id: int, cause: str) -> Planned:
    """Find out what has become of the channel; ``cause`` is unique."""
    lane = f"{ref_of(incident_id)}/lookup"
    return Planned(FindChannel(incident_id), f"{lane}/{cause}", lane, coalesce=True)


def joining(incident: Incident, user_id: str, cause: str) -> Planned:
    """Invite somebody who asked to join; ``cause`` is unique."""
    lane = f"{incident.ref}/members"
    return Planned(InvitePeople(incident.id, (user_id,)), f"{lane}/{cause}", lane, f"{incident.ref}/channel")


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


def source_key(incident_id: int) -> str:
    """The key of the message in the thread of the message that an incident was declared from."""
    return f"{ref_of(incident_id)}/source"


def updates_lane(incident_id: int) -> str:
    """The lane of the messages that say in the channel what has changed."""
    return f"{ref_of(incident_id)}/updates"


def first_topic_key(incident_id: int) -> str:
    """The key of the row that sets the topic of a channel that has just been created."""
    return f"{ref_of(incident_id)}/topic"


def after_giving_up(incident_id: int, cause: str) -> Planned:
    """Report all that failed in one message per incident, kept up to date; ``cause`` is unique."""
    lane = failures_key(incident_id)
    return Planned(ReportFailures(incident_id), f"{lane}/{cause}", lane, coalesce=True)


def telling_asker(incident_id: int, user_id: str, cause: str) -> Planned:
    """Report to somebody which of the things that they asked for failed; ``cause`` is unique."""
    lane = personal_failures_key(incident_id, user_id)
    return Planned(TellAsker(incident_id, user_id), f"{lane}/{cause}", lane, coalesce=True)


def personal_failures_key(incident_id: int, user_id: str) -> str:
    """The key of the message that reports failures to somebody who doesn't lead the incident."""
    return f"{failures_key(incident_id)}/{user_id}"


def failures_key(incident_id: int) -> str:
    """The key of the message that reports an incident's failures."""
    return f"{ref_of(incident_id)}/failures"


def _refresh(effect: Effect, incident: Incident, what: str, cause: TimelineEntry | None) -> Planned:
    """A row that refreshes something: at most one of them waits in its lane."""
    lane = f"{incident.ref}/{what}"
    key = lane if cause is None else f"{lane}/{cause.id}"
    return Planned(effect, key, lane, needs=f"{incident.ref}/channel", coalesce=True)

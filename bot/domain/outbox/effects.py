"""Everything that leaves the process, as data: ids and plain values, never blocks.

An effect is a class here with its row in ``KINDS``, a performer with its row in :mod:`bot.effects`, and a
label in :mod:`bot.views.kit.labels`. Tests walk these tables and say what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.outbox.queues import Queue


@dataclass(frozen=True, slots=True)
class CreateChannel:
    """Make the incident's channel, or adopt the one that an earlier attempt made."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class InvitePeople:
    """Bring people into the incident's channel."""

    incident_id: int
    user_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Show reference, severity, status and commander in the channel's topic."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class SetPurpose:
    """Say in the channel's purpose what it is for."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class RenameChannel:
    """Give the channel the name that fits the incident's title."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Record what was written in the incident's channel while nobody listened."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ShowCard:
    """Post the live card, or bring it up to date."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PinCard:
    """Pin the live card."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ShowAnnouncement:
    """Post the announcement in the announcements channel, or bring it up to date."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PostUpdate:
    """Say in the channel what has changed."""

    incident_id: int
    entry_id: int


@dataclass(frozen=True, slots=True)
class TellDeclarer:
    """Tell the declarer privately where their incident is."""

    incident_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class LinkSource:
    """Leave the incident's link in the thread of the message that it was declared from."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ShowActionItem:
    """Post an action item in the incident's channel, or bring its message up to date."""

    incident_id: int
    item_id: int


@dataclass(frozen=True, slots=True)
class TellAssignee:
    """Tell somebody that an action item is theirs, or bring what they were told up to date."""

    incident_id: int
    item_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind somebody of an action item, or bring the reminder up to date."""

    incident_id: int
    item_id: int
    user_id: str
    rung: str
    on: str
    """With ``rung`` which reminder it is; an ISO date."""


@dataclass(frozen=True, slots=True)
class FindMarkedMessage:
    """Make an action item from a message that somebody has marked and that the timeline doesn't know."""

    incident_id: int
    ts: str
    user_id: str


@dataclass(frozen=True, slots=True)
class SendDigest:
    """Tell somebody on Monday what they have to do."""

    user_id: str
    week: str


@dataclass(frozen=True, slots=True)
class PostDigest:
    """Say in the announcements channel on Monday what is to be done."""

    week: str


@dataclass(frozen=True, slots=True)
class ShowAnalysis:
    """Post a five-whys session with its tree in the incident's channel, or bring it up to date."""

    incident_id: int
    analysis_id: int


@dataclass(frozen=True, slots=True)
class AskWhy:
    """Ask the next why in the session's thread, or bring the question up to date."""

    incident_id: int
    analysis_id: int
    why_id: int
    """The answer that the question follows; 0 is the first question."""


@dataclass(frozen=True, slots=True)
class MarkReply:
    """Show by a reaction whether a reply was taken as an answer."""

    incident_id: int
    analysis_id: int
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class PostFindings:
    """Say in the channel what five whys found, or bring it up to date."""

    incident_id: int
    analysis_id: int


@dataclass(frozen=True, slots=True)
class NudgeSession:
    """Ask in the thread of a quiet session how it goes on."""

    incident_id: int
    analysis_id: int


@dataclass(frozen=True, slots=True)
class ShowPostmortem:
    """Post the postmortem's message in the incident's channel, or bring it up to date."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PublishPostmortem:
    """Write the postmortem's document: a canvas of the channel, or a file where there are none."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class AnnouncePostmortem:
    """Say in the announcements channel what came of the incident, or bring that up to date."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class TellWaived:
    """Say in the channel that there will be no postmortem, and why."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class SendExport:
    """Send the postmortem to somebody as a file."""

    incident_id: int
    user_id: str
    kind: str
    """``md``, ``html`` or ``json``."""


@dataclass(frozen=True, slots=True)
class RemindOfPostmortem:
    """Remind somebody of a postmortem that isn't begun, or isn't completed."""

    incident_id: int
    user_id: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class PutIncidentEvent:
    """Put the incident into the calendar, or bring it up to date there."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PutDueDate:
    """Put an action item's due date into the calendar, move it, or take it out."""

    incident_id: int
    item_id: int


@dataclass(frozen=True, slots=True)
class PutTimeBlock:
    """Block somebody's calendar, or bring the block up to date."""

    incident_id: int
    block_id: int


@dataclass(frozen=True, slots=True)
class ArrangeMeeting:
    """Do what a meeting needs next: find times, book or move it, cancel it."""

    incident_id: int
    meeting_id: int


@dataclass(frozen=True, slots=True)
class ShowMeeting:
    """Post a meeting in the incident's channel, or bring its message up to date."""

    incident_id: int
    meeting_id: int


@dataclass(frozen=True, slots=True)
class TellMeetingNews:
    """Say what happened to a meeting in the calendar."""

    incident_id: int
    meeting_id: int
    news: str
    """A value of :class:`bot.domain.calendar.meetings.News`."""
    about: str
    """Whom it is about, or the new time in ISO."""


@dataclass(frozen=True, slots=True)
class SyncCalendar:
    """Learn what has changed in the calendar."""


@dataclass(frozen=True, slots=True)
class ReportFailures:
    """Tell the people concerned what could not be done, with a Retry button."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PrepareAnnouncements:
    """Find the announcements channel, or make it, and join it."""

    name: str


@dataclass(frozen=True, slots=True)
class ListPeople:
    """Learn who is in the workspace."""


@dataclass(frozen=True, slots=True)
class PublishHome:
    """Show somebody their App Home as it is now."""

    user_id: str


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """Show an answer to one person where they asked: only they see it."""

    user_id: str
    channel_id: str
    thread_ts: str | None
    answer: Mapping[str, Any]
    """See :func:`bot.codec.answer_to_json`."""


@dataclass(frozen=True, slots=True)
class ComparePrivacy:
    """Check which channels are private now, and update their incidents."""


@dataclass(frozen=True, slots=True)
class ListMembers:
    """List who is in a private incident's channel, and so may see it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class HideTraces:
    """Delete direct messages about an incident from people who may no longer see it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class TellTraces:
    """Send the lead of an incident that became private a list of what still mentions it, and where."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class AskPublic:
    """Ask whether a private incident should become public like its channel, or show the decision."""

    incident_id: int
    ts: str
    """The ts of Slack's message about the channel."""
    user_id: str


Effect = (
    CreateChannel
    | InvitePeople
    | SetTopic
    | SetPurpose
    | RenameChannel
    | CatchUp
    | ShowCard
    | PinCard
    | ShowAnnouncement
    | PostUpdate
    | TellDeclarer
    | LinkSource
    | ShowActionItem
    | TellAssignee
    | Remind
    | FindMarkedMessage
    | SendDigest
    | PostDigest
    | ShowAnalysis
    | AskWhy
    | MarkReply
    | PostFindings
    | NudgeSession
    | ShowPostmortem
    | PublishPostmortem
    | AnnouncePostmortem
    | SendExport
    | TellWaived
    | RemindOfPostmortem
    | PutIncidentEvent
    | PutDueDate
    | PutTimeBlock
    | ArrangeMeeting
    | ShowMeeting
    | TellMeetingNews
    | SyncCalendar
    | ReportFailures
    | PrepareAnnouncements
    | ListPeople
    | PublishHome
    | SendAnswer
    | ComparePrivacy
    | ListMembers
    | HideTraces
    | TellTraces
    | AskPublic
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How effects of a kind are performed."""

    queue: Queue
    shows_only: bool = False
    """Whether it plans no others: once it is done, only rows of its incident that needed it can follow."""


KINDS: Mapping[type[Effect], Kind] = {
    CreateChannel: Kind(Queue.PEOPLE, shows_only=True),
    InvitePeople: Kind(Queue.PEOPLE, shows_only=True),
    SetTopic: Kind(Queue.PEOPLE, shows_only=True),
    SetPurpose: Kind(Queue.PEOPLE, shows_only=True),
    RenameChannel: Kind(Queue.PEOPLE),
    CatchUp: Kind(Queue.HISTORY),
    ShowCard: Kind(Queue.PEOPLE, shows_only=True),
    PinCard: Kind(Queue.PEOPLE, shows_only=True),
    ShowAnnouncement: Kind(Queue.PEOPLE, shows_only=True),
    PostUpdate: Kind(Queue.PEOPLE, shows_only=True),
    TellDeclarer: Kind(Queue.PEOPLE, shows_only=True),
    LinkSource: Kind(Queue.PEOPLE, shows_only=True),
    ShowActionItem: Kind(Queue.PEOPLE),
    TellAssignee: Kind(Queue.PEOPLE),
    Remind: Kind(Queue.BACKGROUND),
    FindMarkedMessage: Kind(Queue.PEOPLE),
    SendDigest: Kind(Queue.BACKGROUND),
    PostDigest: Kind(Queue.BACKGROUND),
    ShowAnalysis: Kind(Queue.PEOPLE),
    AskWhy: Kind(Queue.PEOPLE),
    MarkReply: Kind(Queue.PEOPLE),
    PostFindings: Kind(Queue.PEOPLE),
    NudgeSession: Kind(Queue.PEOPLE),
    ShowPostmortem: Kind(Queue.PEOPLE),
    PublishPostmortem: Kind(Queue.PEOPLE),
    AnnouncePostmortem: Kind(Queue.PEOPLE),
    SendExport: Kind(Queue.PEOPLE),
    TellWaived: Kind(Queue.PEOPLE),
    RemindOfPostmortem: Kind(Queue.BACKGROUND),
    PutIncidentEvent: Kind(Queue.CALENDAR),
    PutDueDate: Kind(Queue.CALENDAR),
    PutTimeBlock: Kind(Queue.CALENDAR),
    ArrangeMeeting: Kind(Queue.CALENDAR),
    ShowMeeting: Kind(Queue.PEOPLE),
    TellMeetingNews: Kind(Queue.PEOPLE),
    SyncCalendar: Kind(Queue.CALENDAR),
    ReportFailures: Kind(Queue.PEOPLE),
    PrepareAnnouncements: Kind(Queue.PEOPLE),
    ListPeople: Kind(Queue.BACKGROUND),
    PublishHome: Kind(Queue.ANSWERS),
    SendAnswer: Kind(Queue.ANSWERS),
    ComparePrivacy: Kind(Queue.BACKGROUND),
    ListMembers: Kind(Queue.PEOPLE),
    HideTraces: Kind(Queue.BACKGROUND),
    TellTraces: Kind(Queue.BACKGROUND),
    AskPublic: Kind(Queue.PEOPLE),
}
EFFECTS: Mapping[str, type[Effect]] = {kind.__name__: kind for kind in KINDS}
"""By the name that rows of the outbox know it by."""


def kind_of(effect: Effect) -> Kind:
    """How the effect is performed."""
    return KINDS[type(effect)]

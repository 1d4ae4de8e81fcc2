"""Every call to Slack or a calendar, as data: ids and plain values, never blocks.

To add an effect: a class here with its rows in ``Effect`` and ``KINDS``, a performer with its row in
:mod:`bot.effects`, and a label in :mod:`bot.views.kit.labels`. Tests walk these tables and say what is
missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.outbox.hearers import Hearer
from bot.domain.outbox.queues import Queue


@dataclass(frozen=True, slots=True)
class CreateChannel:
    """Create the incident's channel, or adopt the one that an earlier attempt created."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class InvitePeople:
    """Invite people to the incident's channel."""

    incident_id: int
    user_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetTopic:
    """Show the incident's ref, severity, status and commander in the channel's topic."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class SetPurpose:
    """Describe the channel in its purpose."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class RenameChannel:
    """Rename the channel to match the incident's title."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Record the messages that were written in the incident's channel while the bot was offline."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ShowCard:
    """Post the live card, or update it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PinCard:
    """Pin the live card."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ShowAnnouncement:
    """Post the announcement in the announcements channel, or update it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PostUpdate:
    """Post in the channel what has changed."""

    incident_id: int
    entry_id: int


@dataclass(frozen=True, slots=True)
class TellDeclarer:
    """Send the declarer a direct message that links to their incident."""

    incident_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class TellRole:
    """Message somebody about the role that they now have, with what it's for."""

    incident_id: int
    user_id: str
    role: str
    """The role's key; see :func:`bot.domain.incidents.roles.key_of`."""
    by: str | None
    """The person who gave it to them, or they themselves."""


@dataclass(frozen=True, slots=True)
class LinkSource:
    """Reply with a link to the incident in the thread of the message that it was declared from."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class BookmarkCall:
    """Bookmark the incident's call in its channel, or update or remove that bookmark."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class BookmarkLink:
    """Bookmark a link of the incident's project in its channel."""

    incident_id: int
    number: int
    """Which one, from 0."""


@dataclass(frozen=True, slots=True)
class AnnounceAtHome:
    """Post the announcement in the home channel of the incident's project, or update it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class OfferComers:
    """Ask in the channel who is to be brought in, or show there what has been decided."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class MakeCall:
    """Have the calendar set up the incident's call with its event, or take the one that is there."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class OfferBriefing:
    """Show somebody who has just joined the channel a line with a button that tells them what they missed."""

    incident_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class TellNotice:
    """Notify an incident's people of a change that was made elsewhere in Slack."""

    incident_id: int
    notice: str
    """A value of :class:`bot.domain.incidents.notices.Notice`."""
    about: str
    """The person it is about, or empty."""


@dataclass(frozen=True, slots=True)
class FindChannel:
    """Find out what has become of an incident's channel, which Slack no longer finds."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ShowActionItem:
    """Post an action item in the incident's channel, or update its message."""

    incident_id: int
    item_id: int


@dataclass(frozen=True, slots=True)
class TellAssignee:
    """Notify somebody that an action item is theirs, or update that notification."""

    incident_id: int
    item_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind somebody of an action item, or update the reminder."""

    incident_id: int
    item_id: int
    user_id: str
    rung: str
    on: str
    """An ISO date; together with ``rung`` it identifies the reminder."""


@dataclass(frozen=True, slots=True)
class FindMarkedMessage:
    """Create an action item from a message that somebody marked and that isn't on the timeline."""

    incident_id: int
    ts: str
    user_id: str


@dataclass(frozen=True, slots=True)
class SendDigest:
    """Send somebody their open action items on Monday."""

    user_id: str
    week: str


@dataclass(frozen=True, slots=True)
class PostDigest:
    """Post the open action items in the announcements channel on Monday."""

    week: str


@dataclass(frozen=True, slots=True)
class ShowAnalysis:
    """Post a five-whys session with its tree in the incident's channel, or update it."""

    incident_id: int
    analysis_id: int


@dataclass(frozen=True, slots=True)
class AskWhy:
    """Ask the next why in the session's thread, or update the question."""

    incident_id: int
    analysis_id: int
    why_id: int
    """The answer that the question follows up on; 0 for the first question."""


@dataclass(frozen=True, slots=True)
class MarkReply:
    """Show with a reaction whether a reply counts as an answer."""

    incident_id: int
    analysis_id: int
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class PostFindings:
    """Post in the channel what five whys found, or update that message."""

    incident_id: int
    analysis_id: int


@dataclass(frozen=True, slots=True)
class NudgeSession:
    """Ask in the thread of a quiet session how to proceed."""

    incident_id: int
    analysis_id: int


@dataclass(frozen=True, slots=True)
class TellFacilitator:
    """Notify somebody that a five-whys session was given to them."""

    incident_id: int
    analysis_id: int
    user_id: str
    by: str


@dataclass(frozen=True, slots=True)
class TellPostmortemOwner:
    """Notify somebody that an incident's postmortem was given to them."""

    incident_id: int
    user_id: str
    by: str


@dataclass(frozen=True, slots=True)
class ShowPostmortem:
    """Post the postmortem's message in the incident's channel, or update it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PublishPostmortem:
    """Write the postmortem to the channel's canvas, or to a file where canvases aren't available."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class AnnouncePostmortem:
    """Post the incident's outcome in the announcements channel, or update that message."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class TellWaived:
    """Post in the channel that there will be no postmortem, and why."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class SendExport:
    """Send somebody the postmortem as a file."""

    incident_id: int
    user_id: str
    kind: str
    """``md``, ``html`` or ``json``."""


@dataclass(frozen=True, slots=True)
class RemindOfPostmortem:
    """Remind somebody of a postmortem that hasn't been started, or isn't complete."""

    incident_id: int
    user_id: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class ShowUpdate:
    """Post an update in the incident's channel, or edit it there."""

    incident_id: int
    number: int


@dataclass(frozen=True, slots=True)
class AnnounceUpdate:
    """Post an update in the announcement's thread, edit it, or delete it if the incident became private."""

    incident_id: int
    number: int


@dataclass(frozen=True, slots=True)
class RelayUpdate:
    """Do the same in the thread of the message that the incident was declared from."""

    incident_id: int
    number: int


@dataclass(frozen=True, slots=True)
class TellSubscriber:
    """Send a subscriber an update; a correction only edits it for people who already have it."""

    incident_id: int
    number: int
    user_id: str
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class TellStatus:
    """Tell a subscriber of a change of status."""

    incident_id: int
    entry_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class NudgeUpdate:
    """Nudge the commander in the channel to write the next update, or show that it's no longer needed."""

    incident_id: int
    number: int
    """The update that promised it."""
    times: int
    """The number of the nudge after that update, from 1."""


@dataclass(frozen=True, slots=True)
class ShowPage:
    """Post a page in the incident's channel, or show there who has been seen since."""

    incident_id: int
    page_id: int


@dataclass(frozen=True, slots=True)
class TellPaged:
    """Message somebody that they were paged, or show in that message that they have been seen."""

    incident_id: int
    page_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class TellUnseen:
    """Tell the person who paged others which of them haven't been seen."""

    incident_id: int
    page_id: int
    user_id: str
    """The person who paged them."""


@dataclass(frozen=True, slots=True)
class PutIncidentEvent:
    """Put the incident in the calendar, or update its event."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PutDueDate:
    """Put an action item's due date in the calendar, move it, or remove it."""

    incident_id: int
    item_id: int


@dataclass(frozen=True, slots=True)
class PutTimeBlock:
    """Block time in somebody's calendar, or update the block."""

    incident_id: int
    block_id: int


@dataclass(frozen=True, slots=True)
class ArrangeMeeting:
    """Take a meeting's next step: find times, book or move it, or cancel it."""

    incident_id: int
    meeting_id: int


@dataclass(frozen=True, slots=True)
class ShowMeeting:
    """Post a meeting in the incident's channel, or update its message."""

    incident_id: int
    meeting_id: int


@dataclass(frozen=True, slots=True)
class TellMeetingNews:
    """Post what happened to a meeting in the calendar."""

    incident_id: int
    meeting_id: int
    news: str
    """A value of :class:`bot.domain.calendar.meetings.News`."""
    about: str
    """The person it is about, or the new time in ISO format."""


@dataclass(frozen=True, slots=True)
class SyncCalendar:
    """Fetch what has changed in the calendar."""


@dataclass(frozen=True, slots=True)
class ReportFailures:
    """Report to the people concerned what failed, with a Retry button."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class TellAsker:
    """Report to somebody which of the things that they asked for failed, with a Retry button."""

    incident_id: int
    user_id: str


@dataclass(frozen=True, slots=True)
class PrepareAnnouncements:
    """Find or create the announcements channel, and join it."""

    name: str


@dataclass(frozen=True, slots=True)
class ListPeople:
    """Fetch the list of people in the workspace."""


@dataclass(frozen=True, slots=True)
class ListNames:
    """Fetch the names of channels and user groups."""


@dataclass(frozen=True, slots=True)
class PublishHome:
    """Publish somebody's App Home as it is now."""

    user_id: str


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """Show an answer to one person where they asked. Nobody else sees it."""

    user_id: str
    channel_id: str
    thread_ts: str | None
    answer: Mapping[str, Any]
    """See :func:`bot.codec.answer_to_json`."""


@dataclass(frozen=True, slots=True)
class SendAnswerUnlessShown:
    """Show an answer to one person like :class:`SendAnswer`, unless the channel shows the same in time."""

    user_id: str
    channel_id: str
    thread_ts: str | None
    answer: Mapping[str, Any]
    shown_by: str
    """The key of the row that posts the same where everybody in the channel sees it."""


@dataclass(frozen=True, slots=True)
class Examine:
    """Check Slack, the calendar and the settings for an admin, and show them the result where they asked."""

    user_id: str
    channel_id: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class TellLacking:
    """Notify an admin of scopes that the app needs and has not been granted."""

    user_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowChecklist:
    """Post a checklist in the incident's channel, or update its message."""

    incident_id: int
    checklist_id: int


@dataclass(frozen=True, slots=True)
class NudgeChecklist:
    """Nudge in a checklist's thread about lines that are still open, or update that nudge."""

    incident_id: int
    checklist_id: int
    minutes: int
    """The minutes of the lines that it is about."""


@dataclass(frozen=True, slots=True)
class ComparePrivacy:
    """Check which channels are private now, and update their incidents."""


@dataclass(frozen=True, slots=True)
class ListMembers:
    """List the people in a private incident's channel: they may see the incident."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class HideTraces:
    """Delete direct messages about an incident from people who may no longer see it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class TellTraces:
    """List for the commander, or somebody else concerned, what still mentions an incident made private."""

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
    | TellRole
    | LinkSource
    | BookmarkCall
    | BookmarkLink
    | AnnounceAtHome
    | OfferComers
    | MakeCall
    | OfferBriefing
    | TellNotice
    | FindChannel
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
    | TellFacilitator
    | TellPostmortemOwner
    | ShowPostmortem
    | PublishPostmortem
    | AnnouncePostmortem
    | SendExport
    | TellWaived
    | RemindOfPostmortem
    | ShowUpdate
    | AnnounceUpdate
    | RelayUpdate
    | TellSubscriber
    | TellStatus
    | NudgeUpdate
    | ShowPage
    | TellPaged
    | TellUnseen
    | ShowChecklist
    | NudgeChecklist
    | PutIncidentEvent
    | PutDueDate
    | PutTimeBlock
    | ArrangeMeeting
    | ShowMeeting
    | TellMeetingNews
    | SyncCalendar
    | ReportFailures
    | TellAsker
    | PrepareAnnouncements
    | ListPeople
    | ListNames
    | PublishHome
    | SendAnswer
    | SendAnswerUnlessShown
    | Examine
    | TellLacking
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
    hearer: Hearer
    """Who hears of it if it fails for good."""
    can_look: bool
    """Whether its performer can find out whether it has already been done, even days later, or does no harm
    if it's done again.

    If it can't, a row from a backup waits until somebody has decided: direct messages, invitations, and
    whatever a calendar announces by e-mail.
    """
    shows_only: bool = False
    """Whether it plans no other effects: once done, it can only unblock rows of its incident that need it."""


KINDS: Mapping[type[Effect], Kind] = {
    CreateChannel: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    InvitePeople: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False, shows_only=True),
    SetTopic: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    SetPurpose: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    RenameChannel: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True),
    CatchUp: Kind(Queue.HISTORY, Hearer.INCIDENT, can_look=True),
    ShowCard: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    PinCard: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    ShowAnnouncement: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    PostUpdate: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    TellDeclarer: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False, shows_only=True),
    TellRole: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False, shows_only=True),
    LinkSource: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    BookmarkCall: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    BookmarkLink: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    AnnounceAtHome: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    OfferComers: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    MakeCall: Kind(Queue.CALENDAR, Hearer.INCIDENT, can_look=True),
    OfferBriefing: Kind(Queue.PEOPLE, Hearer.ASKER, can_look=True, shows_only=True),
    TellNotice: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False, shows_only=True),
    FindChannel: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True),
    ShowActionItem: Kind(Queue.PEOPLE, Hearer.ITEM, can_look=True),
    TellAssignee: Kind(Queue.PEOPLE, Hearer.ITEM, can_look=False),
    Remind: Kind(Queue.BACKGROUND, Hearer.INCIDENT, can_look=False),
    FindMarkedMessage: Kind(Queue.PEOPLE, Hearer.ASKER, can_look=True),
    SendDigest: Kind(Queue.BACKGROUND, Hearer.DOCTOR, can_look=False),
    PostDigest: Kind(Queue.BACKGROUND, Hearer.DOCTOR, can_look=True),
    ShowAnalysis: Kind(Queue.PEOPLE, Hearer.FACILITATOR, can_look=True),
    AskWhy: Kind(Queue.PEOPLE, Hearer.FACILITATOR, can_look=True),
    MarkReply: Kind(Queue.PEOPLE, Hearer.FACILITATOR, can_look=True),
    PostFindings: Kind(Queue.PEOPLE, Hearer.FACILITATOR, can_look=True),
    NudgeSession: Kind(Queue.PEOPLE, Hearer.FACILITATOR, can_look=True),
    TellFacilitator: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False),
    TellPostmortemOwner: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False),
    ShowPostmortem: Kind(Queue.PEOPLE, Hearer.OWNER, can_look=True),
    PublishPostmortem: Kind(Queue.PEOPLE, Hearer.OWNER, can_look=True),
    AnnouncePostmortem: Kind(Queue.PEOPLE, Hearer.OWNER, can_look=True),
    SendExport: Kind(Queue.PEOPLE, Hearer.ASKER, can_look=False),
    TellWaived: Kind(Queue.PEOPLE, Hearer.WAIVER, can_look=True),
    RemindOfPostmortem: Kind(Queue.BACKGROUND, Hearer.INCIDENT, can_look=False),
    ShowUpdate: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    AnnounceUpdate: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    RelayUpdate: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    TellSubscriber: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False, shows_only=True),
    TellStatus: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False, shows_only=True),
    NudgeUpdate: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    ShowPage: Kind(Queue.PEOPLE, Hearer.PAGE, can_look=True, shows_only=True),
    TellPaged: Kind(Queue.PEOPLE, Hearer.PAGE, can_look=False, shows_only=True),
    TellUnseen: Kind(Queue.PEOPLE, Hearer.ASKER, can_look=False, shows_only=True),
    ShowChecklist: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    NudgeChecklist: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True, shows_only=True),
    PutIncidentEvent: Kind(Queue.CALENDAR, Hearer.INCIDENT, can_look=True),
    PutDueDate: Kind(Queue.CALENDAR, Hearer.ITEM, can_look=False),
    PutTimeBlock: Kind(Queue.CALENDAR, Hearer.BLOCK, can_look=False),
    ArrangeMeeting: Kind(Queue.CALENDAR, Hearer.MEETING, can_look=False),
    ShowMeeting: Kind(Queue.PEOPLE, Hearer.MEETING, can_look=True),
    TellMeetingNews: Kind(Queue.PEOPLE, Hearer.MEETING, can_look=True),
    SyncCalendar: Kind(Queue.CALENDAR, Hearer.DOCTOR, can_look=True),
    ReportFailures: Kind(Queue.PEOPLE, Hearer.DOCTOR, can_look=False),
    TellAsker: Kind(Queue.PEOPLE, Hearer.DOCTOR, can_look=False),
    PrepareAnnouncements: Kind(Queue.PEOPLE, Hearer.DOCTOR, can_look=True),
    ListPeople: Kind(Queue.BACKGROUND, Hearer.DOCTOR, can_look=True),
    ListNames: Kind(Queue.BACKGROUND, Hearer.DOCTOR, can_look=True),
    PublishHome: Kind(Queue.ANSWERS, Hearer.DOCTOR, can_look=True),
    SendAnswer: Kind(Queue.ANSWERS, Hearer.DOCTOR, can_look=False),
    SendAnswerUnlessShown: Kind(Queue.ANSWERS, Hearer.DOCTOR, can_look=False),
    Examine: Kind(Queue.ANSWERS, Hearer.DOCTOR, can_look=False),
    TellLacking: Kind(Queue.BACKGROUND, Hearer.DOCTOR, can_look=False),
    ComparePrivacy: Kind(Queue.BACKGROUND, Hearer.DOCTOR, can_look=True),
    ListMembers: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=True),
    HideTraces: Kind(Queue.BACKGROUND, Hearer.INCIDENT, can_look=True),
    TellTraces: Kind(Queue.BACKGROUND, Hearer.INCIDENT, can_look=False),
    AskPublic: Kind(Queue.PEOPLE, Hearer.INCIDENT, can_look=False),
}
EFFECTS: Mapping[str, type[Effect]] = {kind.__name__: kind for kind in KINDS}
"""Class name, as outbox rows store it -> effect."""


def kind_of(effect: Effect) -> Kind:
    """How an effect is performed, and who hears of its failure."""
    return KINDS[type(effect)]

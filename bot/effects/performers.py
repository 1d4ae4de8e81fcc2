"""Which performer each effect has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.outbox.effects import (
    AnnouncePostmortem,
    ArrangeMeeting,
    AskPublic,
    AskWhy,
    CatchUp,
    ComparePrivacy,
    CreateChannel,
    Effect,
    FindMarkedMessage,
    HideTraces,
    InvitePeople,
    LinkSource,
    ListMembers,
    ListPeople,
    MarkReply,
    NudgeSession,
    PinCard,
    PostDigest,
    PostFindings,
    PostUpdate,
    PrepareAnnouncements,
    PublishHome,
    PublishPostmortem,
    PutDueDate,
    PutIncidentEvent,
    PutTimeBlock,
    Remind,
    RemindOfPostmortem,
    RenameChannel,
    ReportFailures,
    SendAnswer,
    SendDigest,
    SendExport,
    SetPurpose,
    SetTopic,
    ShowActionItem,
    ShowAnalysis,
    ShowAnnouncement,
    ShowCard,
    ShowMeeting,
    ShowPostmortem,
    SyncCalendar,
    TellAssignee,
    TellDeclarer,
    TellMeetingNews,
    TellTraces,
    TellWaived,
)
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.action_items import ItemPerformers
from bot.effects.calendar import CalendarPerformers
from bot.effects.channels import ChannelPerformers
from bot.effects.directory import PeoplePerformers
from bot.effects.five_whys import WhysPerformers
from bot.effects.history import HistoryPerformers
from bot.effects.meetings import MeetingPerformers
from bot.effects.postmortems import PostmortemPerformers
from bot.effects.posts import PostPerformers
from bot.effects.privacy import PrivacyPerformers

Performer = Callable[[Any, Claimed], Outcome]
"""Brings the effect about; safe to run twice. Raises :class:`bot.effects.failures.CallFailed`."""

Performers = Mapping[type[Effect], Performer]


@dataclass(frozen=True, slots=True)
class Groups:
    """Performers by what they concern."""

    channels: ChannelPerformers
    posts: PostPerformers
    people: PeoplePerformers
    history: HistoryPerformers
    items: ItemPerformers
    whys: WhysPerformers
    postmortems: PostmortemPerformers
    calendar: CalendarPerformers
    meetings: MeetingPerformers
    privacy: PrivacyPerformers


def performers(groups: Groups) -> Performers:
    """The table of all of them."""
    channels, posts, people, history = groups.channels, groups.posts, groups.people, groups.history
    items, whys, postmortems = groups.items, groups.whys, groups.postmortems
    calendar, meetings = groups.calendar, groups.meetings
    return {
        CreateChannel: channels.create,
        RenameChannel: channels.rename,
        InvitePeople: channels.invite,
        SetTopic: channels.set_topic,
        SetPurpose: channels.set_purpose,
        CatchUp: history.catch_up,
        PrepareAnnouncements: channels.prepare_announcements,
        ShowActionItem: items.show,
        TellAssignee: items.tell,
        Remind: items.remind,
        FindMarkedMessage: items.find_message,
        SendDigest: items.send_digest,
        PostDigest: items.post_digest,
        ShowAnalysis: whys.show,
        AskWhy: whys.ask,
        MarkReply: whys.mark,
        PostFindings: whys.post_findings,
        NudgeSession: whys.nudge,
        ShowPostmortem: postmortems.show,
        PublishPostmortem: postmortems.publish,
        AnnouncePostmortem: postmortems.announce,
        SendExport: postmortems.send_export,
        TellWaived: postmortems.tell_waived,
        RemindOfPostmortem: postmortems.remind,
        PutIncidentEvent: calendar.put_incident,
        PutDueDate: calendar.put_due_date,
        PutTimeBlock: calendar.put_block,
        SyncCalendar: calendar.sync,
        ArrangeMeeting: meetings.arrange,
        ShowMeeting: meetings.show,
        TellMeetingNews: meetings.tell_news,
        ShowCard: posts.show_card,
        PinCard: posts.pin_card,
        ShowAnnouncement: posts.show_announcement,
        PostUpdate: posts.post_update,
        TellDeclarer: posts.tell_declarer,
        LinkSource: posts.link_source,
        ReportFailures: posts.report_failures,
        ListPeople: people.list_people,
        PublishHome: posts.publish_home,
        SendAnswer: posts.send_answer,
        ComparePrivacy: groups.privacy.compare,
        ListMembers: groups.privacy.list_members,
        HideTraces: groups.privacy.hide,
        TellTraces: groups.privacy.tell_traces,
        AskPublic: groups.privacy.ask,
    }

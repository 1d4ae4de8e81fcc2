"""Which performer each effect has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.effects import (
    AnnouncePostmortem,
    AskWhy,
    CatchUp,
    CreateChannel,
    Effect,
    FindMarkedMessage,
    InvitePeople,
    LinkSource,
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
    ShowPostmortem,
    TellAssignee,
    TellDeclarer,
    TellWaived,
)
from bot.domain.outbox import Claimed, Outcome
from bot.effects.channels import ChannelPerformers
from bot.effects.directory import PeoplePerformers
from bot.effects.history import HistoryPerformers
from bot.effects.items import ItemPerformers
from bot.effects.postmortems import PostmortemPerformers
from bot.effects.posts import PostPerformers
from bot.effects.whys import WhysPerformers

Performer = Callable[[Any, Claimed], Outcome]
"""Brings the effect about; safe to run twice. Raises :class:`bot.effects.failures.CallFailed`."""

Performers = Mapping[type[Effect], Performer]


def performers(
    channels: ChannelPerformers,
    posts: PostPerformers,
    people: PeoplePerformers,
    history: HistoryPerformers,
    items: ItemPerformers,
    whys: WhysPerformers,
    postmortems: PostmortemPerformers,
) -> Performers:
    """The table of all of them."""
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
    }

"""Which performer each effect has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.effects import (
    AskWhy,
    CatchUp,
    Claimed,
    CreateChannel,
    Effect,
    FindMarkedMessage,
    InvitePeople,
    LinkSource,
    ListPeople,
    MarkReply,
    NudgeSession,
    Outcome,
    PinCard,
    PostDigest,
    PostFindings,
    PostUpdate,
    PrepareAnnouncements,
    PublishHome,
    Remind,
    RenameChannel,
    ReportFailures,
    SendAnswer,
    SendDigest,
    SetPurpose,
    SetTopic,
    ShowActionItem,
    ShowAnalysis,
    ShowAnnouncement,
    ShowCard,
    TellAssignee,
    TellDeclarer,
)
from bot.effects.channels import ChannelPerformers
from bot.effects.directory import PeoplePerformers
from bot.effects.history import HistoryPerformers
from bot.effects.items import ItemPerformers
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

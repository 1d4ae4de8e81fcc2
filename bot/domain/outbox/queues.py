"""Which effects are performed together: a backlog of one kind must not keep people waiting for another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.domain.outbox.effects import (
    ArrangeMeeting,
    CatchUp,
    ComparePrivacy,
    CreateChannel,
    Effect,
    HideTraces,
    InvitePeople,
    LinkSource,
    ListPeople,
    PinCard,
    PostDigest,
    PostUpdate,
    PublishHome,
    PutDueDate,
    PutIncidentEvent,
    PutTimeBlock,
    Remind,
    RemindOfPostmortem,
    SendAnswer,
    SendDigest,
    SetPurpose,
    SetTopic,
    ShowAnnouncement,
    ShowCard,
    SyncCalendar,
    TellDeclarer,
    TellTraces,
)

SHOWS_ONLY: frozenset[type[Effect]] = frozenset(
    {
        CreateChannel,
        InvitePeople,
        LinkSource,
        PinCard,
        PostUpdate,
        SetPurpose,
        SetTopic,
        ShowCard,
        ShowAnnouncement,
        TellDeclarer,
    }
)
"""Effects that plan no others: when one is done, nothing can follow but what waits for it in its incident."""


class Queue(Enum):
    """A part of the outbox with its own performers."""

    PEOPLE = "people"
    """Effects of what somebody has just done and is waiting to see."""
    ANSWERS = "answers"
    """Answers to one person: many declarations at once must not hold them up."""
    CALENDAR = "calendar"
    """Calls to a calendar, which may be slow or down while Slack is not."""
    BACKGROUND = "background"
    """Effects that pile up, and for which nobody is waiting."""
    HISTORY = "history"
    """Catching up: one channel at a time, since it reads and writes most."""


_OTHERS: Mapping[type[Effect], Queue] = {
    SendAnswer: Queue.ANSWERS,
    PublishHome: Queue.ANSWERS,
    PutIncidentEvent: Queue.CALENDAR,
    PutDueDate: Queue.CALENDAR,
    PutTimeBlock: Queue.CALENDAR,
    ArrangeMeeting: Queue.CALENDAR,
    SyncCalendar: Queue.CALENDAR,
    ListPeople: Queue.BACKGROUND,
    SendDigest: Queue.BACKGROUND,
    PostDigest: Queue.BACKGROUND,
    Remind: Queue.BACKGROUND,
    RemindOfPostmortem: Queue.BACKGROUND,
    ComparePrivacy: Queue.BACKGROUND,
    HideTraces: Queue.BACKGROUND,
    TellTraces: Queue.BACKGROUND,
    CatchUp: Queue.HISTORY,
}


def queue_of(effect: Effect) -> Queue:
    """The queue that an effect is planned for."""
    return _OTHERS.get(type(effect), Queue.PEOPLE)

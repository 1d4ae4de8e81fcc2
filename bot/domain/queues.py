"""Which effects are performed together: a heap of one kind must not keep people waiting for another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.domain.effects import (
    ArrangeMeeting,
    CatchUp,
    ComparePrivacy,
    Effect,
    HideTraces,
    ListPeople,
    PostDigest,
    PublishHome,
    PutDueDate,
    PutIncidentEvent,
    PutTimeBlock,
    Remind,
    RemindOfPostmortem,
    SendAnswer,
    SendDigest,
    SyncCalendar,
    TellTraces,
)


class Queue(Enum):
    """A share of the outbox with performers of its own."""

    PEOPLE = "people"
    """What somebody has just done and waits to see."""
    ANSWERS = "answers"
    """What one person has asked for: many declarations at once must not hold it up."""
    CALENDAR = "calendar"
    """What calls Google, which may be slow or away while Slack is not."""
    BACKGROUND = "background"
    """What comes in heaps, and for which nobody waits."""
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

"""Who hears that an effect failed: the person who asked for it, or those who lead the incident."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from bot.domain.outbox import effects
from bot.domain.outbox.effects import Effect


class Hearer(Enum):
    """Whose wish an effect fulfils."""

    INCIDENT = "incident"
    """The commander, else the declarer: it belongs to the incident, or its recipient can't be reached."""
    ASKER = "asker"
    """The person that the effect names."""
    ITEM = "item"
    """The person who created the action item."""
    FACILITATOR = "facilitator"
    OWNER = "owner"
    """The postmortem's owner, else the person who started it."""
    WAIVER = "waiver"
    """The person who decided that there will be no postmortem."""
    MEETING = "meeting"
    """The person who asked for the meeting."""
    BLOCK = "block"
    """The person who asked for the time block."""
    DOCTOR = "doctor"
    """Nobody in particular: ``/incident doctor`` shows it."""


HEARERS: Mapping[type[Effect], Hearer] = {
    effects.CreateChannel: Hearer.INCIDENT,
    effects.InvitePeople: Hearer.INCIDENT,
    effects.SetTopic: Hearer.INCIDENT,
    effects.SetPurpose: Hearer.INCIDENT,
    effects.RenameChannel: Hearer.INCIDENT,
    effects.CatchUp: Hearer.INCIDENT,
    effects.ShowCard: Hearer.INCIDENT,
    effects.PinCard: Hearer.INCIDENT,
    effects.ShowAnnouncement: Hearer.INCIDENT,
    effects.PostUpdate: Hearer.INCIDENT,
    effects.TellDeclarer: Hearer.INCIDENT,
    effects.TellRole: Hearer.INCIDENT,
    effects.LinkSource: Hearer.INCIDENT,
    effects.BookmarkCall: Hearer.INCIDENT,
    effects.OfferBriefing: Hearer.ASKER,
    effects.ShowActionItem: Hearer.ITEM,
    effects.TellAssignee: Hearer.ITEM,
    effects.Remind: Hearer.INCIDENT,
    effects.FindMarkedMessage: Hearer.ASKER,
    effects.SendDigest: Hearer.DOCTOR,
    effects.PostDigest: Hearer.DOCTOR,
    effects.ShowAnalysis: Hearer.FACILITATOR,
    effects.AskWhy: Hearer.FACILITATOR,
    effects.MarkReply: Hearer.FACILITATOR,
    effects.PostFindings: Hearer.FACILITATOR,
    effects.NudgeSession: Hearer.FACILITATOR,
    effects.TellFacilitator: Hearer.INCIDENT,
    effects.TellPostmortemOwner: Hearer.INCIDENT,
    effects.ShowPostmortem: Hearer.OWNER,
    effects.PublishPostmortem: Hearer.OWNER,
    effects.AnnouncePostmortem: Hearer.OWNER,
    effects.TellWaived: Hearer.WAIVER,
    effects.SendExport: Hearer.ASKER,
    effects.RemindOfPostmortem: Hearer.INCIDENT,
    effects.ShowUpdate: Hearer.INCIDENT,
    effects.AnnounceUpdate: Hearer.INCIDENT,
    effects.RelayUpdate: Hearer.INCIDENT,
    effects.TellSubscriber: Hearer.INCIDENT,
    effects.TellStatus: Hearer.INCIDENT,
    effects.NudgeUpdate: Hearer.INCIDENT,
    effects.PutIncidentEvent: Hearer.INCIDENT,
    effects.PutDueDate: Hearer.ITEM,
    effects.PutTimeBlock: Hearer.BLOCK,
    effects.ArrangeMeeting: Hearer.MEETING,
    effects.ShowMeeting: Hearer.MEETING,
    effects.TellMeetingNews: Hearer.MEETING,
    effects.SyncCalendar: Hearer.DOCTOR,
    effects.ReportFailures: Hearer.DOCTOR,
    effects.TellAsker: Hearer.DOCTOR,
    effects.PrepareAnnouncements: Hearer.DOCTOR,
    effects.ListPeople: Hearer.DOCTOR,
    effects.PublishHome: Hearer.DOCTOR,
    effects.SendAnswer: Hearer.DOCTOR,
    effects.SendAnswerUnlessShown: Hearer.DOCTOR,
    effects.Examine: Hearer.DOCTOR,
    effects.TellLacking: Hearer.DOCTOR,
    effects.ListNames: Hearer.DOCTOR,
    effects.ComparePrivacy: Hearer.DOCTOR,
    effects.ListMembers: Hearer.INCIDENT,
    effects.TellNotice: Hearer.INCIDENT,
    effects.FindChannel: Hearer.INCIDENT,
    effects.HideTraces: Hearer.INCIDENT,
    effects.TellTraces: Hearer.INCIDENT,
    effects.AskPublic: Hearer.INCIDENT,
}
"""Effect -> who hears of its failure; a test walks the kinds and says what is missing."""

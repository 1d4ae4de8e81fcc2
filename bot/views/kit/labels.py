"""The words and symbols for severities, statuses, effects and the like; tests walk each table for gaps."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.action_items.model import ActionItemPriority, ActionItemStatus
from bot.domain.five_whys.model import AnalysisStatus
from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.postmortems.model import Missing, Section

SEVERITY: Mapping[IncidentSeverity, str] = {
    IncidentSeverity.CRITICAL: "🔴 Critical",
    IncidentSeverity.HIGH: "🟠 High",
    IncidentSeverity.MEDIUM: "🟡 Medium",
    IncidentSeverity.LOW: "🔵 Low",
}

STATUS: Mapping[IncidentStatus, str] = {
    IncidentStatus.OPEN: "Open",
    IncidentStatus.INVESTIGATING: "Investigating",
    IncidentStatus.RESOLVED: "Resolved",
    IncidentStatus.CLOSED: "Closed",
}

STEP: Mapping[IncidentStatus, str] = {
    IncidentStatus.OPEN: "Reopen",
    IncidentStatus.INVESTIGATING: "Investigate",
    IncidentStatus.RESOLVED: "Resolve",
    IncidentStatus.CLOSED: "Close",
}
"""Labels of the buttons that change the status, by the new status."""

ITEM_STATUS: Mapping[ActionItemStatus, str] = {
    ActionItemStatus.OPEN: "Open",
    ActionItemStatus.IN_PROGRESS: "In progress",
    ActionItemStatus.COMPLETED: "✅ Done",
    ActionItemStatus.CANCELLED: "Cancelled",
}

PRIORITY: Mapping[ActionItemPriority, str] = {
    ActionItemPriority.CRITICAL: "🔴 Critical",
    ActionItemPriority.HIGH: "🟠 High",
    ActionItemPriority.MEDIUM: "🟡 Medium",
    ActionItemPriority.LOW: "🔵 Low",
}

ANALYSIS_STATUS: Mapping[AnalysisStatus, str] = {
    AnalysisStatus.ACTIVE: "In progress",
    AnalysisStatus.COMPLETED: "✅ Completed",
    AnalysisStatus.ABANDONED: "Abandoned",
}

SECTION: Mapping[Section, str] = {
    Section.CREATED: "Started",
    Section.TITLE: "Title",
    Section.SUMMARY: "Summary",
    Section.IMPACT: "Impact",
    Section.ROOT_CAUSES: "Root causes",
    Section.LESSONS: "Lessons",
    Section.TIMELINE: "Timeline",
    Section.OWNER: "Owner",
    Section.COMPLETED: "Completed",
    Section.REOPENED: "Reopened",
}

MISSING: Mapping[Missing, str] = {
    Missing.SUMMARY: "a summary",
    Missing.IMPACT: "the impact",
    Missing.ROOT_CAUSE: "a root cause",
    Missing.LESSON: "a lesson",
    Missing.ACTION_ITEM: "an action item",
    Missing.OWNER_AND_DATE: "an action item with an owner and a due date",
    Missing.RESOLUTION: "the resolution",
}

EFFECT: Mapping[str, str] = {
    "CreateChannel": "create the channel",
    "InvitePeople": "invite people to the channel",
    "SetTopic": "set the channel's topic",
    "SetPurpose": "set the channel's description",
    "RenameChannel": "rename the channel",
    "CatchUp": "fetch what was written while I was offline",
    "ShowCard": "show the live card",
    "PinCard": "pin the live card",
    "ShowAnnouncement": "announce the incident",
    "PostUpdate": "post a change in the channel",
    "TellDeclarer": "message the declarer",
    "TellRole": "message somebody about their role",
    "LinkSource": "link the incident in the thread it was declared from",
    "BookmarkCall": "bookmark the call in the channel",
    "BookmarkLink": "bookmark a link in the channel",
    "AnnounceAtHome": "announce the incident in the project's channel",
    "OfferComers": "ask whom to invite",
    "MakeCall": "set up the call with Google Meet",
    "OfferBriefing": "offer a briefing to somebody who joined",
    "TellNotice": "say what has changed about the channel or its people",
    "FindChannel": "find the channel again",
    "ShowActionItem": "show an action item",
    "TellAssignee": "notify the owner of an action item",
    "Remind": "send a reminder about an action item",
    "FindMarkedMessage": "create an action item from a message",
    "SendDigest": "send a weekly digest",
    "PostDigest": "post the weekly digest",
    "ShowAnalysis": "show a five-whys session",
    "AskWhy": "ask the next question of five whys",
    "MarkReply": "mark an answer in a five-whys thread",
    "PostFindings": "post the findings of five whys",
    "NudgeSession": "nudge a quiet five-whys session",
    "TellFacilitator": "notify the facilitator of a five-whys session",
    "TellPostmortemOwner": "notify the owner of a postmortem",
    "ShowPostmortem": "show the postmortem",
    "PublishPostmortem": "write the postmortem document",
    "AnnouncePostmortem": "announce the postmortem",
    "TellWaived": "post that there will be no postmortem",
    "SendExport": "send an export of a postmortem",
    "RemindOfPostmortem": "send a reminder about a postmortem",
    "ShowUpdate": "post an update in the channel",
    "AnnounceUpdate": "post an update in the announcement's thread",
    "RelayUpdate": "post an update in the thread the incident was declared from",
    "TellSubscriber": "send an update to a subscriber",
    "TellStatus": "tell a subscriber about a change of status",
    "NudgeUpdate": "nudge the commander about the next update",
    "ShowPage": "post a page in the channel",
    "TellPaged": "message somebody who was paged",
    "TellUnseen": "report who hasn't been seen since they were paged",
    "ShowChecklist": "show a checklist",
    "NudgeChecklist": "nudge about an open line of a checklist",
    "PutIncidentEvent": "put the incident on the calendar",
    "PutDueDate": "put a due date on the calendar",
    "PutTimeBlock": "block time in a calendar",
    "ArrangeMeeting": "arrange the postmortem meeting",
    "ShowMeeting": "show the postmortem meeting",
    "TellMeetingNews": "post a change to the meeting",
    "SyncCalendar": "check the calendar for changes",
    "ReportFailures": "report failures",
    "TellAsker": "report a failure to the person who asked",
    "PrepareAnnouncements": "prepare the announcements channel",
    "ListPeople": "fetch the list of people",
    "ListNames": "fetch the names of channels and user groups",
    "PublishHome": "update somebody's App Home",
    "SendAnswer": "send an answer",
    "SendAnswerUnlessShown": "send an answer",
    "Examine": "check Slack, the calendar and the settings",
    "TellLacking": "tell admins which scopes are missing",
    "ComparePrivacy": "check which channels are private",
    "ListMembers": "check who is in the private channel",
    "HideTraces": "delete what was sent to outsiders",
    "TellTraces": "send the list of what still mentions the incident",
    "AskPublic": "ask whether to make the incident public",
}
"""Effect -> what it does, to complete "I couldn't …"."""


def effect_label(kind: str) -> str:
    """What an effect does, or its class name if only another version of Muster knows it."""
    return EFFECT.get(kind, f"do “{kind}”, which another version of Muster planned")


NOT_CONNECTED = "google_not_connected"
"""The error code for something in a calendar that is no longer connected, whichever that was.

Its name mentions Google because outbox rows already have this code.
"""
FILE_REFUSED = "slack_file_"
"""The start of error codes that say that a calendar file, and not the calendar, was the problem."""

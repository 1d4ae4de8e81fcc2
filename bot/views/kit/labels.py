"""The words and signs for severities, statuses and effects; a test walks each for gaps."""

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
"""What the button says that takes the step."""

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
    AnalysisStatus.ACTIVE: "Going on",
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
    Section.OWNER: "Who writes it",
    Section.COMPLETED: "Completed",
    Section.REOPENED: "Reopened",
}

MISSING: Mapping[Missing, str] = {
    Missing.SUMMARY: "a summary",
    Missing.IMPACT: "the impact",
    Missing.ROOT_CAUSE: "a root cause",
    Missing.LESSON: "a lesson",
    Missing.ACTION_ITEM: "an action item",
    Missing.OWNER_AND_DATE: "an action item with owner and date",
    Missing.RESOLUTION: "the resolution",
}

EFFECT: Mapping[str, str] = {
    "CreateChannel": "make the channel",
    "InvitePeople": "bring people into the channel",
    "SetTopic": "set the channel's topic",
    "SetPurpose": "set the channel's purpose",
    "RenameChannel": "rename the channel",
    "CatchUp": "record what was written while I was away",
    "ShowCard": "show the live card",
    "PinCard": "pin the live card",
    "ShowAnnouncement": "announce the incident",
    "PostUpdate": "post a change in the channel",
    "TellDeclarer": "tell the declarer",
    "LinkSource": "link the incident in the source thread",
    "ShowActionItem": "show an action item",
    "TellAssignee": "tell the owner of an action item",
    "Remind": "remind somebody of an action item",
    "FindMarkedMessage": "make an action item from a message",
    "SendDigest": "send a weekly digest",
    "PostDigest": "post the weekly digest",
    "ShowAnalysis": "show a five-whys session",
    "AskWhy": "ask the next why",
    "MarkReply": "mark an answer in a five-whys thread",
    "PostFindings": "post what five whys found",
    "NudgeSession": "nudge a quiet five-whys session",
    "ShowPostmortem": "show the postmortem",
    "PublishPostmortem": "write the postmortem's document",
    "AnnouncePostmortem": "announce what came of the incident",
    "TellWaived": "say that there will be no postmortem",
    "SendExport": "send an export of a postmortem",
    "RemindOfPostmortem": "remind somebody of a postmortem",
    "PutIncidentEvent": "put the incident into the calendar",
    "PutDueDate": "put a due date into the calendar",
    "PutTimeBlock": "block time in a calendar",
    "ArrangeMeeting": "arrange the postmortem's meeting",
    "ShowMeeting": "show the postmortem's meeting",
    "TellMeetingNews": "tell what happened to the meeting",
    "SyncCalendar": "see what changed in the calendar",
    "ReportFailures": "report failures",
    "PrepareAnnouncements": "prepare the announcements channel",
    "ListPeople": "list the workspace's people",
    "PublishHome": "show an App Home",
    "SendAnswer": "send an answer",
    "ComparePrivacy": "see which channels are private",
    "ListMembers": "see who is in the private channel",
    "HideTraces": "delete what was sent to outsiders",
    "TellTraces": "list what still mentions the incident",
    "AskPublic": "ask whether to make the incident public",
}
"""What an effect does, to follow "I could not …"."""


def effect_label(kind: str) -> str:
    """What an effect of that kind does, or its name if only another version of Muster knows it."""
    return EFFECT.get(kind, f"do “{kind}”, planned by another version of me")


NOT_CONNECTED = "google_not_connected"
"""What is in a calendar that is no longer connected, whichever it was; the outbox has rows with this code."""
REMEDY: Mapping[str, str] = {
    "unreadable": ": planned by another version of me, which can still do it",
    "is_archived": ": unarchive the channel and I try again",
    "not_in_channel": ": invite me to the channel and I try again",
    NOT_CONNECTED: ": it is in a calendar that I am not connected to any more",
    "google_credentials": ": whoever runs me looks at the file with my credentials for Google",
    "google_token_revoked": ": whoever runs me runs `python app.py --google-login` again",
    "google_notFound": ": `GOOGLE_CALENDAR_ID` names no calendar that I may see",
    "google_requiredAccessLevel": ": share the calendar with me, with the right to change events",
    "google_forbidden": ": share the calendar with me, with the right to change events",
}
"""What people can do about an error, to follow its code."""

"""The words and symbols for severities, statuses, effects and the like; tests walk each table for gaps."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.action_items.model import ActionItemPriority, ActionItemStatus
from bot.domain.five_whys.model import AnalysisStatus
from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.outbox.rows import RESTORED
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
    "SetPurpose": "set the channel's purpose",
    "RenameChannel": "rename the channel",
    "CatchUp": "fetch what was written while I was offline",
    "ShowCard": "show the live card",
    "PinCard": "pin the live card",
    "ShowAnnouncement": "announce the incident",
    "PostUpdate": "post a change in the channel",
    "TellDeclarer": "message the declarer",
    "LinkSource": "link the incident in the thread it was declared from",
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
    "ShowPostmortem": "show the postmortem",
    "PublishPostmortem": "write the postmortem document",
    "AnnouncePostmortem": "announce the postmortem",
    "TellWaived": "post that there will be no postmortem",
    "SendExport": "send an export of a postmortem",
    "RemindOfPostmortem": "send a reminder about a postmortem",
    "PutIncidentEvent": "put the incident on the calendar",
    "PutDueDate": "put a due date on the calendar",
    "PutTimeBlock": "block time in a calendar",
    "ArrangeMeeting": "arrange the postmortem meeting",
    "ShowMeeting": "show the postmortem meeting",
    "TellMeetingNews": "post a change to the meeting",
    "SyncCalendar": "check the calendar for changes",
    "ReportFailures": "report failures",
    "PrepareAnnouncements": "prepare the announcements channel",
    "ListPeople": "fetch the list of people",
    "ListNames": "fetch the names of channels and user groups",
    "PublishHome": "update somebody's App Home",
    "SendAnswer": "send an answer",
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
_NOT_GRANTED = ": ask whoever runs this bot to grant it the rights that `docs/google.md` lists"
_CERTIFICATE = (
    ": {0}'s certificate can't be verified; ask whoever runs this bot to set `SSL_CERT_FILE` "
    "to your company's CA bundle"
)
REMEDY: Mapping[str, str] = {
    RESTORED: ": this comes from a backup and may already be done; ask whoever runs this bot to decide with "
    "`python app.py --restored`",
    "unreadable": ": another version of Muster planned this, and can still do it",
    "is_archived": ": unarchive the channel, and I'll try again",
    "not_in_channel": ": invite me to the channel, and I'll try again",
    NOT_CONNECTED: ": it's in a calendar that is no longer connected",
    "slack_certificate": _CERTIFICATE.format("Slack"),
    "google_certificate": _CERTIFICATE.format("Google"),
    "proxy_403": ": ask whoever runs this bot to have the proxy allow the hosts of Slack and Google",
    "proxy_407": ": ask whoever runs this bot to check the password in `HTTPS_PROXY`",
    "google_credentials": ": ask whoever runs this bot to check its Google credentials file",
    "google_token_revoked": ": ask whoever runs this bot to run `python app.py --google-login` again",
    "google_token_refused": _NOT_GRANTED,
    "google_insufficientPermissions": _NOT_GRANTED,
    "google_notFound": ": `GOOGLE_CALENDAR_ID` isn't a calendar that I can see",
    "google_requiredAccessLevel": ": share the calendar with me, with permission to change events",
    "google_forbidden": ": share the calendar with me, with permission to change events",
}
"""Error code -> what people can do about it, to be appended to the code."""

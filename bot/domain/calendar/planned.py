"""The effects that update the calendar. Nothing else about an incident waits for them."""

from __future__ import annotations

from base64 import b32hexencode
from datetime import datetime
from hashlib import sha256

from bot.domain.calendar.meetings import Meeting, News, meeting_ref
from bot.domain.calendar.time_blocks import TimeBlock
from bot.domain.incidents.model import ref_of
from bot.domain.kit.keys import fitting
from bot.domain.outbox.effects import (
    ArrangeMeeting,
    MakeCall,
    PutDueDate,
    PutIncidentEvent,
    PutTimeBlock,
    ShowMeeting,
    SyncCalendar,
    TellMeetingNews,
)
from bot.domain.outbox.rows import Planned

SYNC_LANE = "calendar/sync"


def incident_event(incident_id: int, cause: str = "") -> Planned:
    """Update the incident's event; ``cause`` is unique, and empty for the declaration."""
    lane = incident_key(incident_id)
    key = f"{lane}/{cause}" if cause else lane
    # After the channel exists, because the event links to it.
    return Planned(PutIncidentEvent(incident_id), key, lane, f"{ref_of(incident_id)}/channel", coalesce=True)


def making_call(incident_id: int) -> Planned:
    """Have the calendar set up the incident's call; nothing waits for it, and it waits for nothing."""
    lane = call_key(incident_id)
    return Planned(MakeCall(incident_id), lane, lane)


def due_date(incident_id: int, item_id: int, cause: str) -> Planned:
    """Update the event of an action item's due date; ``cause`` is unique."""
    lane = due_key(incident_id, item_id)
    return Planned(PutDueDate(incident_id, item_id), f"{lane}/{cause}", lane, coalesce=True)


def time_block(block: TimeBlock, cause: str) -> Planned:
    """Update the event of a time block; ``cause`` is unique."""
    lane = block_key(block.incident_id, block.id)
    return Planned(PutTimeBlock(block.incident_id, block.id), f"{lane}/{cause}", lane, coalesce=True)


def arranging(meeting: Meeting, cause: str) -> list[Planned]:
    """Take the meeting's next step, and update its message; ``cause`` is unique."""
    lane = f"{meeting_key(meeting.incident_id, meeting.id)}/calendar"
    arranges = ArrangeMeeting(meeting.incident_id, meeting.id)
    return [Planned(arranges, f"{lane}/{cause}", lane, coalesce=True), showing(meeting, cause)]


def showing(meeting: Meeting, cause: str) -> Planned:
    """Update the meeting's message; ``cause`` is unique."""
    return showing_number(meeting.incident_id, meeting.id, cause)


def showing_number(incident_id: int, meeting_id: int, cause: str) -> Planned:
    """Like :func:`showing`, for callers that only have the ids."""
    lane, needs = meeting_key(incident_id, meeting_id), f"{ref_of(incident_id)}/channel"
    return Planned(ShowMeeting(incident_id, meeting_id), f"{lane}/{cause}", lane, needs, coalesce=True)


def telling(meeting: Meeting, news: News, about: str, cause: str) -> Planned:
    """Report something that happened to the meeting in the calendar."""
    lane = meeting_key(meeting.incident_id, meeting.id)
    tells = TellMeetingNews(meeting.incident_id, meeting.id, news.value, about)
    return Planned(tells, fitting(f"{lane}/{news.value}/{about}/{cause}"), f"{lane}/news")


def syncing(at: datetime) -> Planned:
    """Fetch what has changed in the calendar; ``at`` names the poll."""
    return Planned(SyncCalendar(), f"{SYNC_LANE}/{at.timestamp():.0f}", SYNC_LANE, coalesce=True)


def incident_key(incident_id: int) -> str:
    """The key of an incident's event."""
    return f"{ref_of(incident_id)}/event"


def call_key(incident_id: int) -> str:
    """The key of setting up an incident's call."""
    return f"{incident_key(incident_id)}/call"


def due_key(incident_id: int, item_id: int) -> str:
    """The key of a due date's event."""
    return f"{ref_of(incident_id)}/due/{item_id}"


def block_key(incident_id: int, block_id: int) -> str:
    """The key of a time block's event."""
    return f"{ref_of(incident_id)}/block/{block_id}"


def meeting_key(incident_id: int, meeting_id: int) -> str:
    """The key of a meeting's message and of its event."""
    return f"{ref_of(incident_id)}/{meeting_ref(meeting_id)}"


def event_id(installation: str, key: str) -> str:
    """The id of an event in every calendar: base32hex, lower case, 52 characters.

    It is a digest, since everybody who can see the event can see its id, and two installations may share a
    calendar.

    https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
    """
    digest = sha256(f"{installation}/{key}".encode()).digest()
    return b32hexencode(digest).decode().rstrip("=").lower()

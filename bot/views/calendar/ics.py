"""A meeting as a file that every calendar imports, for people whom no calendar invites.

https://datatracker.ietf.org/doc/html/rfc5545, and for its methods https://datatracker.ietf.org/doc/html/rfc5546
"""

from __future__ import annotations

from datetime import datetime

from bot.domain.calendar.meetings import Meeting, MeetingPlan
from bot.domain.calendar.slots import Slot
from bot.views.calendar.events import PRIVATE, agenda


def meeting_file(plan: MeetingPlan, slot: Slot, *, is_cancelled: bool = False) -> str:
    """The file's content: a new meeting, a changed one, or a cancellation."""
    # Importing it takes a tenth of a second, and most meetings need no file.
    from icalendar import Calendar, Event  # noqa: PLC0415

    incident, meeting = plan.incident, plan.meeting
    event = Event()
    event.add("uid", f"{plan.event_id}@muster")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", _whole(meeting.updated_at))
    event.add("dtstart", _whole(slot.start))
    event.add("dtend", _whole(slot.end))
    event.add("summary", PRIVATE if incident.is_private else f"Postmortem {incident.ref}: {incident.title}")
    if not incident.is_private:
        event.add("description", agenda(plan))
    # Both methods require an organizer; nobody should be able to send mail to this one.
    event.add("organizer", "mailto:muster@slack.invalid", parameters={"CN": "Muster"})
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    made = Calendar()
    made.add("prodid", "-//Muster//EN")
    made.add("version", "2.0")
    made.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    made.add_component(event)
    return str(made.to_ical().decode())


def file_name(ref: str, meeting: Meeting) -> str:
    """The name of the file for the meeting's current revision."""
    return f"{ref}-postmortem-meeting-{meeting.id}-{meeting.sequence}.ics"


def _whole(when: datetime) -> datetime:
    return when.replace(microsecond=0)

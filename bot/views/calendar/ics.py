"""A meeting as a file that every calendar can import, for people whom no calendar invites.

The format is https://datatracker.ietf.org/doc/html/rfc5545, its methods
https://datatracker.ietf.org/doc/html/rfc5546
"""

from __future__ import annotations

from bot.domain.calendar.events import CalendarEvent
from bot.domain.calendar.meetings import Meeting


def event_file(event: CalendarEvent, *, is_cancelled: bool = False) -> str:
    """The file's content: a new meeting, a later revision of it, or its cancellation."""
    # Loading it takes a tenth of a second, and most meetings don't need it.
    from icalendar import Calendar, Event  # noqa: PLC0415

    component = Event()
    component.add("uid", f"{event.id}@muster")
    component.add("sequence", event.revision)
    component.add("dtstamp", event.changed_at)
    component.add("dtstart", event.starts)
    component.add("dtend", event.ends)
    component.add("summary", event.title)
    if event.text:
        component.add("description", event.text)
    # Both methods require an organizer; nobody should get mail at this address.
    component.add("organizer", "mailto:muster@slack.invalid", parameters={"CN": "Muster"})
    component.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    made = Calendar()
    made.add("prodid", "-//Muster//EN")
    made.add("version", "2.0")
    made.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    made.add_component(component)
    return str(made.to_ical().decode())


def file_name(ref: str, meeting: Meeting) -> str:
    """The name of the file for the meeting's current revision."""
    return f"{ref}-postmortem-meeting-{meeting.id}-{meeting.sequence}.ics"

"""A meeting as a file that every calendar imports, for people whom no calendar invites.

https://datatracker.ietf.org/doc/html/rfc5545, and for its methods https://datatracker.ietf.org/doc/html/rfc5546
"""

from __future__ import annotations

from bot.domain.calendar.events import CalendarEvent
from bot.domain.calendar.meetings import Meeting


def event_file(event: CalendarEvent, *, is_cancelled: bool = False) -> str:
    """The file's content: a new meeting, or the earlier one at another time, or its end."""
    # It takes a tenth of a second to load, and most meetings need none.
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
    # A must for both methods; nobody is to be mailed.
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

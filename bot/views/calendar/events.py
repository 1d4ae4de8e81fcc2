"""Events in the form that Google Calendar takes, made from domain values.

https://developers.google.com/workspace/calendar/api/v3/reference/events. A private incident's event says only
that it is private, because more people see the calendar than are in the incident's channel.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import Any

from bot.domain.calendar.events import DueDateEvent, IncidentEvent
from bot.domain.calendar.meetings import MeetingPlan
from bot.domain.calendar.slots import Slot
from bot.domain.calendar.time_blocks import BlockPlan
from bot.domain.incidents.model import Incident
from bot.domain.incidents.privacy import conversion_of
from bot.domain.kit.text import cut
from bot.domain.postmortems.documents import Document

Event = dict[str, Any]

PRIVATE = "Private incident"
_TITLE, _DESCRIPTION = 1000, 7000
"""Characters; Google takes 1,024 and 8,192, and escaping makes texts longer."""
_AT_LEAST = timedelta(minutes=1)
_OPEN_ENDED = timedelta(hours=1)
"""How long an unresolved incident is shown."""


def incident_event(shown: IncidentEvent) -> Event:
    """An event from the declaration to the resolution, which makes nobody busy."""
    incident = shown.incident
    end = incident.resolved_at or max(incident.declared_at + _OPEN_ENDED, incident.updated_at)
    title = f"{incident.ref} [{incident.severity.value}] {incident.title}"
    return {
        **_words(incident, title, _link(shown.channel_link)),
        **_times(incident.declared_at, max(end, incident.declared_at + _AT_LEAST)),
        "transparency": "transparent",
    }


def due_event(shown: DueDateEvent, *, has_guests: bool) -> Event | None:
    """An all-day event with the owner as its guest; ``None`` if the item has no due date or isn't open."""
    item, incident = shown.item, shown.incident
    if item.due_date is None or not item.is_to_do:
        return None
    whose = f" ({shown.owner.name})" if shown.owner else ""
    day_after = item.due_date + timedelta(days=1)
    owner = shown.owner
    guests = [_guest(owner.email, owner.name)] if has_guests and owner and owner.email else []
    return {
        **_words(incident, f"Due: {item.ref} {item.title}{whose}", _link(shown.channel_link)),
        "start": {"date": item.due_date.isoformat()},
        "end": {"date": day_after.isoformat()},
        "transparency": "transparent",
        "attendees": guests,
    }


def block_event(plan: BlockPlan, *, has_guests: bool) -> Event | None:
    """An event that makes somebody busy for an incident; ``None`` if it ended before it began."""
    block, incident = plan.block, plan.incident
    # In whole seconds, as Google gets them: it refuses an event that ends when it begins.
    if not block.starts_at or not block.ends_at or _whole(block.ends_at) <= _whole(block.starts_at):
        return None
    guests = []
    if has_guests and plan.person.email:
        # They have agreed in Slack.
        guests = [{**_guest(plan.person.email, plan.person.name), "responseStatus": "accepted"}]
    whose = "" if has_guests else f" ({plan.person.name})"
    return {
        **_words(incident, f"{incident.ref}: investigating{whose}", _link(plan.channel_link)),
        **_times(block.starts_at, block.ends_at),
        "transparency": "opaque",
        "attendees": guests,
    }


def meeting_event(plan: MeetingPlan, slot: Slot) -> Event:
    """The meeting with its agenda, a video call, and everybody who has an e-mail address."""
    incident = plan.incident
    title = f"Postmortem {incident.ref}: {incident.title}"
    guests: dict[str, Event] = {}
    for each in plan.invitees:
        if each.email:
            # If two share an address, the first counts: required people come before optional ones.
            guests.setdefault(each.email, {**_guest(each.email, each.name), "optional": not each.is_required})
    invites = "guestsCanInviteOthers"
    private = {invites: False} if incident.is_private else _opened(incident, invites, True)
    return {
        **_words(incident, title, agenda(plan)),
        **_times(slot.start, slot.end),
        "transparency": "opaque",
        "attendees": list(guests.values()),
        # The same id for every attempt, so that only one video call is created.
        "conferenceData": {
            "createRequest": {
                "requestId": plan.event_id,
                "conferenceSolutionKey": {"type": "hangoutsMeet"},
            }
        },
        **private,
    }


def agenda(plan: MeetingPlan) -> str:
    """The postmortem as far as it is written, then a link to the incident."""
    parts = _draft_parts(plan.draft) if plan.draft else ["What happened, why, and what we can learn from it."]
    link = _link(plan.channel_link)
    told = _shortened("\n\n".join(parts), _DESCRIPTION - len(escape(link, quote=False)))
    return "\n\n".join(filter(None, [told, link]))


def _draft_parts(draft: Document) -> list[str]:
    found = draft.postmortem
    parts = [f"Summary\n{found.summary}"] if found.summary else []
    if found.impact:
        parts.append(f"Impact\n{found.impact}")
    for title, lines in (
        ("Root causes", found.root_causes),
        ("Lessons", [each.lesson for each in found.lessons_learned]),
        ("Action items", [_item_line(*each) for each in draft.items]),
    ):
        if lines:
            parts.append("\n".join([title, *(f"- {each}" for each in lines)]))
    return parts or [
        "The draft is still empty. We'll talk about what happened, why, and what we can learn from it."
    ]


def _item_line(item: Any, owner: str) -> str:
    due = f", due {item.due_date}" if item.due_date else ""
    return f"{item.ref} {item.title} ({owner or 'nobody yet'}{due})"


def _words(incident: Incident, title: str, text: str) -> Event:
    if incident.is_private:
        return {"summary": PRIVATE, "description": "", "visibility": "private"}
    # Google shows descriptions as HTML.
    words = {"summary": cut(title, _TITLE), "description": escape(text, quote=False)}
    return words | _opened(incident, "visibility", "default")


def _opened(incident: Incident, name: str, value: object) -> Event:
    """Resets a field if the incident used to be private; otherwise people may choose its value."""
    return {name: value} if conversion_of(incident) else {}


def _shortened(text: str, limit: int) -> str:
    """As much of the text as fits within the limit once it is escaped."""
    while (size := len(escape(text, quote=False))) > limit:
        text = cut(text, len(text) * limit // size)
    return text


def _times(start: datetime, end: datetime) -> Event:
    return {"start": {"dateTime": _whole(start).isoformat()}, "end": {"dateTime": _whole(end).isoformat()}}


def _whole(when: datetime) -> datetime:
    return when.replace(microsecond=0)


def _guest(email: str | None, name: str) -> Event:
    return {"email": email, "displayName": name}


def _link(address: str | None) -> str:
    return f"In Slack: {address}" if address else ""

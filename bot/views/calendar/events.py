"""Events for a calendar, made from domain values.

The event of a private incident says only that it is private: more people see a calendar than are in the
incident's channel.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from html import escape
from typing import Any

from bot.domain.calendar.events import CalendarEvent, DueDateEvent, Guest, IncidentEvent
from bot.domain.calendar.meetings import MeetingPlan
from bot.domain.calendar.slots import Slot
from bot.domain.calendar.time_blocks import BlockPlan
from bot.domain.incidents.model import Incident
from bot.domain.kit.bookings import is_whole_day
from bot.domain.kit.people import Person
from bot.domain.kit.text import cut
from bot.domain.postmortems.documents import Document
from bot.views.kit.emoji import with_emoji

PRIVATE = "Private incident"
_TITLE, _DESCRIPTION = 1000, 7000
"""Characters that every calendar takes: Google allows 1,024 and 8,192, counted after escaping as HTML."""
_AT_LEAST = timedelta(minutes=1)
_OPEN_ENDED = timedelta(hours=1)
"""The least time for which an unresolved incident is shown."""


def incident_event(shown: IncidentEvent) -> CalendarEvent:
    """The event of an incident, from its declaration to its resolution; nobody is busy because of it."""
    incident = shown.incident
    end = incident.resolved_at or max(incident.declared_at + _OPEN_ENDED, incident.updated_at)
    return CalendarEvent(
        id=shown.event_id,
        title=_title(incident, f"{incident.ref} [{incident.severity.value}] {incident.title}"),
        text=_text(incident, _link(shown.channel_link)),
        starts=_whole(incident.declared_at),
        ends=_whole(max(end, incident.declared_at + _AT_LEAST)),
        is_busy=False,
        changed_at=_whole(incident.updated_at),
        is_private=_privacy(incident),
    )


def due_event(shown: DueDateEvent) -> CalendarEvent | None:
    """An all-day event for a due date, with the owner as its guest; ``None`` if nothing is due."""
    item, incident, owner = shown.item, shown.incident, shown.owner
    if item.due_date is None or not item.is_to_do:
        return None
    whose = f" ({owner.name})" if owner else ""
    midnight = datetime.combine(item.due_date, time(), UTC)
    return CalendarEvent(
        id=shown.event_id,
        title=_title(incident, f"Due: {item.ref} {item.title}{whose}"),
        text=_text(incident, _link(shown.channel_link)),
        starts=midnight,
        ends=midnight + timedelta(days=1),
        is_whole_day=True,
        is_busy=False,
        changed_at=_whole(item.updated_at),
        guests=_guests(owner),
        is_private=_privacy(incident),
    )


def block_event(plan: BlockPlan) -> CalendarEvent | None:
    """Busy time for an incident in somebody's calendar; ``None`` if it ended before it began."""
    block, incident = plan.block, plan.incident
    # Calendars count whole seconds, and an event has to end after it begins.
    if not block.starts_at or not block.ends_at or _whole(block.ends_at) <= _whole(block.starts_at):
        return None
    title = f"{incident.ref}: investigating"
    return CalendarEvent(
        id=plan.event_id,
        title=_title(incident, title),
        title_alone=_title(incident, f"{title} ({plan.person.name})"),
        text=_text(incident, _link(plan.channel_link)),
        starts=_whole(block.starts_at),
        ends=_whole(block.ends_at),
        is_busy=True,
        changed_at=_whole(block.updated_at),
        # They have said yes in Slack, but a calendar might hide an event that was answered for them.
        guests=_guests(plan.person),
        is_private=_privacy(incident),
    )


def meeting_event(plan: MeetingPlan, slot: Slot) -> CalendarEvent:
    """The meeting, with an agenda, a video call, and everybody whose e-mail address is known as a guest."""
    incident, privacy = plan.incident, _privacy(plan.incident)
    return CalendarEvent(
        id=plan.event_id,
        title=_title(incident, f"Postmortem {incident.ref}: {incident.title}"),
        text=_text(incident, agenda(plan)),
        starts=_whole(slot.start),
        ends=_whole(slot.end),
        is_busy=True,
        is_whole_day=is_whole_day(slot.start, slot.end),
        changed_at=_whole(plan.meeting.updated_at),
        revision=plan.meeting.sequence,
        guests=tuple(
            Guest(each.email, each.name, is_optional=not each.is_required)
            for each in plan.invitees
            if each.email
        ),
        has_call=True,
        is_private=privacy,
        is_open=None if privacy is None else not privacy,
    )


def agenda(plan: MeetingPlan) -> str:
    """The postmortem's current draft, followed by a link to the incident."""
    parts = _draft_parts(plan.draft) if plan.draft else ["What happened, why, and what we can learn from it."]
    link = _link(plan.channel_link)
    told = _shortened(with_emoji("\n\n".join(parts)), _DESCRIPTION - len(escape(link, quote=False)))
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
    return f"{item.ref} {item.title} ({owner or 'no owner yet'}{due})"


def _title(incident: Incident, title: str) -> str:
    return PRIVATE if incident.is_private else cut(with_emoji(title), _TITLE)


def _text(incident: Incident, text: str) -> str:
    return "" if incident.is_private else text


def _privacy(incident: Incident) -> bool | None:
    """Whether the event is private; ``False`` resets one that used to be, ``None`` lets people choose."""
    if incident.is_private:
        return True
    return False if incident.conversion else None


def _guests(person: Person | None) -> tuple[Guest, ...]:
    if not person or not person.email:
        return ()
    return (Guest(person.email, person.name),)


def _shortened(text: str, limit: int) -> str:
    """As much of the text as fits within ``limit`` characters after escaping."""
    while (size := len(escape(text, quote=False))) > limit:
        text = cut(text, len(text) * limit // size)
    return text


def _whole(when: datetime) -> datetime:
    return when.replace(microsecond=0)


def _link(address: str | None) -> str:
    return f"In Slack: {address}" if address else ""

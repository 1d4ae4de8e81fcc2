"""Reads meetings. One that the viewer may not see doesn't exist for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import (
    LENGTHS,
    NOTICE,
    WORKING_DAYS,
    Invitee,
    Meeting,
    MeetingDefaults,
    MeetingPlan,
)
from bot.domain.calendar.slots import Search
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import UnknownMeeting
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.working_days import WorkingCalendar
from bot.operations.kit.access import existing_incident, participant
from bot.operations.kit.links import channel_link
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Tx
from bot.operations.kit.working_days import Calendars
from bot.operations.postmortems.facts import document_of
from storage import (
    action_items,
    calendar,
    five_whys,
    incidents,
    meetings,
    people,
    postmortems,
    timeline_reads,
)


def existing_meeting(tx: Tx, meeting_id: int, viewer: Viewer, *, lock: bool = False) -> Meeting:
    """The meeting; raises ``UnknownMeeting`` if there is none that the viewer may see."""
    found = meetings.get(tx.connection, meeting_id, viewer, lock=lock)
    if found is None:
        raise UnknownMeeting
    return found


def defaults_of(tx: Tx, incident_id: int, viewer: str) -> MeetingDefaults:
    """What the form starts with when ``viewer`` opens it; raises ``UnknownRef``."""
    incident = existing_incident(tx, incident_id, viewer)
    found = meetings.last_of(tx.connection, incident_id)
    window = _next_days(Calendars(tx).of(tx.once(people.get, viewer)), tx.now)
    is_connected = tx.once(calendar.connected) is not None
    if found and found.is_live and not found.is_over(tx.now):
        asked = (found.required, found.optional, found.minutes)
        return MeetingDefaults(incident, *asked, window, found.id, is_connected)
    concerned = _concerned(tx, incident)
    return MeetingDefaults(incident, concerned, (), LENGTHS[0], window, None, is_connected)


def plan_of(tx: Tx, meeting_id: int) -> MeetingPlan | None:
    """The meeting as it is now, with all that is needed to arrange it, or ``None`` if there is none."""
    meeting = meetings.get(tx.connection, meeting_id, SYSTEM)
    incident = incidents.get(tx.connection, meeting.incident_id, SYSTEM) if meeting else None
    if meeting is None or incident is None:
        return None
    calendars = Calendars(tx)
    invitees, hours = [], {}
    for user_id in meeting.people:
        person = participant(tx, user_id, incident)
        # People who have since left the company or a private incident's channel are no longer invited.
        if person is None:
            continue
        hours[user_id] = calendars.of(person)
        zone = str(hours[user_id].zone)
        is_required = user_id in meeting.required
        invitees.append(Invitee(user_id, person.name, person.email, zone, is_required))
    asker = calendars.of(tx.once(people.get, meeting.asked_by))
    key = calendar_planned.meeting_key(incident.id, meeting.id)
    draft = postmortems.of_incident(tx.connection, incident.id, SYSTEM)
    return MeetingPlan(
        meeting,
        incident,
        tuple(invitees),
        hours,
        _search(meeting, asker, tx.now),
        calendar_planned.event_id(tx.once(calendar.installation), key),
        channel_link(tx, incident),
        document_of(tx, incident, draft) if draft else None,
        tx.once(calendar.connected) is not None,
    )


def _concerned(tx: Tx, incident: Incident) -> tuple[str, ...]:
    """People with roles, owners of action items and people who wrote, if they may act and see it."""
    draft = postmortems.of_incident(tx.connection, incident.id, SYSTEM)
    played = [user_id for _, user_id in roles_in(tx, incident).held]
    found: list[str | None] = [*played, draft.owner_id if draft else None, incident.declared_by]
    found += [each.facilitator_id for each in five_whys.of_incident(tx.connection, incident.id)]
    found += [each.assigned_to for each in action_items.of_incident(tx.connection, incident.id)]
    entries = timeline_reads.find(tx.connection, incident.id, everything=True)
    found += [each.by for each in entries if each.kind is EntryKind.MESSAGE]
    return tuple(each for each in dict.fromkeys(found) if each and participant(tx, each, incident))


def _next_days(hours: WorkingCalendar, now: datetime) -> tuple[date, date]:
    """The first and the last of the next ``WORKING_DAYS`` working days, not counting today."""
    day = first = hours.first_from(hours.today(now) + timedelta(days=1))
    for _ in range(WORKING_DAYS - 1):
        day = hours.first_from(day + timedelta(days=1))
    return first, day


def _search(meeting: Meeting, asker: WorkingCalendar, now: datetime) -> Search:
    first, last = (
        _midnight(day, asker) for day in (meeting.window[0], meeting.window[1] + timedelta(days=1))
    )
    return Search(meeting.minutes, max(now + NOTICE, first), last)


def _midnight(day: date, hours: WorkingCalendar) -> datetime:
    return datetime.combine(day, time(), hours.zone).astimezone(UTC)

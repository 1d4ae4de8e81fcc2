"""Arranges the meeting about an incident's postmortem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import (
    LENGTHS,
    MAX_PEOPLE,
    MAX_WINDOW,
    PROPOSED,
    Meeting,
    MeetingDefaults,
    MeetingPlan,
    MeetingStatus,
    Reply,
    clean_people,
)
from bot.domain.calendar.slots import Slot
from bot.domain.incidents.model import Incident
from bot.domain.kit.bookings import Booking
from bot.domain.kit.errors import (
    BotError,
    LengthOdd,
    MeetingIs,
    MeetingThere,
    NobodyInvited,
    OutsiderInvited,
    TimePassed,
    TooManyInvited,
    WindowPassed,
    WindowReversed,
    WindowTooLong,
)
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.surface.forms import MeetingInput
from bot.operations.calendar.meeting_reads import defaults_of, existing_meeting, plan_of
from bot.operations.consequences.changes import meeting_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, require_candidate
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import calendar, incidents, meetings


class PostmortemMeetings(Operations):
    """Arranges meetings: each change is stored first, and the calendar follows.

    ``by`` is the person who acts, and has to pass the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a redelivery changes nothing. Raises ``UnknownMeeting`` if the person may not see the
    meeting. :class:`bot.operations.calendar.sync.CalendarSync` takes in what people change in the calendar.
    """

    @transaction
    def ask(self, tx: Tx, filled: MeetingInput, *, by: str, key: str) -> Meeting:
        """Look for times for a new meeting, or for other times for the current one.

        Raises errors that name their field, and ``MeetingThere`` if somebody else got there first.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, filled.incident_id, by, lock=True)
        before = meetings.last_of(tx.connection, incident.id, lock=True)
        if not is_new:
            return before or existing_meeting(tx, 0, by, lock=True)
        required, optional = clean_people(filled.required, filled.optional)
        _check_people(tx, incident, required, optional)
        if filled.minutes not in LENGTHS:
            raise LengthOdd
        window = _window(filled.window_from, filled.window_to, Calendars(tx).today(by))
        live = before if before and before.is_live and not before.is_over(tx.now) else None
        if live and filled.meeting_id != live.id:
            raise MeetingThere(ref=incident.ref)
        asked: dict[str, Any] = {
            "status": MeetingStatus.LOOKING,
            "required": required,
            "optional": optional,
            "minutes": filled.minutes,
            "window": window,
            # The window's days are in this person's time zone.
            "asked_by": by,
        }
        if live:
            return _look_again(tx, replace(live, **asked), key)
        new = Meeting(id=0, incident_id=incident.id, created_at=tx.now, updated_at=tx.now, **asked)
        return _add(tx, new, key)

    @transaction
    def other_times(self, tx: Tx, meeting_id: int, *, by: str, key: str) -> Meeting:
        """Look for the next best times; raises ``MeetingIs`` if none are on offer."""
        is_new = begin(tx, by, key)
        found = existing_meeting(tx, meeting_id, by, lock=True)
        if not is_new or found.status is MeetingStatus.LOOKING:
            return found
        if found.status is not MeetingStatus.OFFERED:
            raise MeetingIs(status=found.status.value)
        return _look_again(tx, found, key, skip=found.skip + PROPOSED)

    @transaction
    def choose(self, tx: Tx, meeting_id: int, start: datetime, *, by: str, key: str) -> Meeting:
        """Book an offered time; raises ``MeetingIs`` if it's no longer on offer, and ``TimePassed``."""
        is_new = begin(tx, by, key)
        found = existing_meeting(tx, meeting_id, by, lock=True)
        if not is_new or _stands_at(found, start):
            return found
        slot = next((each for each in found.offered if each.start == start), None)
        if found.status is not MeetingStatus.OFFERED or slot is None:
            raise MeetingIs(status=found.status.value)
        if start <= tx.now:
            raise TimePassed
        return _want(tx, found, slot, key, is_picked=False)

    @transaction
    def pick(self, tx: Tx, meeting_id: int, start: datetime, *, by: str, key: str) -> Meeting:
        """Book any time, even if people are busy then; raises ``TimePassed`` and ``MeetingIs``."""
        is_new = begin(tx, by, key)
        found = existing_meeting(tx, meeting_id, by, lock=True)
        if start <= tx.now:
            raise TimePassed
        if not is_new or _stands_at(found, start):
            return found
        if not found.is_live:
            raise MeetingIs(status=found.status.value)
        slot = Slot(start, start + timedelta(minutes=found.minutes))
        return _want(tx, found, slot, key, is_picked=True)

    @transaction
    def keep(self, tx: Tx, meeting_id: int, *, by: str, key: str) -> Meeting:
        """Keep the current booking instead of looking for another time; raises ``MeetingIs``."""
        is_new = begin(tx, by, key)
        found = existing_meeting(tx, meeting_id, by, lock=True)
        if not is_new or found.status is MeetingStatus.BOOKED:
            return found
        if found.booking is None or found.status not in {MeetingStatus.LOOKING, MeetingStatus.OFFERED}:
            raise MeetingIs(status=found.status.value)
        kept = replace(found, status=MeetingStatus.BOOKED, offered=(), was_taken=False)
        # The booking wasn't updated while people were looking for another time.
        return _save(tx, kept, key, arranges=True)

    @transaction
    def cancel(self, tx: Tx, meeting_id: int, *, by: str, key: str) -> Meeting:
        """Cancel the meeting, in the calendar too; raises ``MeetingIs`` if it has already taken place."""
        is_new = begin(tx, by, key)
        found = existing_meeting(tx, meeting_id, by, lock=True)
        if not is_new or not found.is_live:
            return found
        if found.is_over(tx.now):
            raise MeetingIs(status="over")
        gone = replace(
            found, status=MeetingStatus.CANCELLED, offered=(), wanted=None, sequence=found.sequence + 1
        )
        return _save(tx, gone, key, arranges=True)

    @reading
    def get_meeting(self, tx: Tx, meeting_id: int, *, viewer: Viewer) -> Meeting:
        """One meeting; raises ``UnknownMeeting``."""
        return existing_meeting(tx, meeting_id, viewer)

    @reading
    def defaults(self, tx: Tx, incident_id: int, *, viewer: str) -> MeetingDefaults:
        """What the form starts with when ``viewer`` opens it; raises ``UnknownRef``."""
        return defaults_of(tx, incident_id, viewer)

    @reading
    def plan(self, tx: Tx, meeting_id: int) -> MeetingPlan | None:
        """The meeting as it is now, with all that is needed to arrange it, or ``None`` if there is none."""
        return plan_of(tx, meeting_id)

    # Performers report here. The status stays as it is if the meeting has moved on since they read it.

    @transaction
    def offer(self, tx: Tx, seen: Meeting, slots: tuple[Slot, ...], skip: int) -> None:
        """Offer the times that were found for the meeting as it was ``seen``."""
        found = meetings.get(tx.connection, seen.id, SYSTEM, lock=True)
        if found and found.status is MeetingStatus.LOOKING and _search(found) == _search(seen):
            offered = replace(found, status=MeetingStatus.OFFERED, offered=slots, skip=skip)
            _save(tx, offered, f"offer/{tx.now.timestamp()}")

    @transaction
    def taken(self, tx: Tx, seen: Meeting) -> None:
        """Look for other times, because the chosen one is no longer free or has passed."""
        found = meetings.get(tx.connection, seen.id, SYSTEM, lock=True)
        if found and found.status is MeetingStatus.BOOKING and found.wanted == seen.wanted:
            _look_again(tx, replace(found, was_taken=True), f"taken/{tx.now.timestamp()}")

    @transaction
    def booked(
        self,
        tx: Tx,
        seen: Meeting,
        booking: Booking,
        slot: Slot,
        replies: Mapping[str, Reply] = MappingProxyType({}),
    ) -> None:
        """Record how the calendar holds the meeting now."""
        found = meetings.get(tx.connection, seen.id, SYSTEM, lock=True)
        if found is None:
            return
        stands = replace(found, booking=booking, booked=slot, replies=dict(replies))
        if found.status is MeetingStatus.BOOKING and found.wanted == seen.wanted:
            stands = replace(
                stands,
                status=MeetingStatus.BOOKED,
                wanted=None,
                offered=(),
                was_taken=False,
                sequence=found.sequence + 1,
            )
        # If the meeting was cancelled in the meantime, the event that was just written must be removed.
        is_gone = not found.is_live
        _save(tx, stands, f"booked/{tx.now.timestamp()}", arranges=is_gone)


def _add(tx: Tx, new: Meeting, cause: str) -> Meeting:
    numbered = meetings.add(tx.connection, new)
    event_key = calendar_planned.meeting_key(numbered.incident_id, numbered.id)
    event_id = calendar_planned.event_id(tx.once(calendar.installation), event_key)
    made = meetings.save(tx.connection, replace(numbered, event_id=event_id))
    enqueue(tx, calendar_planned.arranging(made, cause))
    return made


def _save(tx: Tx, changed: Meeting, cause: str, *, arranges: bool = False) -> Meeting:
    saved = meetings.save(tx.connection, replace(changed, updated_at=tx.now))
    meeting_changed(tx, saved, cause, arranges=arranges)
    return saved


def _look_again(tx: Tx, found: Meeting, cause: str, skip: int = 0) -> Meeting:
    looking = replace(found, status=MeetingStatus.LOOKING, offered=(), wanted=None, skip=skip)
    return _save(tx, looking, cause, arranges=True)


def _want(tx: Tx, found: Meeting, slot: Slot, cause: str, *, is_picked: bool) -> Meeting:
    wanted = replace(found, status=MeetingStatus.BOOKING, wanted=slot, is_picked=is_picked, was_taken=False)
    return _save(tx, wanted, cause, arranges=True)


def _check_people(tx: Tx, incident: Incident, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    if not required:
        raise NobodyInvited
    if len(required) + len(optional) > MAX_PEOPLE:
        raise TooManyInvited(most=MAX_PEOPLE)
    for field, people in (("required", required), ("optional", optional)):
        for user_id in people:
            try:
                person = require_candidate(tx, user_id)
                if incidents.get(tx.connection, incident.id, user_id) is None:
                    raise OutsiderInvited(person=user_id, name=person.name)
            except BotError as error:
                error.field = field
                raise


def _window(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """The days to search, without those that have passed."""
    end = last or first or today
    start = max(first or today, today)
    if first and end < first:
        raise WindowReversed
    if end < today:
        raise WindowPassed
    if end - start > MAX_WINDOW:
        raise WindowTooLong
    return start, end


def _search(meeting: Meeting) -> tuple[object, ...]:
    """What a search for times depends on."""
    return meeting.required, meeting.optional, meeting.minutes, meeting.window, meeting.skip


def _stands_at(meeting: Meeting, start: datetime) -> bool:
    """Whether the meeting is already booked at that time, or is being booked."""
    if meeting.status is MeetingStatus.BOOKING:
        return meeting.wanted is not None and meeting.wanted.start == start
    return (
        meeting.status is MeetingStatus.BOOKED
        and meeting.booking is not None
        and meeting.booking.start == start
    )

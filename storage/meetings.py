"""Postmortem meetings in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, exists, insert, select, update

from bot.domain.calendar.meetings import LIVE, Meeting, MeetingStatus, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.kit.bookings import Booking
from bot.domain.kit.people import Viewer
from storage.members import visible_to
from storage.tables import incidents, meetings

_columns = meetings.c


def add(tx: Connection, new: Meeting) -> Meeting:
    """Store a new one; returned with its id."""
    row = tx.execute(insert(meetings).values(_values(new)).returning(_columns.id)).one()
    return replace(new, id=row.id)


def get(tx: Connection, meeting_id: int, viewer: Viewer, *, lock: bool = False) -> Meeting | None:
    """The meeting, or ``None`` where there is none for the viewer; nobody else changes a locked one."""
    query = select(meetings).join(incidents).where(_columns.id == meeting_id, visible_to(viewer))
    if lock:
        query = query.with_for_update(key_share=True, of=meetings)
    row = tx.execute(query).mappings().one_or_none()
    return _meeting(row) if row else None


def last_of(tx: Connection, incident_id: int, *, lock: bool = False) -> Meeting | None:
    """The incident's latest meeting, cancelled or not; nobody else changes a locked one."""
    query = select(meetings).where(_columns.incident_id == incident_id).order_by(_columns.id.desc()).limit(1)
    if lock:
        query = query.with_for_update(key_share=True)
    row = tx.execute(query).mappings().one_or_none()
    return _meeting(row) if row else None


def by_event(tx: Connection, event_id: str) -> Meeting | None:
    """The meeting with this event, locked, or ``None``."""
    query = select(meetings).where(_columns.event_id == event_id).with_for_update(key_share=True)
    row = tx.execute(query).mappings().one_or_none()
    return _meeting(row) if row else None


def known_events(tx: Connection, event_ids: Collection[str]) -> frozenset[str]:
    """Those of the events that are meetings."""
    query = select(_columns.event_id).where(_columns.event_id.in_(event_ids))
    return frozenset(tx.execute(query).scalars())


def save(tx: Connection, changed: Meeting) -> None:
    """Store it as it is now."""
    tx.execute(update(meetings).where(_columns.id == changed.id).values(_values(changed)))


def known_as(tx: Connection, meeting_id: int, event_id: str) -> None:
    """The id of its event in the calendar."""
    tx.execute(update(meetings).where(_columns.id == meeting_id).values(event_id=event_id))


def any_ahead(tx: Connection, now: datetime) -> bool:
    """Whether any is booked that ends later."""
    ahead = exists().where(_columns.ends_at > now, _columns.status.in_(sorted(each.value for each in LIVE)))
    return bool(tx.execute(select(ahead)).scalar_one())


def _values(meeting: Meeting) -> dict[str, Any]:
    return {
        "incident_id": meeting.incident_id,
        "status": meeting.status.value,
        "ends_at": meeting.booking.end if meeting.booking else None,
        "content": _content(meeting),
        "asked_by": meeting.asked_by,
        "created_at": meeting.created_at,
        "updated_at": meeting.updated_at,
    }


def _content(meeting: Meeting) -> dict[str, Any]:
    return {
        "required": list(meeting.required),
        "optional": list(meeting.optional),
        "minutes": meeting.minutes,
        "window": [each.isoformat() for each in meeting.window],
        "skip": meeting.skip,
        "offered": [_slot_to_json(each) for each in meeting.offered],
        "wanted": _slot_to_json(meeting.wanted),
        "is_picked": meeting.is_picked,
        "was_taken": meeting.was_taken,
        "booking": _booking_to_json(meeting.booking),
        "booked": _slot_to_json(meeting.booked),
        "sequence": meeting.sequence,
        "replies": {user_id: reply.value for user_id, reply in meeting.replies.items()},
    }


def _meeting(row: RowMapping) -> Meeting:
    content = row["content"]
    first, last = map(date.fromisoformat, content["window"])
    return Meeting(
        id=row["id"],
        incident_id=row["incident_id"],
        status=MeetingStatus(row["status"]),
        required=tuple(content["required"]),
        optional=tuple(content["optional"]),
        minutes=content["minutes"],
        window=(first, last),
        asked_by=row["asked_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        skip=content["skip"],
        offered=tuple(_slot(each) for each in content["offered"]),
        wanted=_maybe_slot(content["wanted"]),
        is_picked=content["is_picked"],
        was_taken=content["was_taken"],
        booking=_booking(content["booking"]),
        booked=_maybe_slot(content["booked"]),
        sequence=content["sequence"],
        replies={user_id: Reply(reply) for user_id, reply in content["replies"].items()},
    )


def _slot_to_json(slot: Slot | None) -> dict[str, Any] | None:
    if slot is None:
        return None
    times = {"start": slot.start.isoformat(), "end": slot.end.isoformat()}
    return {**times, "busy": list(slot.busy), "outside": list(slot.outside), "unknown": list(slot.unknown)}


def _slot(kept: Mapping[str, Any]) -> Slot:
    start, end = datetime.fromisoformat(kept["start"]), datetime.fromisoformat(kept["end"])
    return Slot(start, end, tuple(kept["busy"]), tuple(kept["outside"]), tuple(kept["unknown"]))


def _maybe_slot(kept: Mapping[str, Any] | None) -> Slot | None:
    return _slot(kept) if kept else None


def _booking_to_json(booking: Booking | None) -> dict[str, Any] | None:
    if booking is None:
        return None
    return {
        "start": booking.start.isoformat(),
        "end": booking.end.isoformat(),
        "link": booking.link,
        "meet": booking.meet,
        "updated": booking.updated.isoformat() if booking.updated else None,
        "is_inviting": booking.is_inviting,
        "invited": list(booking.invited),
        "calendar_id": booking.calendar_id,
    }


def _booking(kept: Mapping[str, Any] | None) -> Booking | None:
    if kept is None:
        return None
    return Booking(
        start=datetime.fromisoformat(kept["start"]),
        end=datetime.fromisoformat(kept["end"]),
        link=kept["link"],
        meet=kept["meet"],
        updated=datetime.fromisoformat(kept["updated"]) if kept["updated"] else None,
        is_inviting=kept["is_inviting"],
        invited=tuple(kept["invited"]),
        calendar_id=kept["calendar_id"],
    )

"""Takes in what people change in the calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.calendar import planned as calendar_planned
from bot.domain.calendar.meetings import EventNews, Meeting, MeetingStatus, News, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.kit.bookings import Booking, is_whole_day
from bot.operations.consequences.calendar import end_block
from bot.operations.consequences.changes import meeting_changed
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import calendar, meetings, people, restored, time_blocks

SYNC_EVERY = timedelta(minutes=1)
"""How often the calendar is polled."""
HEARD_AFTER = timedelta(days=1)
"""How long after a meeting has ended we still take in changes to it."""


class CalendarSync(Operations):
    """Polls the calendar while one of our meetings or time blocks lies ahead in it."""

    @transaction
    def plan(self, tx: Tx) -> int:
        """Plan to poll the calendar if it's time and anything lies ahead; returns how many polls."""
        calendar_id = calendar.connected(tx.connection)
        if calendar_id is None or not _is_anything_ahead(tx):
            return 0
        if not calendar.take_turn(tx.connection, calendar_id, tx.now, tx.now + SYNC_EVERY):
            return 0
        calendar.forget_reads(tx.connection, calendar_planned.SYNC_LANE)
        enqueue(tx, [calendar_planned.syncing(tx.now)])
        return 1

    @reading
    def token(self, tx: Tx) -> str | None:
        """The token up to which the calendar was read, or ``None`` to read it from the start."""
        calendar_id = calendar.connected(tx.connection)
        return calendar.token(tx.connection, calendar_id) if calendar_id else None

    @reading
    def ours(self, tx: Tx, event_ids: Collection[str]) -> frozenset[str]:
        """Those of the ids that belong to our meetings and time blocks."""
        of_meetings = meetings.known_events(tx.connection, event_ids)
        return of_meetings | time_blocks.known_events(tx.connection, event_ids)

    @reading
    def since(self, tx: Tx) -> datetime:
        """The time (UTC) from which events matter: those that ended earlier needn't be read."""
        return tx.now - HEARD_AFTER

    @transaction
    def hear(self, tx: Tx, events: Iterable[EventNews]) -> None:
        """Take in the current state of some events; taking it in again changes nothing."""
        for news in events:
            meeting = meetings.by_event(tx.connection, news.event_id)
            if meeting:
                _hear_of_meeting(tx, meeting, news)
            block = time_blocks.by_event(tx.connection, news.event_id) if meeting is None else None
            if block and block.status is BlockStatus.BLOCKED:
                _hear_of_block(tx, block, news)

    @transaction
    def read_up_to(self, tx: Tx, token: str | None) -> None:
        """Record that everything up to ``token`` has been taken in."""
        calendar_id = calendar.connected(tx.connection)
        if calendar_id:
            calendar.read_up_to(tx.connection, calendar_id, token, tx.now + SYNC_EVERY)


def _hear_of_meeting(tx: Tx, meeting: Meeting, news: EventNews) -> None:
    booking = meeting.booking
    if booking is None or not meeting.is_live or _is_older(news, booking):
        return
    if news.is_cancelled:
        gone = replace(meeting, status=MeetingStatus.CANCELLED, offered=(), wanted=None)
        _tell(tx, gone, [(News.CANCELLED, "")], news)
        return
    replies = _replies(tx, meeting, news.replies)
    told = [
        (News.DECLINED, user_id)
        for user_id, reply in replies.items()
        if reply is Reply.DECLINED and meeting.replies.get(user_id) is not Reply.DECLINED
    ]
    now_stands = _booking(booking, news)
    changed = replace(meeting, replies=replies, booking=now_stands)
    if (now_stands.start, now_stands.end) != (booking.start, booking.end):
        # Nobody has checked yet who can make the new time.
        minutes = round((now_stands.end - now_stands.start).total_seconds() / 60)
        changed = replace(changed, booked=Slot(now_stands.start, now_stands.end))
        if meeting.status is MeetingStatus.BOOKED and not now_stands.is_whole_day:
            changed = replace(changed, minutes=minutes)
        if not _is_wanted(meeting, now_stands):
            told.insert(0, (News.MOVED, now_stands.start.isoformat()))
    if changed != meeting:
        _tell(tx, changed, told, news)


def _hear_of_block(tx: Tx, block: TimeBlock, news: EventNews) -> None:
    """Follow the block's person, who may move it, make it shorter or longer, or decline it."""
    if news.is_cancelled:
        time_blocks.save(tx.connection, replace(block, status=BlockStatus.OVER, updated_at=tx.now))
        return
    person = people.get(tx.connection, block.user_id)
    if person and person.email and news.replies.get(person.email) is Reply.DECLINED:
        end_block(tx, block, f"declined/{tx.now.timestamp()}")
        return
    if news.start and news.end and is_whole_day(news.start, news.end):
        # It says nothing about when they work on the incident.
        return
    # Our own last change overwrites what was changed before it.
    if news.start and news.end and news.updated and news.updated > block.updated_at:
        before = [each and each.replace(microsecond=0) for each in (block.starts_at, block.ends_at)]
        if [news.start, news.end] != before:
            moved = replace(block, starts_at=news.start, ends_at=news.end, updated_at=tx.now)
            time_blocks.save(tx.connection, moved)


def _tell(tx: Tx, meeting: Meeting, told: list[tuple[News, str]], news: EventNews) -> None:
    changed = meetings.save(tx.connection, replace(meeting, updated_at=tx.now))
    meeting_changed(tx, changed, f"heard/{tx.now.timestamp()}", arranges=False)
    cause = f"{tx.now.timestamp()}" if news.updated is None else f"{news.updated.timestamp()}"
    rows = [calendar_planned.telling(changed, what, about, cause) for what, about in told]
    enqueue(tx, rows)
    if news.updated and restored.is_before_restore(tx.connection, news.updated):
        # The same news may have been posted before the restore, under the same key.
        restored.look_for(tx.connection, [row.key for row in rows], news.updated)


def _is_anything_ahead(tx: Tx) -> bool:
    is_meeting_ahead = meetings.any_ahead(tx.connection, tx.now - HEARD_AFTER)
    return is_meeting_ahead or time_blocks.any_on(tx.connection, tx.now)


def _is_wanted(meeting: Meeting, stands: Booking) -> bool:
    """Whether we made this move ourselves: it has reached the calendar, but isn't recorded yet."""
    wanted = meeting.wanted
    return wanted is not None and (wanted.start, wanted.end) == (stands.start, stands.end)


def _is_older(news: EventNews, booking: Booking) -> bool:
    """Whether the news is older than our own last change."""
    return bool(news.updated and booking.updated and news.updated < booking.updated)


def _booking(before: Booking, news: EventNews) -> Booking:
    return replace(
        before,
        start=news.start or before.start,
        end=news.end or before.end,
        link=news.link or before.link,
        meet=news.meet or before.meet,
        updated=news.updated or before.updated,
    )


def _replies(tx: Tx, meeting: Meeting, told: Mapping[str, Reply]) -> dict[str, Reply]:
    """Each person's answer by user id, from the calendar's answers by e-mail address."""
    known = {user_id: people.get(tx.connection, user_id) for user_id in meeting.people}
    found = {user_id: told.get(person.email) for user_id, person in known.items() if person and person.email}
    return {user_id: reply for user_id, reply in found.items() if reply}

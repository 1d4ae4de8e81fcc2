"""Meetings: finds times, books, moves and cancels them in the calendar, and shows them in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.calendar.meetings import (
    PROPOSED,
    FreeBusy,
    MeetingPlan,
    MeetingStatus,
    News,
    Reply,
)
from bot.domain.calendar.planned import meeting_key
from bot.domain.calendar.slots import Attendee, Slot, find_slots, slot_at, without
from bot.domain.kit.bookings import Booking
from bot.domain.outbox.effects import ArrangeMeeting, ShowMeeting, TellMeetingNews
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.calendars import Calendar
from bot.effects.channels import channel_of
from bot.effects.failures import CallFailed, accepting, final
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.performer_reads import PerformerReads
from bot.views.calendar.events import meeting_event
from bot.views.calendar.ics import event_file, file_name
from bot.views.calendar.meetings import meeting_message, news_message
from bot.views.kit.labels import FILE_REFUSED


class MeetingPerformers:
    """Performs the effects that concern meetings."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        posts: PostPerformers,
        meetings: PostmortemMeetings,
        calendar: Calendar,
    ) -> None:
        self._slack, self._facts, self._posts = slack, facts, posts
        self._meetings, self._calendar = meetings, calendar

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ArrangeMeeting: self.arrange,
            ShowMeeting: self.show,
            TellMeetingNews: self.tell_news,
        }

    def arrange(self, effect: ArrangeMeeting, row: Claimed) -> Outcome:
        """Do what the meeting's status asks for: find times, book, update or cancel; safe to repeat."""
        plan = self._plan(effect.meeting_id)
        match plan.meeting.status:
            case MeetingStatus.LOOKING:
                self._look(plan)
            case MeetingStatus.BOOKING:
                self._book(plan, row)
            case MeetingStatus.BOOKED:
                self._refresh(plan)
            case MeetingStatus.CANCELLED:
                self._cancel(plan, row)
            case _:
                pass
        return None

    def show(self, effect: ShowMeeting, row: Claimed) -> Outcome:
        """Post the meeting's message or update it."""
        plan = self._plan(effect.meeting_id)
        key, channel = meeting_key(effect.incident_id, effect.meeting_id), channel_of(plan.incident)
        trouble = self._facts.trouble_in(f"{key}/calendar")
        message = meeting_message(plan, self._facts.clock(), trouble)
        return MessagePosted(
            key, channel, self._posts.show(row, key, channel, message, plan.meeting.created_at)
        )

    def tell_news(self, effect: TellMeetingNews, row: Claimed) -> Outcome:
        """Post what happened to the meeting: in its thread, or in the channel if it concerns everybody."""
        plan, news = self._plan(effect.meeting_id), News(effect.news)
        key, channel = meeting_key(effect.incident_id, effect.meeting_id), channel_of(plan.incident)
        place = self._facts.where(key) if news is News.DECLINED else None
        message = news_message(plan, news, effect.about)
        ts = self._slack.post(row, row.key, channel, message, place[1] if place else None)
        return MessagePosted(row.key, channel, ts)

    def _look(self, plan: MeetingPlan) -> None:
        search, meeting = plan.search, plan.meeting
        if meeting.booking and _length(meeting.booking) == search.minutes:
            search = replace(search, but=meeting.booking.start)
        found: list[Slot] = []
        if search.earliest < search.latest:
            attendees = _attendees(plan, self._busy(plan, Slot(search.earliest, search.latest)))
            found = find_slots(attendees, search, PROPOSED, meeting.skip)
            if not found and meeting.skip:
                # There are no more slots after those already shown: start again with the first.
                self._meetings.offer(meeting, tuple(find_slots(attendees, search, PROPOSED)), 0)
                return
        self._meetings.offer(meeting, tuple(found), meeting.skip)

    def _book(self, plan: MeetingPlan, row: Claimed) -> None:
        wanted = plan.meeting.wanted
        assert wanted  # noqa: S101 - a meeting that is being booked has a wanted time
        # After an attempt whose answer was lost, everybody is busy: with our own meeting.
        found = self._calendar.find(plan.event_id, plan.meeting.booking)
        details = wanted
        if not (found and found.is_at(wanted.start, wanted.end)):
            attendees = _attendees(plan, self._busy(plan, wanted))
            details = slot_at(attendees, wanted.start, plan.meeting.minutes)
            # Without a calendar, a file that an earlier attempt has sent can't be found, but still counts.
            is_over = plan.is_connected and wanted.start <= self._facts.clock()
            if is_over or (not plan.meeting.is_picked and _is_taken(plan, details, wanted)):
                self._meetings.taken(plan.meeting)
                return
        self._put(plan, row, details)

    def _put(self, plan: MeetingPlan, row: Claimed, slot: Slot) -> None:
        booked = self._calendar.book(meeting_event(plan, slot), plan.meeting.booking)
        if not booked.booking.is_inviting or _unaddressed(plan):
            self._send_file(plan, row, slot)
        self._meetings.booked(plan.meeting, booked.booking, slot, _replies(plan, booked.replies))

    def _refresh(self, plan: MeetingPlan) -> None:
        """Invite the people who should come now, and nobody else, without moving the meeting."""
        meeting = plan.meeting
        if meeting.booked is None or meeting.booking is None or meeting.booking.calendar_id is None:
            return
        again = self._calendar.reinvite(meeting_event(plan, meeting.booked), meeting.booking)
        if again:
            # Keep the replies that we know: the calendar sync reads newer ones, and reports them.
            self._meetings.booked(meeting, again.booking, meeting.booked, meeting.replies)

    def _cancel(self, plan: MeetingPlan, row: Claimed) -> None:
        """Remove the meeting from the calendar; if people were sent a file, send one that cancels it."""
        booking = plan.meeting.booking
        self._calendar.cancel(plan.event_id, booking)
        if booking and (not booking.is_inviting or _unaddressed(plan)):
            self._send_file(plan, row, Slot(booking.start, booking.end), is_cancelled=True)

    def _send_file(self, plan: MeetingPlan, row: Claimed, slot: Slot, *, is_cancelled: bool = False) -> None:
        """Send the meeting as a file in its message's thread, once; failures say that it was the file."""
        try:
            self._upload(plan, row, slot, is_cancelled=is_cancelled)
        except CallFailed as error:
            failure = error.failure
            raise CallFailed(replace(failure, code=f"{FILE_REFUSED}{failure.code}")) from error

    def _upload(self, plan: MeetingPlan, row: Claimed, slot: Slot, *, is_cancelled: bool) -> None:
        channel, name = channel_of(plan.incident), file_name(plan.incident.ref, plan.meeting)
        if row.look_first and self._has_file(channel, name):
            return
        place = self._facts.where(meeting_key(plan.incident.id, plan.meeting.id))
        thread = {"thread_ts": place[1]} if place else {}
        content = event_file(meeting_event(plan, slot), is_cancelled=is_cancelled)
        title = f"{plan.incident.ref}: postmortem meeting{' (cancelled)' if is_cancelled else ''}"
        self._slack.call(
            "files.upload_v2", channel=channel, filename=name, content=content, title=title, **thread
        )

    def _has_file(self, channel: str, name: str) -> bool:
        found: list[dict[str, Any]] = []
        with accepting(Meaning.FALL_BACK):
            found += self._slack.call("files.list", channel=channel).get("files") or ()
        return any(each["name"] == name for each in found)

    def _busy(self, plan: MeetingPlan, span: Slot) -> FreeBusy:
        addresses = [each.email for each in plan.invitees if each.email]
        return self._calendar.busy(addresses, span.start, span.end)

    def _plan(self, meeting_id: int) -> MeetingPlan:
        plan = self._meetings.plan(meeting_id)
        if plan is None:
            raise final("no_such_meeting")
        return plan


def _unaddressed(plan: MeetingPlan) -> bool:
    """Whether the calendar can't invite somebody, since we don't know their address: they need the file."""
    return any(each.email is None for each in plan.invitees)


def _attendees(plan: MeetingPlan, known: FreeBusy) -> list[Attendee]:
    """Everybody with what we know of their calendar; a meeting that is being moved isn't in its own way.

    Only people who have declined it stay busy then: it takes no time in their calendars, so something
    else does.
    """
    own, found = plan.meeting.booking, []
    for each in plan.invitees:
        busy = known.get(each.email) if each.email else None
        if busy is not None and own and plan.meeting.replies.get(each.id) is not Reply.DECLINED:
            busy = without(busy, (own.start, own.end))
        found.append(Attendee(each.id, plan.calendars[each.id], each.is_required, busy))
    return found


def _length(booking: Booking) -> int:
    return round((booking.end - booking.start).total_seconds() / 60)


def _is_taken(plan: MeetingPlan, now: Slot, offered: Slot) -> bool:
    """Whether a required person has become busy since the time was offered."""
    return any(user in plan.meeting.required for user in set(now.busy) - set(offered.busy))


def _replies(plan: MeetingPlan, known: Mapping[str, Reply]) -> dict[str, Reply]:
    told = {each.id: known.get(each.email) for each in plan.invitees if each.email}
    return {user_id: reply for user_id, reply in told.items() if reply}

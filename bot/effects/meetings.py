"""Meetings: finding times, booking, moving and cancelling them in the calendar, and showing them in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.domain.calendar.meetings import (
    PROPOSED,
    EventNews,
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
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.calendar import NO_GUESTS, NOT_CONNECTED, news_of
from bot.effects.channels import channel_of
from bot.effects.failures import CallFailed, final, not_yet
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack, suppress_lacking
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.calendar.sync import SYNC_EVERY
from bot.operations.deliveries import Deliveries
from bot.views.calendar.events import Event, meeting_event
from bot.views.calendar.ics import file_name, meeting_file
from bot.views.calendar.meetings import meeting_message, news_message

if TYPE_CHECKING:
    from bot.effects.google.client import GoogleCalendar

_NO_CONFERENCE = frozenset({"google_invalid", "google_badRequest", "google_http_400"})
"""Some accounts may make no video calls: "Invalid conference type value."."""


class MeetingPerformers:
    """Performs what concerns meetings."""

    def __init__(
        self,
        slack: Slack,
        deliveries: Deliveries,
        posts: PostPerformers,
        meetings: PostmortemMeetings,
        google: GoogleCalendar | None,
    ) -> None:
        self._slack, self._deliveries, self._posts = slack, deliveries, posts
        self._meetings, self._google = meetings, google

    def arrange(self, effect: ArrangeMeeting, row: Claimed) -> Outcome:
        """Do what the meeting needs now; what is done already is done."""
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
        """Post the meeting's message or bring it up to date."""
        plan = self._plan(effect.meeting_id)
        key, channel = meeting_key(effect.incident_id, effect.meeting_id), channel_of(plan.incident)
        trouble = self._deliveries.trouble_in(f"{key}/calendar")
        message = meeting_message(
            plan, self._deliveries.clock(), trouble, is_connected=self._google is not None
        )
        return MessagePosted(
            key, channel, self._posts.show(row, key, channel, message, plan.meeting.created_at)
        )

    def tell_news(self, effect: TellMeetingNews, row: Claimed) -> Outcome:
        """Say what happened to it: in its thread, or in the channel where it concerns everybody."""
        plan, news = self._plan(effect.meeting_id), News(effect.news)
        key, channel = meeting_key(effect.incident_id, effect.meeting_id), channel_of(plan.incident)
        place = self._deliveries.where(key) if news is News.DECLINED else None
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
                # Past the last ones it begins again.
                self._meetings.offer(meeting, tuple(find_slots(attendees, search, PROPOSED)), 0)
                return
        self._meetings.offer(meeting, tuple(found), meeting.skip)

    def _book(self, plan: MeetingPlan, row: Claimed) -> None:
        wanted = plan.meeting.wanted
        assert wanted  # noqa: S101 - whoever is booking wants a time
        if self._google is None:
            _refuse_what_is_elsewhere(plan)
            self._send_file(plan, row, wanted)
            details = slot_at(_attendees(plan, {}), wanted.start, plan.meeting.minutes)
            self._meetings.booked(plan.meeting, Booking(wanted.start, wanted.end, is_inviting=False), details)
            return
        # An attempt whose answer was lost has made everybody busy already: by ours.
        stands = self._google.get(plan.event_id, _calendar_of(plan))
        details = wanted
        if not (stands and _is_at(news_of(stands), wanted)):
            attendees = _attendees(plan, self._busy(plan, wanted))
            details = slot_at(attendees, wanted.start, plan.meeting.minutes)
            is_over = wanted.start <= self._deliveries.clock()
            if is_over or (not plan.meeting.is_picked and _is_taken(plan, details, wanted)):
                self._meetings.taken(plan.meeting)
                return
        self._put(plan, row, details)

    def _refresh(self, plan: MeetingPlan) -> None:
        """Have those invited who are to come by now, and nobody else, where it stands."""
        meeting = plan.meeting
        if self._google is None or meeting.booked is None or _calendar_of(plan) is None:
            return
        stands = self._google.get(plan.event_id, _calendar_of(plan))
        if stands and not _is_at(news_of(stands), meeting.booked):
            # Somebody has moved it there, or cancelled it: that is heard of first.
            raise not_yet("google_moved", self._deliveries.clock() + SYNC_EVERY)
        event, is_inviting = self._put_event(plan, meeting_event(plan, meeting.booked))
        # What they have answered meanwhile is still to be heard, and told.
        self._note(plan, meeting.booked, event, meeting.replies, is_inviting=is_inviting)

    def _put(self, plan: MeetingPlan, row: Claimed, slot: Slot) -> None:
        assert self._google  # noqa: S101 - the caller has looked
        event, is_inviting = self._put_event(plan, meeting_event(plan, slot))
        if not is_inviting or _unaddressed(plan):
            self._send_file(plan, row, slot)
        self._note(plan, slot, event, _replies(plan, news_of(event)), is_inviting=is_inviting)

    def _note(
        self, plan: MeetingPlan, slot: Slot, event: Event, replies: Mapping[str, Reply], *, is_inviting: bool
    ) -> None:
        """The meeting stands in the calendar like this."""
        assert self._google  # noqa: S101 - the caller has looked
        stands = news_of(event)
        booking = Booking(
            slot.start,
            slot.end,
            stands.link,
            stands.meet,
            stands.updated,
            is_inviting,
            tuple(each.email for each in plan.invitees if each.email),
            _calendar_of(plan) or self._google.calendar_id,
        )
        self._meetings.booked(plan.meeting, booking, slot, replies)

    def _put_event(self, plan: MeetingPlan, event: Event) -> tuple[Event, bool]:
        """(event as it stands, whether people were invited): as much of it as our account may do."""
        assert self._google  # noqa: S101 - the caller has looked
        is_inviting, booking = True, plan.meeting.booking
        calendar, invited = _calendar_of(plan), booking.invited if booking else ()
        while True:
            try:
                stands = self._google.put(
                    plan.event_id, event, tells=True, calendar_id=calendar, invited=invited
                )
                return stands, is_inviting
            except CallFailed as error:
                if error.code == NO_GUESTS and event["attendees"]:
                    event, is_inviting = {**event, "attendees": []}, False
                elif error.code in _NO_CONFERENCE and "conferenceData" in event:
                    event = {name: value for name, value in event.items() if name != "conferenceData"}
                else:
                    raise

    def _cancel(self, plan: MeetingPlan, row: Claimed) -> None:
        """Take it out of the calendar; whoever has got a file gets one that says so."""
        booking = plan.meeting.booking
        if self._google is None:
            _refuse_what_is_elsewhere(plan)
        else:
            self._google.delete(plan.event_id, tells=True, calendar_id=_calendar_of(plan))
        if booking and (not booking.is_inviting or _unaddressed(plan)):
            self._send_file(plan, row, Slot(booking.start, booking.end), is_cancelled=True)

    def _send_file(self, plan: MeetingPlan, row: Claimed, slot: Slot, *, is_cancelled: bool = False) -> None:
        """The meeting as a file in the thread of its message, once."""
        channel, name = channel_of(plan.incident), file_name(plan.incident.ref, plan.meeting)
        if row.look_first and self._has_file(channel, name):
            return
        place = self._deliveries.where(meeting_key(plan.incident.id, plan.meeting.id))
        thread = {"thread_ts": place[1]} if place else {}
        content = meeting_file(plan, slot, is_cancelled=is_cancelled)
        title = f"{plan.incident.ref}: postmortem meeting{' (cancelled)' if is_cancelled else ''}"
        self._slack.call(
            "files.upload_v2", channel=channel, filename=name, content=content, title=title, **thread
        )

    def _has_file(self, channel: str, name: str) -> bool:
        found: list[dict[str, Any]] = []
        with suppress_lacking():
            found += self._slack.call("files.list", channel=channel).get("files") or ()
        return any(each["name"] == name for each in found)

    def _busy(self, plan: MeetingPlan, span: Slot) -> FreeBusy:
        addresses = [each.email for each in plan.invitees if each.email]
        if self._google is None or not addresses:
            return {}
        return self._google.busy(addresses, span.start, span.end)

    def _plan(self, meeting_id: int) -> MeetingPlan:
        plan = self._meetings.plan(meeting_id)
        if plan is None:
            raise final("no_such_meeting")
        return plan


def _refuse_what_is_elsewhere(plan: MeetingPlan) -> None:
    """Nothing is done as if there were no calendar to what stands in one; raises ``CallFailed``."""
    if plan.meeting.booking and plan.meeting.booking.calendar_id:
        raise final(NOT_CONNECTED)


def _unaddressed(plan: MeetingPlan) -> bool:
    """Whether the calendar can't invite somebody: the file is for them."""
    return any(each.email is None for each in plan.invitees)


def _calendar_of(plan: MeetingPlan) -> str | None:
    """The calendar in which it stands already, if any."""
    return plan.meeting.booking.calendar_id if plan.meeting.booking else None


def _is_at(stands: EventNews, wanted: Slot) -> bool:
    return not stands.is_cancelled and (stands.start, stands.end) == (wanted.start, wanted.end)


def _attendees(plan: MeetingPlan, known: FreeBusy) -> list[Attendee]:
    """Everybody with what is known of their calendar; a meeting that is moved isn't in its own way.

    Except in that of whoever has declined it: there it takes no time, and something else does.
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
    """Whether somebody who has to be there is busy by now, and wasn't when the time was offered."""
    return any(user in plan.meeting.required for user in set(now.busy) - set(offered.busy))


def _replies(plan: MeetingPlan, news: EventNews) -> dict[str, Reply]:
    told = {each.id: news.replies.get(each.email) for each in plan.invitees if each.email}
    return {user_id: reply for user_id, reply in told.items() if reply}

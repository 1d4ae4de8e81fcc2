"""A meeting in Slack: its message in the channel, and news about it from the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.action_items.due import day_text
from bot.domain.calendar.meetings import Invitee, Meeting, MeetingPlan, MeetingStatus, News, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.incidents.model import Incident
from bot.domain.kit.bookings import Booking
from bot.domain.kit.errors import NoCalendar
from bot.domain.kit.text import cut
from bot.views.kit.errors import sentence
from bot.views.kit.labels import FILE_REFUSED
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.remedies import may_work_now, words_for
from bot.views.kit.text import counted, entities, escape, escape_within, local_time, mention

_ZONES_SHOWN, _NAMES_SHOWN, _NAME_SHOWN = 8, 12, 30
_NAME_ESCAPED = 150
"""Characters of a name's markup, so that all names fit into a section."""
_WHEN = "{date_short_pretty} {time}"
_HOW_TO_CONNECT = sentence(NoCalendar()).partition(". ")[2]
NO_CALENDAR = (
    "No calendar is connected, so I don't know who is free, and you'll get the meeting as a file. "
    f"{_HOW_TO_CONNECT}"
)
_FILE_FOR_THEM = "They can use the file in the thread."
_NO_INVITATIONS = (
    "My Google account can't invite people, so please add the file in the thread to your calendar."
)


def meeting_message(plan: MeetingPlan, now: datetime, trouble: tuple[str, bool] | None = None) -> Message:
    """The meeting's message in the channel: what it waits for, the slots to choose from, or when it is.

    ``trouble`` is the calendar's error code, and whether the bot has given up.
    """
    meeting = plan.meeting
    title = f"🗓 *Postmortem meeting for {plan.incident.ref}*"
    blocks = _BODY[meeting.status](plan, title, now)
    if trouble and meeting.status in _AWAITING_CALENDAR:
        blocks.insert(1, _trouble(meeting, *trouble))
    if not plan.is_connected and meeting.is_live:
        blocks.append(context(NO_CALENDAR))
    elif meeting.status is MeetingStatus.BOOKED and meeting.booking and not meeting.booking.is_inviting:
        blocks.append(context(_NO_INVITATIONS))
    elif meeting.status is MeetingStatus.BOOKED and (unaddressed := _unaddressed(plan.invitees)):
        blocks.append(context(f"I can't see the e-mail address of {unaddressed}. {_FILE_FOR_THEM}"))
    return Message(f"{plan.incident.ref}: {_TEXT[meeting.status]}", tuple(blocks))


def news_message(plan: MeetingPlan, news: News, about: str) -> Message:
    """A line about what happened to the meeting in the calendar."""
    what = f"postmortem meeting for {plan.incident.ref}"
    if news is News.MOVED:
        booking = plan.meeting.booking
        is_all_day = booking and booking.is_whole_day and booking.start.isoformat() == about
        when = local_time(datetime.fromisoformat(about), _WHEN)
        if booking and is_all_day:
            when = f"{_days(booking.start, booking.end)}, all day,"
        text = f"🗓 The {what} was moved to {when} in the calendar."
    elif news is News.CANCELLED:
        text = f"🗓 The {what} was cancelled in the calendar."
    else:
        text = f"🗓 {mention(about)} declined the {what}."
    return Message(text, (context(text),))


def booking_line(booking: Booking) -> str:
    """When and where the meeting is."""
    place = f" · <{entities(booking.meet)}|Join the call>" if booking.meet else ""
    page = f" · <{entities(booking.link)}|Open in the calendar>" if booking.link else ""
    return f"{booking_time(booking)}{place}{page}"


def booking_time(booking: Booking) -> str:
    """When the meeting is."""
    if booking.is_whole_day:
        return f"{_days(booking.start, booking.end)}, all day"
    return f"{local_time(booking.start, _WHEN)} – {local_time(booking.end, '{time}')}"


def _days(start: datetime, end: datetime) -> str:
    """The days of an all-day event, which are the same for every reader."""
    first, last = start.astimezone(UTC).date(), (end - timedelta(days=1)).astimezone(UTC).date()
    return day_text(first) if first == last else f"{day_text(first)} – {day_text(last)}"


def arrange_button(incident: Incident, label: str = "Book the meeting") -> Block:
    """The button that books a meeting about the postmortem."""
    return button(label, "arrange_meeting", str(incident.id))


def _looking(plan: MeetingPlan, title: str, _now: datetime) -> list[Block]:
    meeting = plan.meeting
    who = counted(len(plan.invitees), "person", "people")
    lines = [title]
    if meeting.was_taken:
        lines.append("That time has just been taken.")
    lines.append(f"Looking for a {meeting.minutes}-minute slot for {who} …")
    return [section("\n".join(lines)), actions(*_ways_out(meeting))]


def _offered(plan: MeetingPlan, title: str, now: datetime) -> list[Block]:
    meeting = plan.meeting
    slots = [each for each in meeting.offered if each.start > now]
    if not slots:
        text = f"{title}\nI found no slot on these days."
        return [section(text), actions(arrange_button(plan.incident, "Other days"), *_ways_out(meeting))]
    gone = "That time has just been taken. " if meeting.was_taken else ""
    intro = f"{gone}These are left:" if gone else "Which time works?"
    if all(set(each.missing) & set(meeting.required) for each in slots):
        intro = f"{gone}No time works for everybody who must attend. These work for most:"
    blocks = [section(f"{title} · {meeting.minutes} minutes\n{intro}")]
    for slot in slots:
        value = f"{meeting.id}/{int(slot.start.timestamp())}"
        book = button("Book", "book_slot", value, "primary" if slot is slots[0] else None)
        blocks.append(section(slot_text(slot, plan.invitees), accessory=book))
    more = button("Other times", "other_times", str(meeting.id))
    blocks.append(actions(more, *_ways_out(meeting)))
    return blocks


def _booking(plan: MeetingPlan, title: str, _now: datetime) -> list[Block]:
    wanted = plan.meeting.wanted
    when = local_time(wanted.start, _WHEN) if wanted else "soon"
    return [section(f"{title}\nBooking {when} …"), actions(*_ways_out(plan.meeting, picks=False))]


def _booked(plan: MeetingPlan, title: str, now: datetime) -> list[Block]:
    meeting = plan.meeting
    assert meeting.booking  # noqa: S101 - a booked meeting has a booking
    blocks = [section(f"{title}\n{booking_line(meeting.booking)}")]
    if who := _who_comes(plan):
        blocks.append(context(who))
    if meeting.booked and (trouble := _missing(meeting.booked, plan.invitees)):
        blocks.append(context(trouble))
    if not meeting.is_over(now):
        number = str(plan.incident.id)
        buttons = [button("Reschedule", "arrange_meeting", number), *_ways_out(meeting)]
        blocks.append(actions(*buttons))
    return blocks


def _cancelled(plan: MeetingPlan, title: str, _now: datetime) -> list[Block]:
    return [
        section(f"{title}\nIt was cancelled."),
        actions(arrange_button(plan.incident, "Book a new one")),
    ]


def slot_text(slot: Slot, invitees: Sequence[Invitee]) -> str:
    """A slot in the reader's time zone and in those of the people invited, and who can't make it."""
    lines = [
        f"*{local_time(slot.start, _WHEN)} – {local_time(slot.end, '{time}')}*",
        _in_zones(slot, invitees),
    ]
    return "\n".join([*lines, *filter(None, [_missing(slot, invitees)])])


def _in_zones(slot: Slot, invitees: Sequence[Invitee]) -> str:
    """The start in each time zone once, from west to east: ``Los Angeles Tue 09:00 · Berlin Tue 18:00``."""
    zones = dict.fromkeys(each.zone for each in invitees)
    times = sorted((slot.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone) for zone in zones)
    told = [f"{_city(zone)} {local:%a %H:%M}" for local, zone in times]
    left = len(told) - _ZONES_SHOWN
    more = [f"and {counted(left, 'more zone')}"] if left > 0 else []
    return " · ".join([*told[:_ZONES_SHOWN], *more])


def _city(zone: str) -> str:
    return escape(zone.rpartition("/")[2].replace("_", " "))


def _missing(slot: Slot, invitees: Sequence[Invitee]) -> str:
    """Who can't make it and why, and whose calendar is unknown; empty if everybody can."""
    groups = (
        ("busy", slot.busy),
        ("outside working hours", slot.outside),
        ("calendar not visible", slot.unknown),
    )
    told = [f"{what}: {names}" for what, ids in groups if (names := _names(ids, invitees))]
    return f"⚠️ {_capitalized(' · '.join(told))}" if told else ""


def _unaddressed(invitees: Sequence[Invitee]) -> str:
    return _names([each.id for each in invitees if each.email is None], invitees)


def _who_comes(plan: MeetingPlan) -> str:
    """Who has replied what; only people whom a calendar has invited are called invited."""
    booking, replies = plan.meeting.booking, plan.meeting.replies
    groups = (
        ("going", Reply.ACCEPTED),
        ("maybe", Reply.TENTATIVE),
        ("not going", Reply.DECLINED),
    )
    told = [
        f"{what}: {_names(ids, plan.invitees)}"
        for what, reply in groups
        if (ids := [each.id for each in plan.invitees if replies.get(each.id) is reply])
    ]
    addressed = {each.id for each in plan.invitees if each.email}
    open_ones = [
        each.id for each in plan.invitees if replies.get(each.id, Reply.NEEDS_ACTION) is Reply.NEEDS_ACTION
    ]
    # A booking may be in a calendar that has been disconnected since.
    is_inviting = booking and booking.is_inviting and (plan.is_connected or booking.calendar_id)
    invited = [each for each in open_ones if is_inviting and each in addressed]
    others = [each for each in open_ones if each not in invited]
    if invited:
        told.append(f"{'no reply yet' if told else 'invited'}: {_names(invited, plan.invitees)}")
    if others:
        told.append(f"{'not invited' if told else 'who should come'}: {_names(others, plan.invitees)}")
    return _capitalized(" · ".join(told))


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(person: Invitee) -> str:
    name = escape_within(cut(person.name, _NAME_SHOWN), _NAME_ESCAPED)
    return name if person.is_required else f"{name} (optional)"


def _names(ids: Iterable[str], invitees: Sequence[Invitee]) -> str:
    known = {each.id: each for each in invitees}
    people = [known[each] for each in ids if each in known]
    told = [_name(each) for each in people[:_NAMES_SHOWN]]
    more = [f"{len(people) - _NAMES_SHOWN} more"] if len(people) > _NAMES_SHOWN else []
    return ", ".join([*told, *more])


def _trouble(meeting: Meeting, code: str, is_dead: bool) -> Block:
    is_file, code = code.startswith(FILE_REFUSED), code.partition(":")[0]
    told = words_for(code)
    if not is_dead:
        # Only those who decide whether to retry need to know that it may work now.
        why = "" if may_work_now(code) else f" ({told})"
        late = "I couldn't send the file yet" if is_file else "The calendar hasn't done this yet"
        return context(f"{late}{why}. I'll keep trying.")
    retry = button("Retry", "retry_failed", str(meeting.incident_id), "primary")
    refused = "Slack refused the meeting's file" if is_file else "The calendar refused this"
    return section(f"{refused} ({told}).", accessory=retry)


def _ways_out(meeting: Meeting, *, picks: bool = True) -> list[Block]:
    number = str(meeting.id)
    found = [button("Pick a time", "pick_meeting_time", number)] if picks else []
    if meeting.booking and meeting.status in {MeetingStatus.LOOKING, MeetingStatus.OFFERED}:
        found.append(button("Keep the booked time", "keep_meeting", number))
    cancel = button("Cancel the meeting", "cancel_meeting", number)
    if meeting.booking:
        cancel["confirm"] = {
            "title": {"type": "plain_text", "text": "Cancel the meeting?"},
            "text": {
                "type": "plain_text",
                "text": "Everybody who is invited will be notified.",
            },
            "confirm": {"type": "plain_text", "text": "Cancel the meeting"},
            "deny": {"type": "plain_text", "text": "Keep it"},
        }
    return [*found, cancel]


_AWAITING_CALENDAR = frozenset({MeetingStatus.LOOKING, MeetingStatus.BOOKING, MeetingStatus.CANCELLED})
_BODY = {
    MeetingStatus.LOOKING: _looking,
    MeetingStatus.OFFERED: _offered,
    MeetingStatus.BOOKING: _booking,
    MeetingStatus.BOOKED: _booked,
    MeetingStatus.CANCELLED: _cancelled,
}
_TEXT = {
    MeetingStatus.LOOKING: "looking for a time for the postmortem meeting",
    MeetingStatus.OFFERED: "times for the postmortem meeting",
    MeetingStatus.BOOKING: "booking the postmortem meeting",
    MeetingStatus.BOOKED: "the postmortem meeting is booked",
    MeetingStatus.CANCELLED: "the postmortem meeting was cancelled",
}

"""Meetings on a database: requested, offered, booked, moved, cancelled, and changed in the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.action_items.model import NewActionItem
from bot.domain.calendar.meetings import EventNews, Meeting, MeetingStatus, News, Reply
from bot.domain.calendar.slots import Slot
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.bookings import Booking
from bot.domain.kit.errors import (
    BotError,
    LengthOdd,
    MeetingIs,
    MeetingThere,
    NobodyInvited,
    NobodyKnown,
    NotAllowed,
    OutsiderInvited,
    TimePassed,
    TooManyInvited,
    UnknownMeeting,
    UnknownRef,
    WindowPassed,
    WindowReversed,
    WindowTooLong,
)
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.surface.forms import MeetingInput
from bot.effects.google.events import body_of
from bot.operations.calendar.reads import CalendarReads
from bot.operations.restored import Restored
from bot.views.calendar.events import meeting_event
from storage import meetings
from tests.support.office import NOBODIES, Office, keys

MONDAY = date(2026, 3, 2)
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)
HALF = timedelta(minutes=30)
SLOTS = tuple(Slot(TEN + n * HALF, TEN + (n + 1) * HALF) for n in range(3))


@pytest.fixture
def incident(office: Office) -> Incident:
    """A resolved incident that has its channel, with a calendar."""
    office.connect_calendar()
    made = office.declare(by="ANA")
    office.perform_all()
    return office.step(made, "resolved")


def filled(incident: Incident, **values: Any) -> MeetingInput:
    plain: dict[str, Any] = {
        "required": ("ANA", "BEN"),
        "optional": (),
        "minutes": 30,
        "window_from": MONDAY,
        "window_to": MONDAY + timedelta(days=4),
    }
    return MeetingInput(incident.id, **{**plain, **values})


def ask(office: Office, incident: Incident, by: str = "ANA", **values: Any) -> Meeting:
    return office.meetings.ask(filled(incident, **values), by=by, key=next(keys))


def now(office: Office, meeting: Meeting) -> Meeting:
    return office.meetings.get_meeting(meeting.id, viewer=SYSTEM)


def offered(office: Office, incident: Incident) -> Meeting:
    """A meeting for which slots are offered."""
    made = ask(office, incident)
    office.meetings.offer(made, SLOTS, 0)
    return now(office, made)


def booked(office: Office, incident: Incident) -> Meeting:
    """A meeting whose first slot was booked."""
    made = offered(office, incident)
    wanted = office.meetings.choose(made.id, TEN, by="BEN", key=next(keys))
    stands = Booking(TEN, TEN + HALF, "https://calendar.example/1", updated=office.clock.now)
    office.meetings.booked(wanted, stands, SLOTS[0], {"BEN": Reply.NEEDS_ACTION})
    office.perform_all()
    return now(office, made)


def waiting(office: Office, kind: str) -> int:
    """The number of a meeting's rows that are waiting to be performed."""
    return sum(state == "waiting" and kind in key for key, state in office.rows().items())


def test_times_are_searched_then_offered_then_one_is_booked(office: Office, incident: Incident) -> None:
    made = ask(office, incident)
    assert (made.status, made.required) == (MeetingStatus.LOOKING, ("ANA", "BEN"))
    assert waiting(office, "/calendar/") == 1
    office.meetings.offer(made, SLOTS, 0)
    assert now(office, made).status is MeetingStatus.OFFERED
    wanted = office.meetings.choose(made.id, TEN, by="BEN", key=next(keys))
    assert (wanted.status, wanted.wanted) == (MeetingStatus.BOOKING, SLOTS[0])
    office.meetings.booked(wanted, Booking(TEN, TEN + HALF), SLOTS[0])
    done = now(office, made)
    assert (done.status, done.booked, done.wanted) == (MeetingStatus.BOOKED, SLOTS[0], None)


def test_the_form_starts_with_those_involved_and_the_next_five_working_days(
    office: Office, incident: Incident
) -> None:
    office.items.create_action_item(
        NewActionItem(incident.id, "Check it", assigned_to="CHEN"), by="ANA", key=next(keys)
    )
    for user in ("BEN", "GUEST", "BOT"):
        message = PostedMessage(f"C{incident.id}", f"170000{len(user)}.000100", user, None, "hm")
        office.recorder.record_message(message)
    start = office.meetings.defaults(incident.id, viewer="ANA")
    assert set(start.required) == {"ANA", "BEN", "CHEN"}
    assert (start.minutes, start.is_connected, start.meeting_id) == (30, True, None)
    # Monday is the 2nd: from Tuesday to the next Monday.
    assert start.window == (date(2026, 3, 3), date(2026, 3, 9))


def test_rescheduling_starts_with_the_existing_meeting(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    assert office.meetings.defaults(incident.id, viewer="BEN").meeting_id == made.id
    again = ask(office, incident, meeting_id=made.id, minutes=60, required=("BEN",))
    assert (again.id, again.status, again.minutes) == (made.id, MeetingStatus.LOOKING, 60)
    assert again.booking and again.booking.start == TEN
    kept = office.meetings.keep(made.id, by="ANA", key=next(keys))
    assert kept.status is MeetingStatus.BOOKED


@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        ({"required": ()}, NobodyInvited, "required"),
        ({"required": ("GUEST",)}, NobodyKnown, "required"),
        ({"optional": ("BOT",)}, NobodyKnown, "optional"),
        ({"required": tuple(f"U{n}" for n in range(201))}, TooManyInvited, "required"),
        ({"minutes": 0}, LengthOdd, "minutes"),
        ({"minutes": 540}, LengthOdd, "minutes"),
        ({"window_from": date(2026, 2, 2), "window_to": date(2026, 2, 6)}, WindowPassed, "window_to"),
        ({"window_to": date(2026, 3, 1)}, WindowReversed, "window_to"),
        ({"window_to": date(2026, 6, 1)}, WindowTooLong, "window_to"),
    ],
)
def test_an_invalid_value_is_reported_at_its_field_and_nothing_is_stored(
    office: Office, incident: Incident, values: dict[str, Any], error: type[BotError], field: str
) -> None:
    with pytest.raises(error) as told:
        ask(office, incident, **values)
    assert told.value.field == field
    assert office.database.run(lambda tx: meetings.last_of(tx, incident.id)) is None


def test_somebody_named_twice_is_invited_once(office: Office, incident: Incident) -> None:
    made = ask(office, incident, required=("ANA", "ANA"), optional=("ANA", "BEN", "BEN"))
    assert (made.required, made.optional) == (("ANA",), ("BEN",))


def test_days_that_are_over_are_left_out_of_the_window(office: Office, incident: Incident) -> None:
    made = ask(office, incident, window_from=date(2026, 2, 2))
    assert made.window == (MONDAY, MONDAY + timedelta(days=4))
    plan = office.meetings.plan(made.id)
    assert plan and plan.search.earliest == office.clock.now + timedelta(minutes=15)


def test_a_second_delivery_and_a_double_click_change_nothing(office: Office, incident: Incident) -> None:
    key = next(keys)
    one, other = (office.meetings.ask(filled(incident), by="ANA", key=key) for _ in range(2))
    assert one.id == other.id
    office.meetings.offer(one, SLOTS, 0)
    for _ in range(2):
        office.meetings.choose(one.id, TEN, by="ANA", key=next(keys))
    assert waiting(office, "/calendar/") == 1


def test_if_two_people_arrange_a_meeting_the_second_learns_of_the_first(
    office: Office, incident: Incident
) -> None:
    ask(office, incident)
    with pytest.raises(MeetingThere):
        ask(office, incident, by="BEN")


def test_if_two_people_choose_different_times_the_second_learns_of_the_first(
    office: Office, incident: Incident
) -> None:
    made = offered(office, incident)
    office.meetings.choose(made.id, TEN, by="ANA", key=next(keys))
    with pytest.raises(MeetingIs):
        office.meetings.choose(made.id, TEN + HALF, by="BEN", key=next(keys))


def test_a_time_that_was_not_offered_or_has_passed_cannot_be_chosen(
    office: Office, incident: Incident
) -> None:
    made = offered(office, incident)
    with pytest.raises(MeetingIs):
        office.meetings.choose(made.id, TEN - HALF, by="ANA", key=next(keys))
    office.clock.move(days=2)
    with pytest.raises(TimePassed):
        office.meetings.choose(made.id, TEN, by="ANA", key=next(keys))
    with pytest.raises(TimePassed):
        office.meetings.pick(made.id, TEN, by="ANA", key=next(keys))


def test_other_times_are_the_next_ones(office: Office, incident: Incident) -> None:
    made = offered(office, incident)
    again = office.meetings.other_times(made.id, by="BEN", key=next(keys))
    assert (again.status, again.skip) == (MeetingStatus.LOOKING, 3)
    # What was found for the earlier search doesn't answer this one.
    office.meetings.offer(made, SLOTS, 0)
    assert now(office, made).status is MeetingStatus.LOOKING


def test_a_time_that_was_taken_meanwhile_starts_another_search(office: Office, incident: Incident) -> None:
    made = offered(office, incident)
    wanted = office.meetings.choose(made.id, TEN, by="ANA", key=next(keys))
    office.perform_all()
    office.meetings.taken(wanted)
    found = now(office, made)
    assert (found.status, found.was_taken, found.wanted) == (MeetingStatus.LOOKING, True, None)
    assert waiting(office, "/calendar/") == 1


def test_any_time_can_be_picked_by_hand(office: Office, incident: Incident) -> None:
    made = offered(office, incident)
    sunday = datetime(2026, 3, 8, 3, tzinfo=UTC)
    wanted = office.meetings.pick(made.id, sunday, by="BEN", key=next(keys))
    assert wanted.is_picked and wanted.wanted == Slot(sunday, sunday + HALF)


def test_a_meeting_cancelled_while_it_is_booked_stays_cancelled(office: Office, incident: Incident) -> None:
    made = offered(office, incident)
    wanted = office.meetings.choose(made.id, TEN, by="ANA", key=next(keys))
    row = office.perform_until(
        next(key for key, s in office.rows().items() if "/calendar/" in key and s == "waiting")
    )
    office.meetings.cancel(made.id, by="BEN", key=next(keys))
    office.meetings.booked(wanted, Booking(TEN, TEN + HALF), SLOTS[0])
    office.outbox.finish(row, None)
    assert now(office, made).status is MeetingStatus.CANCELLED
    # The row that cancelling has planned removes the event from the calendar.
    assert waiting(office, "/calendar/") == 1
    assert ask(office, incident).id != made.id


def test_a_past_meeting_cannot_be_cancelled_but_another_can_be_arranged(
    office: Office, incident: Incident
) -> None:
    made = booked(office, incident)
    office.clock.move(days=3)
    with pytest.raises(MeetingIs):
        office.meetings.cancel(made.id, by="ANA", key=next(keys))
    assert ask(office, incident, window_to=date(2026, 3, 12)).id != made.id


@pytest.mark.parametrize("user", NOBODIES)
def test_outsiders_cannot_arrange_a_meeting(office: Office, incident: Incident, user: str) -> None:
    made = offered(office, incident)
    with pytest.raises(NotAllowed):
        ask(office, incident, by=user)
    for act in (office.meetings.other_times, office.meetings.keep, office.meetings.cancel):
        with pytest.raises(NotAllowed):
            act(made.id, by=user, key=next(keys))
    with pytest.raises(NotAllowed):
        office.meetings.choose(made.id, TEN, by=user, key=next(keys))


def test_only_a_private_incidents_own_people_are_invited_and_know_of_the_meeting(office: Office) -> None:
    office.connect_calendar()
    hidden = office.declare(is_private=True)
    with pytest.raises(OutsiderInvited) as told:
        ask(office, hidden)
    assert told.value.field == "required"
    made = ask(office, hidden, required=("ANA",))
    with pytest.raises(UnknownMeeting):
        office.meetings.cancel(made.id, by="BEN", key=next(keys))
    with pytest.raises(UnknownRef):
        ask(office, hidden, by="BEN")
    assert office.meetings.defaults(hidden.id, viewer="ANA").required == ("ANA",)


def heard(office: Office, made: Meeting, **values: Any) -> Meeting:
    """Have the calendar report the meeting's event; the meeting afterwards."""
    plan = office.meetings.plan(made.id)
    assert plan and made.booking
    plain = EventNews(
        plan.event_id, False, office.clock.now + timedelta(minutes=1), made.booking.start, made.booking.end
    )
    office.sync.hear([replace(plain, **values)])
    return now(office, made)


def news(office: Office) -> list[str]:
    return [
        key
        for key, state in office.rows().items()
        if state == "waiting" and any(f"/{each.value}/" in key for each in News)
    ]


def test_declining_in_the_calendar_is_reported_once(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    for _ in range(2):
        found = heard(
            office, made, replies={"ben@acme.example": Reply.DECLINED, "x@other.example": Reply.ACCEPTED}
        )
    assert found.replies == {"BEN": Reply.DECLINED}
    assert len(news(office)) == 1


def test_news_from_before_a_restore_is_looked_for_back_to_its_own_time(
    office: Office, incident: Incident
) -> None:
    made = booked(office, incident)
    told_at = office.clock() + timedelta(minutes=1)
    office.clock.move(days=1)
    Restored(office.database, office.clock).finish()
    heard(office, made, updated=told_at, replies={"ben@acme.example": Reply.DECLINED})
    [key] = news(office)
    claimed = office.perform_until(key)
    assert (claimed.look_first, claimed.is_restored, claimed.created_at) == (True, True, told_at)


def test_a_meeting_moved_in_the_calendar_is_where_it_was_moved_to(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    later = TEN + timedelta(days=1)
    for _ in range(2):
        found = heard(office, made, start=later, end=later + 2 * HALF, meet="https://meet.example/1")
    assert found.booking and (found.booking.start, found.minutes) == (later, 60)
    assert found.booking.meet == "https://meet.example/1"
    assert len(news(office)) == 1


def test_a_meeting_deleted_in_the_calendar_is_cancelled(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    assert heard(office, made, is_cancelled=True).status is MeetingStatus.CANCELLED
    assert len(news(office)) == 1
    assert heard(office, made, is_cancelled=True).status is MeetingStatus.CANCELLED
    assert len(news(office)) == 1


def test_calendar_changes_older_than_our_own_are_ignored(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    old = heard(office, made, updated=office.clock.now - timedelta(minutes=1), start=TEN + HALF)
    assert old.booking and old.booking.start == TEN


def test_the_calendar_is_polled_only_while_something_lies_ahead(office: Office, incident: Incident) -> None:
    office.sync.plan()
    assert "calendar/sync" not in str(office.rows())
    booked(office, incident)
    office.sync.plan()
    office.sync.plan()
    assert sum("calendar/sync" in key for key in office.rows()) == 1
    office.perform_all()
    office.clock.move(minutes=2)
    office.sync.plan()
    # The rows of earlier polls are deleted.
    assert sum("calendar/sync" in key for key in office.rows()) == 1
    office.perform_all()
    office.clock.move(days=3)
    office.sync.plan()
    assert waiting(office, "calendar/sync") == 0


def test_how_far_the_calendar_was_read_is_stored(office: Office, incident: Incident) -> None:
    assert office.sync.token() is None
    office.sync.read_up_to("abc")
    assert office.sync.token() == "abc"
    office.sync.read_up_to(None)
    assert office.sync.token() is None


def test_the_postmortem_shows_the_meetings_time(office: Office, incident: Incident) -> None:
    office.postmortems.create_postmortem(incident.id, by="ANA", key=next(keys))
    made = booked(office, incident)
    document = office.postmortems.document(incident.id, viewer="ANA")
    assert document.meeting == made.booking
    office.meetings.cancel(made.id, by="ANA", key=next(keys))
    assert office.postmortems.document(incident.id, viewer="ANA").meeting is None


def test_two_installations_never_share_an_event_id(office: Office, incident: Incident) -> None:
    made = ask(office, incident)
    plan = office.meetings.plan(made.id)
    office.connect_calendar("another@acme.example")
    again = office.meetings.plan(made.id)
    assert plan and again and plan.event_id == again.event_id
    assert set(plan.event_id) <= set("0123456789abcdefghijklmnopqrstuv") and len(plan.event_id) == 52


def test_people_who_left_a_private_channel_meanwhile_are_not_invited(office: Office) -> None:
    office.connect_calendar()
    hidden = office.declare(is_private=True)
    office.channels.set_members(hidden.id, frozenset({"ANA", "BEN"}), office.clock.now)
    made = ask(office, hidden)
    item = office.items.create_action_item(
        NewActionItem(hidden.id, "Check it", assigned_to="BEN", due_date=MONDAY), by="ANA", key=next(keys)
    )
    reads = CalendarReads(office.database, office.clock)
    before = office.meetings.plan(made.id)
    office.clock.move(minutes=1)
    office.channels.set_members(hidden.id, frozenset({"ANA"}), office.clock.now)
    after, due = office.meetings.plan(made.id), reads.due_date(hidden.id, item.id)
    assert before and [each.id for each in before.invitees] == ["ANA", "BEN"]
    assert after and [each.id for each in after.invitees] == ["ANA"]
    assert due and due.owner is None


def test_a_search_uses_the_days_of_the_last_person_who_asked(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    office.people.save([{"id": "CHEN", "name": "chen", "tz": "Asia/Tokyo", "updated": 2_000_000_000}])
    ask(office, incident, "CHEN", meeting_id=made.id)
    plan = office.meetings.plan(made.id)
    assert plan and plan.search.latest == datetime(2026, 3, 6, 15, tzinfo=UTC)


def test_our_own_move_is_ignored_even_before_it_is_noted(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    later = TEN + timedelta(days=1)
    office.meetings.pick(made.id, later, by="ANA", key=next(keys))
    found = heard(office, made, start=later, end=later + HALF)
    assert (found.status, news(office)) == (MeetingStatus.BOOKING, [])


def test_an_event_restored_after_it_was_cancelled_in_the_calendar_is_removed_again(
    office: Office, incident: Incident
) -> None:
    made = booked(office, incident)
    later = TEN + timedelta(days=1)
    wanted = office.meetings.pick(made.id, later, by="ANA", key=next(keys))
    assert "INC-1/meeting-1/calendar" in str(office.claim())
    assert heard(office, made, is_cancelled=True).status is MeetingStatus.CANCELLED
    office.meetings.booked(wanted, Booking(later, later + HALF), Slot(later, later + HALF))
    assert now(office, made).status is MeetingStatus.CANCELLED
    assert waiting(office, "/calendar/") == 1


def test_changes_to_a_meeting_are_noticed_until_a_day_after_its_end(
    office: Office, incident: Incident
) -> None:
    booked(office, incident)
    office.clock.now = TEN + HALF + timedelta(hours=23)
    office.sync.plan()
    assert waiting(office, "calendar/sync") == 1


def test_only_changes_to_our_own_events_are_noticed(office: Office, incident: Incident) -> None:
    made = booked(office, incident)
    plan = office.meetings.plan(made.id)
    block = office.blocks.block(office.declare().id, 60, by="BEN", key=next(keys))
    other = office.blocks.plan(block.id)
    assert plan and other
    assert office.sync.ours([plan.event_id, other.event_id, "lunch"]) == {plan.event_id, other.event_id}


def test_trouble_is_shown_during_retries_and_again_when_it_is_given_up(
    office: Office, incident: Incident
) -> None:
    made = ask(office, incident)

    def fail(kind: FailureKind) -> tuple[str, bool] | None:
        row = office.perform_until(next(key for key in office.rows() if "meeting-1/calendar/" in key))
        office.outbox.fail(row, Failure(kind, "google_backendError"))
        office.clock.move(minutes=1)
        return office.performer_reads.trouble_in("INC-1/meeting-1/calendar")

    told = []
    for kind, is_dead in (
        (FailureKind.PASSING, False),
        (FailureKind.PASSING, False),
        (FailureKind.FINAL, True),
    ):
        assert fail(kind) == ("google_backendError", is_dead)
        told.append(sum("meeting-1/trouble" in key for key in office.rows()))
    # The same trouble is shown once, and so is its end.
    assert told == [1, 1, 2]
    assert made.status is MeetingStatus.LOOKING


def test_a_meeting_that_was_made_all_day_is_shown_so_and_can_be_updated(
    office: Office, incident: Incident
) -> None:
    made = booked(office, incident)
    start = datetime(2026, 3, 5, tzinfo=UTC)
    told = EventNews(
        made.event_id or "",
        is_cancelled=False,
        updated=office.clock.now + HALF,
        start=start,
        end=start + timedelta(days=1),
    )
    for _ in range(2):
        office.sync.hear([told])
    found = now(office, made)
    assert found.booking and found.booking.is_whole_day
    assert (found.minutes, found.status) == (made.minutes, MeetingStatus.BOOKED)
    moved = [key for key in office.rows() if f"/{News.MOVED.value}/" in key]
    assert len(moved) == 1 and start.isoformat() in moved[0]
    plan = office.meetings.plan(made.id)
    assert plan and found.booked
    event = meeting_event(plan, found.booked)
    assert event.is_whole_day and told.is_at(event.starts, event.ends)
    assert body_of(event)["start"] == {"date": "2026-03-05"}
    timed = replace(told, start=TEN, end=TEN + HALF, updated=office.clock.now + 2 * HALF)
    office.sync.hear([timed])
    again = now(office, made)
    assert again.booking and not again.booking.is_whole_day


def test_a_time_block_that_was_made_all_day_keeps_its_time(office: Office) -> None:
    office.connect_calendar()
    made = office.step(office.declare(by="ANA"), "investigating")
    block = office.blocks.block(made.id, 60, by="ANA", key=next(keys))
    start = datetime(2026, 3, 5, tzinfo=UTC)
    office.sync.hear(
        [EventNews(block.event_id or "", False, office.clock.now + HALF, start, start + timedelta(days=1))]
    )
    plan = office.blocks.plan(block.id)
    assert plan and plan.block == block

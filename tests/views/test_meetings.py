"""A meeting on screen: Slack takes it, hostile names stay names, and each state offers what can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar.meetings import (
    MAX_PEOPLE,
    Invitee,
    Meeting,
    MeetingPlan,
    MeetingStatus,
    News,
    Reply,
)
from bot.domain.calendar.slots import Slot
from bot.domain.kit.bookings import Booking
from bot.domain.kit.text import storable
from bot.views.calendar.meetings import (
    NO_CALENDAR,
    arrange_button,
    booking_line,
    meeting_message,
    news_message,
    slot_text,
)
from bot.views.kit.labels import FILE_REFUSED
from bot.views.kit.message import Message, context
from bot.views.kit.remedies import words_for
from bot.views.postmortems.outline import measures
from tests.support.examples import NOW, any_text, document, incident, meeting, meeting_plan
from tests.views.screens import action_ids, check, shown, texts

TEN = datetime(2026, 3, 4, 10, tzinfo=UTC)
HALF = timedelta(minutes=30)
TEN_SHOWN = f"<!date^{int(TEN.timestamp())}^{{date_short_pretty}} {{time}}|2026-03-04 10:00 UTC>"
HALF_PAST = f"<!date^{int((TEN + HALF).timestamp())}^{{time}}|2026-03-04 10:30 UTC>"
LATER = NOW + timedelta(days=9)
# On Slack's own site, because the checks take that for a link of the bot.
PAGE, CALL = "https://acme.slack.com/event?a=1&b=2", "https://acme.slack.com/call"
BOOKING = Booking(TEN, TEN + HALF, PAGE, CALL)
SLOTS = tuple(Slot(TEN + n * HALF, TEN + (n + 1) * HALF) for n in range(3))
ZONES = (
    "America/Argentina/Buenos_Aires",
    "America/North_Dakota/New_Salem",
    "America/Los_Angeles",
    "Antarctica/DumontDUrville",
    "Asia/Kathmandu",
    "Asia/Ho_Chi_Minh",
    "Australia/Lord_Howe",
    "Europe/Isle_of_Man",
    "Pacific/Kiritimati",
    "Pacific/Port_Moresby",
)
NAMES = {
    "entities": "&" * 80,
    "pings": "<!channel> <@U1> & <https://evil.example|ok>",
    "emoji": "🔥" * 80,
    "long": "x" * 500,
    "quotes": "'\"`" * 30,
}
STANDS: dict[MeetingStatus, dict[str, Any]] = {
    MeetingStatus.LOOKING: {},
    MeetingStatus.OFFERED: {"offered": SLOTS},
    MeetingStatus.BOOKING: {"wanted": SLOTS[0]},
    MeetingStatus.BOOKED: {"booking": BOOKING, "booked": SLOTS[0]},
    MeetingStatus.CANCELLED: {},
}
"""The least that a meeting of each status has."""


def at(status: MeetingStatus, **values: Any) -> Meeting:
    return meeting(status=status, **{**STANDS[status], **values})


def message_of(found: Meeting, now: datetime = NOW, **values: Any) -> Message:
    return meeting_message(meeting_plan(found), now, **values)


def message_without_calendar(found: Meeting) -> Message:
    return meeting_message(replace(meeting_plan(found), is_connected=False), NOW)


def crowd(name: str) -> tuple[Invitee, ...]:
    """As many people as can be invited, all over the world, half of them optional."""
    return tuple(
        Invitee(f"U{n:03}", name, f"u{n}@acme.example", ZONES[n % len(ZONES)], n % 2 == 0)
        for n in range(MAX_PEOPLE)
    )


def fullest(status: MeetingStatus, name: str) -> MeetingPlan:
    """Everything that a meeting can say, about two hundred people who can't make it."""
    people = crowd(name)
    ids = tuple(each.id for each in people)
    slots = tuple(replace(each, busy=ids[:60], outside=ids[60:120], unknown=ids[120:]) for each in SLOTS)
    found = meeting(
        id=10**9,
        status=status,
        required=ids[::2],
        optional=ids[1::2],
        minutes=60,
        offered=slots,
        wanted=slots[0],
        was_taken=True,
        booking=replace(BOOKING, is_inviting=False),
        booked=slots[0],
        replies={user: tuple(Reply)[n % 4] for n, user in enumerate(ids)},
    )
    return meeting_plan(found, incident(id=10**9, title="&" * 200), invitees=people)


def test_every_state_has_an_example() -> None:
    assert set(STANDS) == set(MeetingStatus)


@pytest.mark.parametrize("status", MeetingStatus)
@pytest.mark.parametrize("name", NAMES)
def test_slack_takes_the_fullest_meeting(status: MeetingStatus, name: str) -> None:
    plan = fullest(status, NAMES[name])
    for trouble in (None, ("&" * 500, True), ("google_notFound", False)):
        for is_connected in (True, False):
            check(meeting_message(replace(plan, is_connected=is_connected), NOW, trouble))


@given(
    st.sampled_from(MeetingStatus),
    st.lists(any_text.map(storable).filter(bool), min_size=3, max_size=3),
    st.booleans(),
)
def test_slack_takes_whatever_people_are_called(
    status: MeetingStatus, names: list[str], was_taken: bool
) -> None:
    plan = meeting_plan(at(status, was_taken=was_taken))
    people = [replace(each, name=name) for each, name in zip(plan.invitees, names, strict=True)]
    busy = tuple(each.id for each in people)
    slots = tuple(replace(each, busy=busy) for each in plan.meeting.offered)
    told = replace(plan, invitees=tuple(people), meeting=replace(plan.meeting, offered=slots))
    check(meeting_message(told, NOW))
    check(meeting_message(told, LATER))


@pytest.mark.parametrize(
    "name", ["<!channel>", "<@U1> & co", "&amp;lt;ana&amp;gt;", "`*_~ana~_*`", "{ref} %s"]
)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    plan = meeting_plan(at(MeetingStatus.BOOKED))
    people = (replace(plan.invitees[0], name=name),)
    assert f"Invited: {name}" in shown(meeting_message(replace(plan, invitees=people), NOW))


@pytest.mark.parametrize("status", MeetingStatus)
def test_a_meeting_whose_people_have_all_left_is_still_shown(status: MeetingStatus) -> None:
    check(meeting_message(meeting_plan(at(status), invitees=()), NOW))


@pytest.mark.parametrize(
    ("status", "values", "ways"),
    [
        ("looking", {}, ["pick_meeting_time", "cancel_meeting"]),
        ("looking", {"booking": BOOKING}, ["pick_meeting_time", "keep_meeting", "cancel_meeting"]),
        ("offered", {}, [*["book_slot"] * 3, "other_times", "pick_meeting_time", "cancel_meeting"]),
        (
            "offered",
            {"booking": BOOKING},
            [*["book_slot"] * 3, "other_times", "pick_meeting_time", "keep_meeting", "cancel_meeting"],
        ),
        ("offered", {"offered": ()}, ["arrange_meeting", "pick_meeting_time", "cancel_meeting"]),
        (
            "offered",
            {"offered": (), "booking": BOOKING},
            ["arrange_meeting", "pick_meeting_time", "keep_meeting", "cancel_meeting"],
        ),
        ("booking", {}, ["cancel_meeting"]),
        ("booking", {"booking": BOOKING}, ["cancel_meeting"]),
        ("booked", {}, ["arrange_meeting", "pick_meeting_time", "cancel_meeting"]),
        ("cancelled", {}, ["arrange_meeting"]),
    ],
)
def test_each_state_offers_what_can_be_done(status: str, values: dict[str, Any], ways: list[str]) -> None:
    assert action_ids(message_of(at(MeetingStatus(status), **values)).blocks) == ways


def test_a_meeting_that_is_over_offers_nothing() -> None:
    assert action_ids(message_of(at(MeetingStatus.BOOKED), TEN + HALF).blocks) == []
    assert action_ids(message_of(at(MeetingStatus.BOOKED), TEN + HALF - timedelta(seconds=1)).blocks)


def test_cancelling_asks_first_only_if_people_know_of_the_meeting() -> None:
    for status in (MeetingStatus.LOOKING, MeetingStatus.OFFERED, MeetingStatus.BOOKING):
        assert "Cancel the meeting?" not in list(texts(message_of(at(status)).blocks, "plain_text"))
        moved = message_of(at(status, booking=BOOKING))
        assert "Cancel the meeting?" in list(texts(moved.blocks, "plain_text"))


def test_times_are_offered_below_each_other_and_the_first_one_is_highlighted() -> None:
    plan = meeting_plan(at(MeetingStatus.OFFERED))
    blocks = meeting_message(plan, NOW).blocks[1:4]
    assert [each["text"]["text"] for each in blocks] == [slot_text(each, plan.invitees) for each in SLOTS]
    buttons = [each["accessory"] for each in blocks]
    assert [each["value"] for each in buttons] == [f"3/{int(each.start.timestamp())}" for each in SLOTS]
    assert [each.get("style") for each in buttons] == ["primary", None, None]


def test_times_that_have_passed_are_not_offered() -> None:
    message = message_of(at(MeetingStatus.OFFERED), SLOTS[1].start - timedelta(seconds=1))
    assert action_ids(message.blocks).count("book_slot") == 2
    assert message.blocks[1]["accessory"]["style"] == "primary"
    message = message_of(at(MeetingStatus.OFFERED), SLOTS[2].start)
    assert "I found no slot on these days." in shown(message)
    assert action_ids(message.blocks) == ["arrange_meeting", "pick_meeting_time", "cancel_meeting"]


@pytest.mark.parametrize(
    ("status", "values", "said"),
    [
        ("looking", {}, "Looking for a 30-minute slot for 3 people …"),
        ("looking", {"was_taken": True}, "That time has just been taken.\nLooking for a 30-minute slot"),
        ("offered", {"minutes": 45}, "*Postmortem meeting for INC-12* · 45 minutes\nWhich time works?"),
        ("offered", {"was_taken": True}, "That time has just been taken. These are left:"),
        ("booking", {}, f"Booking <!date^{int(TEN.timestamp())}^"),
        ("booking", {"wanted": None}, "Booking soon …"),
        ("booked", {}, f"*Postmortem meeting for INC-12*\n<!date^{int(TEN.timestamp())}^"),
        ("cancelled", {}, "It was cancelled."),
    ],
)
def test_a_meeting_shows_its_progress(status: str, values: dict[str, Any], said: str) -> None:
    message = message_of(at(MeetingStatus(status), **values))
    check(message)
    assert said in shown(message)
    assert message.text.startswith("INC-12: ")


def test_if_no_time_suits_everybody_the_message_says_so() -> None:
    ana, emi = (each.id for each in meeting_plan(meeting()).invitees[::2])
    missed = tuple(replace(each, busy=(ana,)) for each in SLOTS)
    said = "No time works for everybody who must attend. These work for most:"
    assert said in shown(message_of(at(MeetingStatus.OFFERED, offered=missed)))
    assert f"just been taken. {said}" in shown(
        message_of(at(MeetingStatus.OFFERED, offered=missed, was_taken=True))
    )
    for fine in ((SLOTS[0], *missed[1:]), tuple(replace(each, busy=(emi,)) for each in SLOTS)):
        assert "Which time works?" in shown(message_of(at(MeetingStatus.OFFERED, offered=fine)))


def test_one_person_is_counted_in_the_singular() -> None:
    plan = meeting_plan(at(MeetingStatus.LOOKING))
    assert "for 1 person …" in shown(meeting_message(replace(plan, invitees=plan.invitees[:1]), NOW))


def test_every_state_has_a_text_of_its_own() -> None:
    assert len({message_of(at(each)).text for each in MeetingStatus}) == len(MeetingStatus)


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ({}, "Invited: ana, ben, emi (optional)"),
        ({"U0ANA": Reply.NEEDS_ACTION}, "Invited: ana, ben, emi (optional)"),
        ({"U0ANA": Reply.ACCEPTED}, "Going: ana · no reply yet: ben, emi (optional)"),
        (
            {
                "U0ANA": Reply.ACCEPTED,
                "U0BEN": Reply.TENTATIVE,
                "U0EMI": Reply.DECLINED,
                "UGONE": Reply.DECLINED,
            },
            "Going: ana · maybe: ben · not going: emi (optional)",
        ),
    ],
)
def test_a_booked_meeting_says_who_comes(replies: dict[str, Reply], said: str) -> None:
    message = message_of(at(MeetingStatus.BOOKED, replies=replies))
    assert message.blocks[1] == context(said)


def test_a_booked_meeting_says_who_is_missing() -> None:
    message = message_of(at(MeetingStatus.BOOKED, booked=replace(SLOTS[0], busy=("U0EMI",))))
    assert message.blocks[2] == context("⚠️ Busy: emi (optional)")


@pytest.mark.parametrize("status", MeetingStatus)
def test_trouble_is_shown_while_the_calendar_has_work_to_do(status: MeetingStatus) -> None:
    plain = message_of(at(status))
    trying = message_of(at(status), trouble=("google_notFound", False))
    dead = message_of(at(status), trouble=("google_notFound", True))
    if status in {MeetingStatus.OFFERED, MeetingStatus.BOOKED}:
        assert plain == trying == dead
        return
    remedy = words_for("google_notFound")
    assert trying.blocks[1] == context(f"The calendar hasn't done this yet ({remedy}). I'll keep trying.")
    assert dead.blocks[1]["text"]["text"] == f"The calendar refused this ({remedy})."
    retry = dead.blocks[1]["accessory"]
    assert (retry["action_id"], retry["value"]) == ("retry_failed", "12")
    for each in (trying, dead):
        assert (each.blocks[0], *each.blocks[2:]) == plain.blocks


def uninvited(message: Message) -> list[Any]:
    """The blocks, with nobody invited."""
    told = [context("Who should come: ana, ben, emi (optional)"), *message.blocks]
    return [told[0] if each == context("Invited: ana, ben, emi (optional)") else each for each in told[1:]]


@pytest.mark.parametrize("status", MeetingStatus)
def test_without_a_calendar_a_meeting_says_so_as_long_as_it_matters(status: MeetingStatus) -> None:
    plain, alone = message_of(at(status)), message_without_calendar(at(status))
    more = () if status is MeetingStatus.CANCELLED else (context(NO_CALENDAR),)
    assert alone.blocks == (*uninvited(plain), *more)


@pytest.mark.parametrize(
    ("days", "said"), [(1, "Wed 4 Mar 2026, all day"), (2, "Wed 4 Mar 2026 – Thu 5 Mar 2026, all day")]
)
def test_an_all_day_meeting_shows_its_days_and_no_time(days: int, said: str) -> None:
    start = datetime(2026, 3, 4, tzinfo=UTC)
    found = at(MeetingStatus.BOOKED, booking=replace(BOOKING, start=start, end=start + timedelta(days=days)))
    assert said in shown(message_of(found)) and "date_short_pretty" not in shown(message_of(found))
    told = shown(news_message(meeting_plan(found), News.MOVED, start.isoformat()))
    assert f"was moved to {said}, in the calendar" in told
    assert "date_short_pretty" in shown(news_message(meeting_plan(found), News.MOVED, TEN.isoformat()))
    shown_in = dict(measures(document(meeting=found.booking, zone="America/Los_Angeles")))
    assert shown_in["Meeting"] == "Wed 4 Mar 2026"


@pytest.mark.parametrize("code", ["missing_scope", "TimeoutError", "slack_certificate"])
def test_trouble_with_the_file_is_not_blamed_on_the_calendar(code: str) -> None:
    for is_dead, said in ((False, "I couldn't send the file yet"), (True, "Slack refused the")):
        message = message_of(at(MeetingStatus.BOOKING), trouble=(f"{FILE_REFUSED}{code}", is_dead))
        told = shown(message)
        assert said in told and code not in told and "alendar refused" not in told
        check(message)


def test_an_account_that_may_not_invite_says_what_to_do_instead() -> None:
    found = at(MeetingStatus.BOOKED, booking=replace(BOOKING, is_inviting=False))
    inviting, not_inviting = message_of(at(MeetingStatus.BOOKED)), message_of(found)
    assert list(not_inviting.blocks[:-1]) == uninvited(inviting)
    assert "add the file in the thread" in not_inviting.blocks[-1]["elements"][0]["text"]
    assert message_without_calendar(found).blocks[-1] == context(NO_CALENDAR)


def test_people_whom_no_calendar_can_invite_are_pointed_to_their_file() -> None:
    plan = meeting_plan(at(MeetingStatus.BOOKED))
    people = (plan.invitees[0], *(replace(each, email=None) for each in plan.invitees[1:]))
    alone = replace(plan, invitees=people)
    said = "I can't see the e-mail address of ben, emi (optional). They can use the file in the thread."
    who = context("Invited: ana · not invited: ben, emi (optional)")
    plain = meeting_message(plan, NOW).blocks
    assert meeting_message(alone, NOW).blocks == (plain[0], who, *plain[2:], context(said))
    unconnected = replace(alone, is_connected=False)
    assert meeting_message(unconnected, NOW).blocks[-1] == context(NO_CALENDAR)


@pytest.mark.parametrize("status", sorted(set(MeetingStatus) - {MeetingStatus.BOOKED}))
def test_the_file_is_mentioned_only_while_its_time_is_valid(status: MeetingStatus) -> None:
    alone = message_of(at(status, booking=replace(BOOKING, is_inviting=False)))
    assert alone == message_of(at(status, booking=BOOKING))


def invited(*zones: str) -> tuple[Invitee, ...]:
    return tuple(Invitee(f"U{n}", f"n{n}", None, zone) for n, zone in enumerate(zones))


@pytest.mark.parametrize(
    ("start", "zones", "told"),
    [
        # Summer time on only one side of the Atlantic.
        (
            datetime(2026, 3, 10, 16, tzinfo=UTC),
            ("Europe/Berlin", "America/Los_Angeles", "Europe/Berlin"),
            "Los Angeles Tue 09:00 · Berlin Tue 17:00",
        ),
        (
            datetime(2026, 4, 14, 16, tzinfo=UTC),
            ("Europe/Berlin", "America/Los_Angeles"),
            "Los Angeles Tue 09:00 · Berlin Tue 18:00",
        ),
        # Twelve hours apart.
        (
            datetime(2026, 7, 1, 1, tzinfo=UTC),
            ("Asia/Tokyo", "America/Sao_Paulo"),
            "Sao Paulo Tue 22:00 · Tokyo Wed 10:00",
        ),
        # On both sides of the date line, a day and an hour apart.
        (
            datetime(2026, 3, 3, 10, 30, tzinfo=UTC),
            ("Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"),
            "Pago Pago Mon 23:30 · UTC Tue 10:30 · Kiritimati Wed 00:30",
        ),
        # The minutes before and after Berlin's clocks are changed.
        (datetime(2026, 3, 29, 0, 45, tzinfo=UTC), ("Europe/Berlin",), "Berlin Sun 01:45"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), ("Europe/Berlin",), "Berlin Sun 03:00"),
        # An hour that occurs twice in Berlin.
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            ("Europe/London", "Europe/Berlin"),
            "London Sun 01:30 · Berlin Sun 02:30",
        ),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            ("Europe/London", "Europe/Berlin"),
            "London Sun 01:30 · Berlin Sun 02:30",
        ),
        # Offsets that differ by less than an hour.
        (
            datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
            ("Asia/Kathmandu", "America/St_Johns"),
            "St Johns Wed 20:30 · Kathmandu Thu 05:45",
        ),
        (
            datetime(2026, 3, 3, 10, tzinfo=UTC),
            ("America/Argentina/Buenos_Aires",),
            "Buenos Aires Tue 07:00",
        ),
    ],
)
def test_a_time_is_shown_in_each_time_zone_from_west_to_east(
    start: datetime, zones: tuple[str, ...], told: str
) -> None:
    lines = slot_text(Slot(start, start + HALF), invited(*zones)).split("\n")
    assert lines[1:] == [told]


def test_a_time_is_shown_to_readers_in_their_own_time_zone() -> None:
    first = slot_text(SLOTS[0], invited("UTC")).split("\n")[0]
    assert first == f"*{TEN_SHOWN} – {HALF_PAST}*"


def test_only_the_first_eight_of_many_time_zones_are_shown() -> None:
    line = slot_text(SLOTS[0], invited(*ZONES)).split("\n")[1]
    assert line.count(" · ") == 8
    assert line.endswith(" · and 2 more zones")
    assert "more" not in slot_text(SLOTS[0], invited(*ZONES[:8]))


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"busy": ("U0ANA", "U0EMI")}, "⚠️ Busy: ana, emi (optional)"),
        ({"outside": ("U0BEN",)}, "⚠️ Outside working hours: ben"),
        ({"unknown": ("U0BEN",)}, "⚠️ Calendar not visible: ben"),
        (
            {"busy": ("U0ANA",), "outside": ("U0BEN",), "unknown": ("U0EMI",)},
            "⚠️ Busy: ana · outside working hours: ben · calendar not visible: emi (optional)",
        ),
    ],
)
def test_people_who_cannot_make_it_are_named_with_the_reason(missing: dict[str, Any], told: str) -> None:
    people = meeting_plan(meeting()).invitees
    lines = slot_text(replace(SLOTS[0], **missing), people).split("\n")
    assert lines[2:] == [told]
    assert len(slot_text(SLOTS[0], people).split("\n")) == 2


def test_people_who_left_meanwhile_are_not_named() -> None:
    people = meeting_plan(meeting()).invitees
    assert slot_text(replace(SLOTS[0], busy=("UGONE",)), people) == slot_text(SLOTS[0], people)


def test_only_the_first_of_many_who_cannot_make_it_are_named() -> None:
    people = crowd("Zoe")
    line = slot_text(replace(SLOTS[0], busy=tuple(each.id for each in people[:30])), people).split("\n")[2]
    assert line.count("Zoe") < 30
    assert line.endswith(f", {30 - line.count('Zoe')} more")


@pytest.mark.parametrize(
    ("news", "about", "told"),
    [
        (
            News.MOVED,
            TEN.isoformat(),
            f"🗓 The postmortem meeting for INC-12 was moved to {TEN_SHOWN} in the calendar.",
        ),
        (News.CANCELLED, "", "🗓 The postmortem meeting for INC-12 was cancelled in the calendar."),
        (News.DECLINED, "U0BEN", "🗓 <@U0BEN> declined the postmortem meeting for INC-12."),
    ],
)
def test_news_from_the_calendar_is_one_line(news: News, about: str, told: str) -> None:
    message = news_message(meeting_plan(at(MeetingStatus.BOOKED)), news, about)
    check(message)
    assert message == Message(told, (context(told),))


@pytest.mark.parametrize("news", News)
def test_every_kind_of_news_has_a_sentence_of_its_own(news: News) -> None:
    plan = meeting_plan(at(MeetingStatus.BOOKED))
    about = {News.MOVED: TEN.isoformat(), News.DECLINED: "U0BEN"}
    others = [news_message(plan, each, about.get(each, "")).text for each in News if each is not news]
    assert news_message(plan, news, about.get(news, "")).text not in others


@pytest.mark.parametrize(
    ("links", "ways"),
    [
        ({}, ""),
        ({"link": PAGE}, " · <https://acme.slack.com/event?a=1&amp;b=2|Open in the calendar>"),
        ({"meet": CALL}, f" · <{CALL}|Join the call>"),
        (
            {"link": PAGE, "meet": CALL},
            f" · <{CALL}|Join the call> · <https://acme.slack.com/event?a=1&amp;b=2|Open in the calendar>",
        ),
        (
            {"link": "https://x.example/><!channel>"},
            " · <https://x.example/&gt;&lt;!channel&gt;|Open in the calendar>",
        ),
    ],
)
def test_a_booking_leads_to_the_call_and_to_the_calendar(links: dict[str, Any], ways: str) -> None:
    booking = Booking(TEN, TEN + HALF, **links)
    assert booking_line(booking) == f"{TEN_SHOWN} – {HALF_PAST}{ways}"


def test_the_link_to_a_meeting_names_its_incident() -> None:
    made = arrange_button(incident(), "Other days")
    assert (made["action_id"], made["value"], made["text"]["text"]) == ("arrange_meeting", "12", "Other days")
    assert arrange_button(incident())["text"]["text"] == "Book the meeting"

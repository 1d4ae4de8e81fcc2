"""The forms of meetings open whatever they start with, and return what was filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar.meetings import LENGTHS, MAX_PEOPLE, MeetingDefaults
from bot.domain.kit.bookings import Booking
from bot.domain.kit.errors import OutdatedButton
from bot.domain.surface.forms import FormName, MeetingInput
from bot.views.calendar.meeting_forms import meeting_form, parse_meeting, parse_pick, pick_form
from bot.views.calendar.meetings import NO_CALENDAR
from bot.views.kit.message import context
from tests.support.examples import NOW, incident, meeting
from tests.views.screens import Json, check_form, texts

WINDOW = (date(2026, 3, 3), date(2026, 3, 9))
START = MeetingDefaults(incident(), ("U0ANA", "U0BEN"), ("U0EMI",), 45, WINDOW, None, is_connected=True)
UNTOUCHED = MeetingInput(12, ("U0ANA", "U0BEN"), ("U0EMI",), 45, *WINDOW)
INITIAL = {
    "multi_users_select": ("selected_users", "initial_users"),
    "radio_buttons": ("selected_option", "initial_option"),
    "datepicker": ("selected_date", "initial_date"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
people = st.lists(st.from_regex(r"U[A-Z0-9]{8}", fullmatch=True), max_size=30, unique=True).map(tuple)
days = st.dates(date(2026, 1, 1), date(2036, 1, 1))


def submitted(view: Json, **chosen: Any) -> Json:
    """The submission of a form with these fields chosen; the others keep the form's values."""
    values: Json = {}
    for block in view["blocks"]:
        element = block.get("element")
        if element:
            name, initial = INITIAL[element["type"]]
            state = chosen.get(block["block_id"], element.get(initial))
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], name: state}}
    return {**view, "id": "V1", "state": {"values": values}}


def option(value: str) -> Json:
    return {"text": {"type": "plain_text", "text": "x"}, "value": value}


@given(
    st.builds(
        MeetingDefaults,
        st.builds(incident, id=st.integers(1, 10**9)),
        people,
        people,
        st.integers(-1, 1000),
        st.tuples(days, days),
        st.none() | st.integers(1, 10**9),
        st.booleans(),
    )
)
def test_the_form_opens_whatever_it_starts_with_and_returns_it_untouched(start: MeetingDefaults) -> None:
    form = meeting_form(start)
    check_form(form)
    length = start.minutes if start.minutes in LENGTHS else LENGTHS[0]
    assert parse_meeting(submitted(form)) == MeetingInput(
        start.incident.id, start.required, start.optional, length, *start.window, start.meeting_id
    )


def test_the_form_opens_with_as_many_people_as_can_be_invited() -> None:
    everybody = tuple(f"U{n:010}" for n in range(MAX_PEOPLE))
    form = meeting_form(replace(START, incident=incident(id=10**12), required=everybody, optional=everybody))
    check_form(form)
    assert parse_meeting(submitted(form)).required == everybody


def test_what_was_filled_in_is_read_back() -> None:
    view = submitted(
        meeting_form(replace(START, meeting_id=3)),
        required=["U0BEN"],
        optional=["U0ANA", "U0ZOE"],
        minutes=option("60"),
        window_from="2026-04-01",
        window_to="2026-04-30",
    )
    assert parse_meeting(view) == MeetingInput(
        12, ("U0BEN",), ("U0ANA", "U0ZOE"), 60, date(2026, 4, 1), date(2026, 4, 30), 3
    )


def test_fields_that_were_left_empty_are_read_as_nothing() -> None:
    empty: dict[str, Any] = {
        "required": [],
        "optional": None,
        "minutes": None,
        "window_from": None,
        "window_to": "",
    }
    assert parse_meeting(submitted(meeting_form(START), **empty)) == MeetingInput(12, (), (), 0, None, None)
    view = {**meeting_form(START), "state": {"values": {}}}
    assert parse_meeting(view) == MeetingInput(12, (), (), 0, None, None)


def test_the_form_says_what_it_is_about() -> None:
    new, moved = meeting_form(START), meeting_form(replace(START, meeting_id=3))
    assert [form["title"]["text"] for form in (new, moved)] == ["Meeting · INC-12", "Reschedule · INC-12"]
    assert {form["callback_id"] for form in (new, moved)} == {FormName.MEETING}
    assert [block["label"]["text"] for block in new["blocks"] if block["optional"]] == ["Who else may attend"]


def test_every_length_can_be_chosen() -> None:
    options = next(each for each in meeting_form(START)["blocks"] if each["block_id"] == "minutes")["element"]
    assert [each["value"] for each in options["options"]] == [str(each) for each in LENGTHS]
    assert options["initial_option"]["value"] == "45"


def test_without_a_calendar_the_form_says_so() -> None:
    alone = meeting_form(replace(START, is_connected=False))
    check_form(alone)
    assert alone["blocks"] == [*meeting_form(START)["blocks"], context(NO_CALENDAR)]
    assert parse_meeting(submitted(alone)) == UNTOUCHED


def test_a_picked_time_is_read_back() -> None:
    form = pick_form(meeting())
    check_form(form)
    assert form["callback_id"] == FormName.PICK_TIME
    assert "(30 minutes)" in " ".join(texts(form, "plain_text"))
    assert parse_pick(submitted(form, at=int(NOW.timestamp()))) == (3, NOW)


def test_the_form_starts_with_the_time_that_is_booked() -> None:
    start = NOW + timedelta(days=1)
    form = pick_form(meeting(booking=Booking(start, start + timedelta(minutes=30))))
    check_form(form)
    assert parse_pick(submitted(form)) == (3, start)


def test_a_missing_time_counts_as_passed() -> None:
    assert parse_pick(submitted(pick_form(meeting()))) == (3, datetime.fromtimestamp(0, UTC))


@pytest.mark.parametrize(
    "metadata",
    [
        "",
        "{}",
        '{"incident_id": "magic", "meeting_id": "magic"}',
        '{"incident_id": null, "meeting_id": null}',
        "null",
        "[12]",
        "no JSON",
    ],
)
@pytest.mark.parametrize("read", [parse_meeting, parse_pick], ids=["meeting", "pick"])
def test_a_form_without_our_metadata_is_out_of_date(read: Callable[[Json], Any], metadata: str) -> None:
    form = meeting_form(START) if read is parse_meeting else pick_form(meeting())
    with pytest.raises(OutdatedButton):
        read({**submitted(form), "private_metadata": metadata})


@pytest.mark.parametrize(
    "odd",
    [
        {"minutes": option("magic")},
        {"window_from": "2026-02-31"},
        {"window_to": "tomorrow"},
    ],
)
def test_values_that_our_forms_cannot_hold_are_refused(odd: Json) -> None:
    with pytest.raises(OutdatedButton):
        parse_meeting(submitted(meeting_form(START), **odd))


@pytest.mark.parametrize("at", ["soon", 10**30, -(10**30)])
def test_a_time_that_the_picker_cannot_return_is_refused(at: object) -> None:
    with pytest.raises(OutdatedButton):
        parse_pick(submitted(pick_form(meeting()), at=at))

"""The forms for meetings, each followed by the function that reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.domain.calendar.meetings import LENGTHS, Meeting, MeetingDefaults
from bot.domain.surface.forms import FormName, MeetingInput
from bot.views.calendar.meetings import NO_CALENDAR
from bot.views.kit.form_parts import State, carried, chosen, chosen_day, field_value, input_of, modal, parser
from bot.views.kit.message import Block, context, plain


def meeting_form(start: MeetingDefaults) -> Block:
    """The form that asks for whom to find times, and on which days."""
    lengths = [{"text": plain(f"{each} minutes"), "value": str(each)} for each in LENGTHS]
    length = {
        "type": "radio_buttons",
        "action_id": "minutes",
        "options": lengths,
        "initial_option": lengths[LENGTHS.index(start.minutes) if start.minutes in LENGTHS else 0],
    }
    blocks = [
        _people("required", "Who must attend", start.required, optional=False),
        _people("optional", "Who else may attend", start.optional, optional=True),
        input_of("minutes", "Duration", length, optional=False),
        _day("window_from", "Earliest day", start.window[0]),
        _day("window_to", "Latest day", start.window[1]),
    ]
    if not start.is_connected:
        blocks.append(context(NO_CALENDAR))
    title = f"{'Reschedule' if start.meeting_id else 'Meeting'} · {start.incident.ref}"
    kept = {"incident_id": start.incident.id, "meeting_id": start.meeting_id}
    return modal(FormName.MEETING, title, "Find times", blocks, kept)


@parser
def parse_meeting(view: State) -> MeetingInput:
    """The input from :func:`meeting_form`."""
    kept = carried(view)
    return MeetingInput(
        incident_id=int(kept["incident_id"]),
        required=_chosen_people(view, "required"),
        optional=_chosen_people(view, "optional"),
        minutes=int(chosen(view, "minutes") or 0),
        window_from=chosen_day(view, "window_from"),
        window_to=chosen_day(view, "window_to"),
        meeting_id=int(kept["meeting_id"]) if kept.get("meeting_id") else None,
    )


def pick_form(meeting: Meeting) -> Block:
    """The form that picks a time by hand."""
    element: Block = {"type": "datetimepicker", "action_id": "at"}
    if meeting.booking:
        element["initial_date_time"] = int(meeting.booking.start.timestamp())
    blocks = [
        input_of("at", f"Start ({meeting.minutes} minutes)", element, optional=False),
        context(
            "I'll book this right away, even if somebody is busy then. The meeting's message will show who."
        ),
    ]
    return modal(FormName.PICK_TIME, "Pick a time", "Book", blocks, {"meeting_id": meeting.id})


@parser
def parse_pick(view: State) -> tuple[int, datetime]:
    """The input from :func:`pick_form`: the meeting and its time."""
    at = field_value(view, "at").get("selected_date_time")
    return int(carried(view)["meeting_id"]), datetime.fromtimestamp(int(at or 0), UTC)


def _people(block_id: str, label: str, initial: tuple[str, ...], *, optional: bool) -> Block:
    element: Block = {
        "type": "multi_users_select",
        "action_id": block_id,
        "placeholder": plain("Choose people"),
    }
    if initial:
        element["initial_users"] = list(initial)
    return input_of(block_id, label, element, optional=optional)


def _day(block_id: str, label: str, initial: date) -> Block:
    element = {"type": "datepicker", "action_id": block_id, "initial_date": initial.isoformat()}
    return input_of(block_id, label, element, optional=False)


def _chosen_people(view: State, block_id: str) -> tuple[str, ...]:
    return tuple(str(each) for each in field_value(view, block_id).get("selected_users") or ())

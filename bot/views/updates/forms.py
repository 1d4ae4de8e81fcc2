"""The forms for updates, each followed by the function that reads it."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.surface.forms import CorrectionInput, FormName, UpdateInput
from bot.domain.surface.shown import UpdateFormShown
from bot.domain.updates.model import INTERVALS, KNOWN_LIMIT, MORE_LIMIT, Update, words
from bot.views.kit.form_parts import (
    State,
    as_notice,
    carried,
    chosen,
    input_of,
    modal,
    parser,
    text_input,
    typed,
    with_notice,
)
from bot.views.kit.message import SECTION_LIMIT, Block, menu, plain, section
from bot.views.kit.text import escape_within, local_time, mention
from bot.views.updates.messages import DOING, KNOWN, NEXT

_ROOM = SECTION_LIMIT - 200
_NONE = "0"


def update_form(shown: UpdateFormShown) -> Block:
    """The form that writes an update, below the latest one."""
    incident, latest = shown.incident, shown.latest
    blocks = [*as_notice([_quoted(latest)] if latest else []), *_texts(None)]
    if incident.is_active:
        blocks.append(_due(shown.minutes))
    kept = {"incident_id": incident.id, "seen": latest.number if latest else 0}
    return modal(FormName.UPDATE, f"Update on {incident.ref}", "Send", blocks, kept)


def update_form_again(view: State, latest: Update) -> Block:
    """The submitted :func:`update_form` again, with the update that somebody else has sent since."""
    again = with_notice(view, [_quoted(latest)], {"seen": latest.number})
    return {**again, "submit": plain("Send anyway")}


@parser
def parse_update(view: State) -> UpdateInput:
    """The input from :func:`update_form`."""
    kept, due = carried(view), chosen(view, "due")
    return UpdateInput(
        int(kept["incident_id"]),
        typed(view, "known"),
        typed(view, "doing"),
        typed(view, "next"),
        int(due) if due else None,
        int(kept["seen"]),
    )


def correction_form(incident: Incident, update: Update) -> Block:
    """The form that corrects an update."""
    kept = {
        "incident_id": incident.id,
        "number": update.number,
        "was_corrected": update.corrected_at.isoformat() if update.corrected_at else "",
    }
    title = f"Correct update {update.number}"
    return modal(FormName.CORRECTION, title, "Save", _texts(update), kept)


@parser
def parse_correction(view: State) -> CorrectionInput:
    """The input from :func:`correction_form`."""
    kept = carried(view)
    return CorrectionInput(
        int(kept["incident_id"]),
        int(kept["number"]),
        typed(view, "known"),
        typed(view, "doing"),
        typed(view, "next"),
        str(kept["was_corrected"]),
    )


def _texts(update: Update | None) -> list[Block]:
    known, doing, coming = (update.known, update.doing, update.next) if update else ("", "", "")
    return [
        text_input("known", KNOWN, known, KNOWN_LIMIT, multiline=True, optional=False),
        text_input("doing", DOING, doing, MORE_LIMIT, multiline=True),
        text_input("next", NEXT, coming, MORE_LIMIT, multiline=True),
    ]


def _due(minutes: int) -> Block:
    offered = sorted({*INTERVALS, minutes} - {0})
    options = {**{str(each): f"In {each} minutes" for each in offered}, _NONE: "Not planned"}
    choices = menu("Choose a time", "due", options)
    initial = next(each for each in choices["options"] if each["value"] == str(minutes))
    return input_of("due", "Next update", {**choices, "initial_option": initial}, optional=False)


def _quoted(update: Update) -> Block:
    head = f"*Update {update.number}* by {mention(update.by)}, {local_time(update.at)}"
    return section(f"{head}\n{escape_within(words(update), _ROOM)}")

"""The form for the workspace's settings."""

from __future__ import annotations

from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.roles import BUILT_IN, MAX_ADDED
from bot.domain.kit.links import LIMIT
from bot.domain.settings import ReminderSettings, Role, fingerprint
from bot.domain.surface.forms import FormName, SettingsInput
from bot.views.action_items.forms import _DAY_NAMES, _LONG, _SHORT
from bot.views.kit.form_parts import (
    State,
    carried,
    chosen,
    field_value,
    input_of,
    modal,
    parser,
    text_input,
    typed,
)
from bot.views.kit.labels import SEVERITY
from bot.views.kit.message import Block, plain
from bot.views.kit.text import counted


def settings_form(current: ReminderSettings) -> Block:
    """The form in which admins change the settings."""
    ladder = ", ".join(map(str, current.ladder))
    days_off = "\n".join(each.isoformat() for each in current.days_off)
    blocks = [
        text_input(
            "ladder",
            "Reminder days",
            ladder,
            _SHORT,
            optional=False,
            hint="Days before (-) and after the due date. After the last one, weekly.",
        ),
        _hour("hour", "Start of the working day (when reminders are sent)", range(24), current.hour),
        _hour("until", "End of the working day", range(1, 25), current.until),
        _working_days(current.working_days),
        text_input(
            "country",
            "Public holidays",
            current.country or "",
            6,
            hint="A two-letter country code, e.g. DE or US.",
        ),
        _postmortems(current.postmortems_for),
        text_input(
            "days_off",
            "Other days off",
            days_off,
            _LONG,
            multiline=True,
            hint="One date per line, e.g. 2026-12-24.",
        ),
        _texts_kept(current.texts_kept),
        _roles(current.roles),
        text_input(
            "call_link",
            "Call of each new incident",
            current.call_link or "",
            LIMIT,
            hint="A link with https://, in which {ref} stands for a ref like INC-12. If this is empty, none.",
        ),
    ]
    return modal(FormName.SETTINGS, "Settings", "Save", blocks, {"was": fingerprint(current)})


@parser
def parse_settings(view: State) -> SettingsInput:
    """The input from :func:`settings_form`."""
    options = field_value(view, "working_days").get("selected_options") or ()
    return SettingsInput(
        was=str(carried(view).get("was") or ""),
        ladder=typed(view, "ladder"),
        hour=chosen(view, "hour") or "9",
        until=chosen(view, "until") or "18",
        working_days=tuple(str(each["value"]) for each in options),
        country=typed(view, "country"),
        days_off=typed(view, "days_off"),
        texts_kept=typed(view, "texts_kept"),
        roles=typed(view, "roles"),
        call_link=typed(view, "call_link"),
        postmortems_for=tuple(
            str(each["value"]) for each in field_value(view, "postmortems_for").get("selected_options") or ()
        ),
    )


def _texts_kept(days: int | None) -> Block:
    return text_input(
        "texts_kept",
        "Keep messages' texts for",
        counted(days, "day") if days else "",
        _SHORT,
        hint="How long after an incident was resolved, e.g. 90 days or 18 months. If this is empty, for "
        "good. What a postmortem shows stays. What was removed can't be restored.",
    )


def _roles(added: tuple[Role, ...]) -> Block:
    names = " and ".join(", ".join(each.name.lower() for each in BUILT_IN).rsplit(", ", 1))
    return text_input(
        "roles",
        "More roles",
        "\n".join(f"{each.name}: {each.duty}" for each in added),
        _LONG,
        multiline=True,
        hint=f"Up to {MAX_ADDED}, one per line: a name and a duty, e.g. Liaison: Talks to support. There "
        f"are always {names}.",
    )


def _hour(block_id: str, label: str, hours: range, initial: int) -> Block:
    options = {hour: {"text": plain(f"{hour:02}:00"), "value": str(hour)} for hour in hours}
    element = {
        "type": "static_select",
        "action_id": block_id,
        "options": list(options.values()),
        "initial_option": options[initial],
    }
    return input_of(block_id, label, element, optional=False)


def _working_days(initial: tuple[int, ...]) -> Block:
    options = [{"text": plain(name), "value": str(number)} for number, name in enumerate(_DAY_NAMES)]
    element: Block = {"type": "checkboxes", "action_id": "working_days", "options": options}
    if initial:
        element["initial_options"] = [options[number] for number in initial]
    return input_of("working_days", "Working days", element)


def _postmortems(initial: tuple[str, ...]) -> Block:
    options = [{"text": plain(SEVERITY[each]), "value": each.value} for each in IncidentSeverity]
    element: Block = {"type": "checkboxes", "action_id": "postmortems_for", "options": options}
    chosen_ones = [each for each in options if each["value"] in initial]
    if chosen_ones:
        element["initial_options"] = chosen_ones
    return input_of("postmortems_for", "Severities that need a postmortem", element)

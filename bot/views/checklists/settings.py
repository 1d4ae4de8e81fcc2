"""Checklists in the settings: all of them, and the form in which admins write one."""

from __future__ import annotations

from bot.domain.checklists.model import (
    LINE_LIMIT,
    MAX_CHECKLISTS,
    MAX_LINES,
    NAME_LIMIT,
    as_typed,
    digest,
)
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.roles import key_of
from bot.domain.settings import Checklist
from bot.domain.surface.forms import ChecklistInput, FormName
from bot.domain.surface.shown import ChecklistFormShown, ChecklistSettingsShown
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
from bot.views.kit.message import SECTION_LIMIT, Block, Message, actions, button, context, plain, section
from bot.views.kit.text import counted, escape


def checklist_settings(shown: ChecklistSettingsShown) -> Message:
    """Every checklist with when it comes, and buttons to change it and to add one."""
    found, is_fixed = shown.settings.effective.checklists, "checklists" in shown.settings.from_file
    blocks: list[Block] = [section("*Checklists*")]
    for each in found:
        text = f"*{escape(each.name)}* · {counted(len(each.lines), 'line')}\n{_when(each)}"
        more = {} if is_fixed else {"accessory": button("Edit", "edit_checklist", key_of(each.name))}
        blocks.append(section(text, **more))
    if not found:
        blocks.append(context("There are none yet."))
    if is_fixed:
        blocks.append(context(f"Set by {escape(shown.settings.file)}."))
    elif len(found) < MAX_CHECKLISTS:
        blocks.append(actions(button("Add a checklist", "add_checklist", "new", "primary")))
    return Message("Checklists", tuple(blocks))


def checklist_form(shown: ChecklistFormShown) -> Block:
    """The form in which an admin writes a checklist, changes it, or deletes it."""
    found = shown.checklist or Checklist("", ())
    blocks = [
        text_input("checklist_name", "Name", found.name, NAME_LIMIT, optional=False),
        text_input(
            "checklist_lines",
            "Lines",
            as_typed(found.lines),
            SECTION_LIMIT,
            multiline=True,
            optional=False,
            hint=f"One thing to do per line; up to {MAX_LINES} of {LINE_LIMIT} characters. A time at the end "
            "nudges somebody if it's still open then: Post on the status page (15 min)",
        ),
        _severities(found.severities),
        _role(shown.roles, found.role),
        _project(found.project),
    ]
    if shown.checklist:
        blocks.append(_delete())
    kept = {"key": key_of(found.name), "was": digest(shown.checklist)}
    title = "Edit the checklist" if shown.checklist else "Add a checklist"
    return modal(FormName.CHECKLIST, title, "Save", blocks, kept)


@parser
def parse_checklist(view: State) -> ChecklistInput:
    """The input from :func:`checklist_form`."""
    kept = carried(view)
    return ChecklistInput(
        key=str(kept.get("key") or ""),
        was=str(kept.get("was") or ""),
        name=typed(view, "checklist_name"),
        severities=_ticked(view, "severities"),
        role=chosen(view, "role") or "",
        project=chosen(view, "project") or "",
        lines=typed(view, "checklist_lines"),
        is_deleted=bool(_ticked(view, "delete")),
    )


def _ticked(view: State, block_id: str) -> tuple[str, ...]:
    options = field_value(view, block_id).get("selected_options") or ()
    return tuple(str(each["value"]) for each in options)


def _when(checklist: Checklist) -> str:
    """When the list is posted by itself."""
    times = [SEVERITY[each] for each in IncidentSeverity if each.value in checklist.severities]
    times += [f"role {escape(checklist.role)}"] if checklist.role else []
    times += [f"project {escape(checklist.project)}"] if checklist.project else []
    return " · ".join(times) or "Only on request"


def _severities(initial: tuple[str, ...]) -> Block:
    options = [{"text": plain(SEVERITY[each]), "value": each.value} for each in IncidentSeverity]
    element: Block = {"type": "checkboxes", "action_id": "severities", "options": options}
    ticked = [each for each in options if each["value"] in initial]
    made = input_of("severities", "Post it for these severities", {**element, "initial_options": ticked})
    if not ticked:
        made = input_of("severities", "Post it for these severities", element)
    hint = (
        "When an incident is declared with one of these, or raised to it. With nothing chosen here or below, "
        "only when somebody types /incident checklist and its name."
    )
    return {**made, "hint": plain(hint)}


def _role(names: tuple[str, ...], initial: str) -> Block:
    options = {key_of(each): {"text": plain(each), "value": each} for each in names}
    element: Block = {"type": "static_select", "action_id": "role", "options": list(options.values())}
    if initial:
        element["initial_option"] = options[key_of(initial)]
    return input_of("role", "… or when somebody takes this role", element)


def _project(initial: str) -> Block:
    element: Block = {"type": "external_select", "action_id": "project", "min_query_length": 0}
    if initial:
        element["initial_option"] = {"text": plain(initial), "value": initial}
    return input_of("project", "… or for incidents of this project", element)


def _delete() -> Block:
    option = {"text": plain("Delete this checklist"), "value": "delete"}
    element: Block = {"type": "checkboxes", "action_id": "delete", "options": [option]}
    made = input_of("delete", "Delete", element)
    return {**made, "hint": plain("Incidents keep the ones that have been posted.")}

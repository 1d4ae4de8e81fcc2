"""An incident's forms, each followed by the function that reads it.

Input from a form can't be trusted: it is only parsed here, and operations check it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incidents.model import (
    DESCRIPTION_LIMIT,
    NOTE_LIMIT,
    SEVERITY_MEANINGS,
    TITLE_LIMIT,
    Incident,
    IncidentSeverity,
)
from bot.domain.kit.errors import BotError
from bot.domain.kit.text import cut, length, one_line, storable
from bot.domain.projects.model import Project, choice_of, key_of
from bot.domain.surface.forms import DeclareInput, DeclareStart, EditInput, FormName, ReopenInput
from bot.views.incidents.card import headline, state
from bot.views.kit.errors import plain_sentence
from bot.views.kit.form_parts import (
    State,
    as_notice,
    carried,
    chosen,
    field_value,
    input_of,
    modal,
    parser,
    text_input,
    typed,
    typed_over,
    with_notice,
)
from bot.views.kit.labels import SEVERITY
from bot.views.kit.message import Block, button, plain, section
from bot.views.kit.text import channel_link, local_time, mention

_DEFAULT_SEVERITY = IncidentSeverity.HIGH
_WHY_PRIVATE = (
    "Private is ticked because the message is in a private conversation, and its words are in this form. "
    "Untick it if everybody may read them."
)
_OPTION_LIMIT = 75
"""https://docs.slack.dev/reference/block-kit/composition-objects/option-object"""


def declare_form(start: DeclareStart, recent: Sequence[Incident] = (), newest: int | None = None) -> Block:
    """The form that declares an incident, below what has just been declared.

    Every field has a default, so it can be submitted untouched.
    """
    # Text that doesn't fit into the title goes into the description, so nothing is lost.
    title = one_line(start.title)
    title, overflow = cut(title, TITLE_LIMIT), title if length(title) > TITLE_LIMIT else ""
    description = "\n".join(part for part in (overflow, storable(start.description)) if part)
    notice = _declared("These were declared in the last ten minutes:", recent) if recent else []
    blocks = [
        *as_notice(notice),
        text_input(
            "title", "Title", title, TITLE_LIMIT, hint="Leave empty to use the first line of the description."
        ),
        _severity(_DEFAULT_SEVERITY),
        _project(),
        text_input("description", "Description", description, DESCRIPTION_LIMIT, multiline=True),
        _private(is_ticked=start.is_private),
    ]
    kept = {"source_channel": start.source_channel, "source_ts": start.source_ts, "newest": newest}
    return modal(FormName.DECLARE, "Declare an incident", "Declare", blocks, kept)


def meanwhile_form(view: State, found: Sequence[Incident]) -> Block:
    """The submitted :func:`declare_form` again, with what others have declared since it was shown."""
    head = "Declared just now by somebody else. Is yours the same incident?"
    again = with_notice(view, _declared(head, found), {"newest": max(each.id for each in found)})
    return {**again, "submit": plain("Declare anyway")}


def _declared(head: str, found: Sequence[Incident]) -> list[Block]:
    """The incidents, each with a button to join it."""
    blocks = [section(f"*{head}*")]
    for each in found:
        joins = button("Join it", "join_incident", str(each.id))
        who = f"{mention(each.declared_by)} {local_time(each.declared_at)}"
        where = channel_link(each.channel_id, each.channel_name)
        blocks.append(section(f"*{headline(each)}*\n{state(each)} · {who} · {where}", accessory=joins))
    return blocks


@parser
def parse_declare(view: State) -> DeclareInput:
    """The input from :func:`declare_form`."""
    kept = carried(view)
    return DeclareInput(
        title=typed(view, "title"),
        severity=IncidentSeverity(chosen(view, "severity") or _DEFAULT_SEVERITY),
        project=chosen(view, "project"),
        description=typed(view, "description"),
        source_channel=kept.get("source_channel"),
        source_ts=kept.get("source_ts"),
        is_private=bool(field_value(view, "private").get("selected_options")),
        newest=int(kept["newest"]) if "newest" in kept else None,
    )


def edit_form(incident: Incident) -> Block:
    """The form that changes title and severity."""
    blocks = [
        text_input("title", "Title", incident.title, TITLE_LIMIT, optional=False),
        _severity(incident.severity),
        text_input("why", "Why is the severity changing?", "", NOTE_LIMIT, multiline=True),
    ]
    kept = {"incident_id": incident.id, "title": incident.title, "severity": incident.severity.value}
    return modal(FormName.EDIT, f"Edit {incident.ref}", "Save", blocks, kept)


@parser
def parse_edit(view: State) -> EditInput:
    """The input from :func:`edit_form`."""
    kept = carried(view)
    was_severity = IncidentSeverity(kept["severity"])
    return EditInput(
        incident_id=int(kept["incident_id"]),
        title=typed_over(view, "title", str(kept["title"]), TITLE_LIMIT),
        severity=IncidentSeverity(chosen(view, "severity") or was_severity),
        why=typed(view, "why"),
        was_title=str(kept["title"]),
        was_severity=was_severity,
    )


def reopen_form(incident: Incident) -> Block:
    """The form that asks why an incident is reopened."""
    blocks = [text_input("why", "Why?", "", NOTE_LIMIT, multiline=True, optional=False)]
    return modal(FormName.REOPEN, f"Reopen {incident.ref}", "Reopen", blocks, {"incident_id": incident.id})


@parser
def parse_reopen(view: State) -> ReopenInput:
    """The input from :func:`reopen_form`."""
    return ReopenInput(incident_id=int(carried(view)["incident_id"]), why=typed(view, "why"))


def form_errors(view: State, error: BotError) -> dict[str, str]:
    """``response_action: errors``: the error's sentence at its field, or at the form's first field."""
    blocks = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    field: str = error.field if error.field and error.field in blocks else blocks[0]
    return {field: plain_sentence(error)}


def project_options(typed: str, known: Sequence[str], offered: Sequence[Project] = ()) -> list[Block]:
    """The workspace's projects, then the typed text as a new one, followed by names that were typed before.

    A name that one of the workspace's projects has isn't there twice.
    """
    name = " ".join(typed.split())[:_OPTION_LIMIT]
    keys = {key_of(each.name) for each in offered}
    names = ([name] if name and name not in known else []) + list(known)
    chosen = [{"text": plain(each.name), "value": choice_of(each.id)} for each in offered]
    return [*chosen, *({"text": plain(each), "value": each} for each in names if key_of(each) not in keys)]


def _private(*, is_ticked: bool) -> Block:
    only: Block = {
        "text": plain("Private"),
        "description": plain("Only the people in its channel can see it."),
        "value": "private",
    }
    element: Block = {"type": "checkboxes", "action_id": "private", "options": [only]}
    if not is_ticked:
        return input_of("private", "Who can see it", element)
    ticked = input_of("private", "Who can see it", {**element, "initial_options": [only]})
    return {**ticked, "hint": plain(_WHY_PRIVATE)}


def _severity(initial: IncidentSeverity) -> Block:
    options: dict[IncidentSeverity, Block] = {
        each: {
            "text": plain(SEVERITY[each]),
            "value": each.value,
            "description": plain(SEVERITY_MEANINGS[each]),
        }
        for each in IncidentSeverity
    }
    element: Block = {
        "type": "radio_buttons",
        "action_id": "severity",
        "options": list(options.values()),
        "initial_option": options[initial],
    }
    return {"type": "input", "block_id": "severity", "label": plain("Severity"), "element": element}


def _project() -> Block:
    element: Block = {
        "type": "external_select",
        "action_id": "project",
        "min_query_length": 0,
        "placeholder": plain("Choose a project, or type a new one"),
    }
    return {
        "type": "input",
        "block_id": "project",
        "label": plain("Project"),
        "optional": True,
        "element": element,
    }

"""The forms, and beside each what reads its state back.

Form state is input, not truth: whatever arrives is read as text and checked by the operation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import BotError
from bot.domain.forms import DeclareInput, DeclareStart, EditInput, FormName, ReopenInput
from bot.domain.incidents import (
    DESCRIPTION_LIMIT,
    NOTE_LIMIT,
    SEVERITY_MEANINGS,
    TITLE_LIMIT,
    Incident,
    IncidentSeverity,
)
from bot.domain.text import cut, one_line, storable
from bot.views.errors import plain_sentence
from bot.views.labels import SEVERITY
from bot.views.message import Block, plain

State = Mapping[str, Any]
"""``view`` of a ``view_submission`` payload (https://docs.slack.dev/reference/interaction-payloads)."""

_DEFAULT_SEVERITY = IncidentSeverity.HIGH
_OPTION_LIMIT = 75


def declare_form(start: DeclareStart) -> Block:
    """The form that declares an incident. Everything has a default: submitting it untouched is fine."""
    # More than a title holds goes on in the description: nothing that was typed is lost.
    title = one_line(start.title)
    title, overflow = cut(title, TITLE_LIMIT), title if len(title) > TITLE_LIMIT else ""
    description = "\n".join(part for part in (overflow, storable(start.description)) if part)
    blocks = [
        _text("title", "Title", title, TITLE_LIMIT, hint="A title is made up if you leave this empty."),
        _severity(_DEFAULT_SEVERITY),
        _project(),
        _text("description", "Description", description, DESCRIPTION_LIMIT, multiline=True),
        _private(),
    ]
    source = {"source_channel": start.source_channel, "source_ts": start.source_ts}
    return _modal(FormName.DECLARE, "Declare an incident", "Declare", blocks, source)


def parse_declare(view: State) -> DeclareInput:
    """What was filled into :func:`declare_form`."""
    carried = _carried(view)
    return DeclareInput(
        title=_typed(view, "title"),
        severity=IncidentSeverity(_chosen(view, "severity") or _DEFAULT_SEVERITY),
        project=_chosen(view, "project"),
        description=_typed(view, "description"),
        source_channel=carried.get("source_channel"),
        source_ts=carried.get("source_ts"),
        is_private=bool(_value(view, "private").get("selected_options")),
    )


def edit_form(incident: Incident) -> Block:
    """The form that changes title and severity."""
    blocks = [
        _text("title", "Title", incident.title, TITLE_LIMIT, optional=False),
        _severity(incident.severity),
        _text("why", "Why the severity changes", "", NOTE_LIMIT, multiline=True),
    ]
    carried = {"incident_id": incident.id, "title": incident.title, "severity": incident.severity.value}
    return _modal(FormName.EDIT, f"Edit {incident.ref}", "Save", blocks, carried)


def parse_edit(view: State) -> EditInput:
    """What was filled into :func:`edit_form`."""
    carried = _carried(view)
    was_severity = IncidentSeverity(carried["severity"])
    return EditInput(
        incident_id=int(carried["incident_id"]),
        title=_typed(view, "title"),
        severity=IncidentSeverity(_chosen(view, "severity") or was_severity),
        why=_typed(view, "why"),
        was_title=str(carried["title"]),
        was_severity=was_severity,
    )


def reopen_form(incident: Incident) -> Block:
    """The form that asks why an incident is taken up again."""
    blocks = [_text("why", "Why?", "", NOTE_LIMIT, multiline=True, optional=False)]
    return _modal(FormName.REOPEN, f"Reopen {incident.ref}", "Reopen", blocks, {"incident_id": incident.id})


def parse_reopen(view: State) -> ReopenInput:
    """What was filled into :func:`reopen_form`."""
    return ReopenInput(incident_id=int(_carried(view)["incident_id"]), why=_typed(view, "why"))


def form_errors(view: State, error: BotError) -> dict[str, str]:
    """``response_action: errors``: the sentence at the error's own field, or at the first one."""
    blocks = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    field: str = error.field if error.field and error.field in blocks else blocks[0]
    return {field: plain_sentence(error)}


def project_options(typed: str, known: list[str]) -> list[Block]:
    """Earlier projects, and what was typed as a new one."""
    name = " ".join(typed.split())[:_OPTION_LIMIT]
    names = ([name] if name and name not in known else []) + known
    return [{"text": plain(each), "value": each} for each in names]


def _modal(name: FormName, title: str, submit: str, blocks: list[Block], carried: Mapping[str, Any]) -> Block:
    return {
        "type": "modal",
        "callback_id": name.value,
        "title": plain(title[:24]),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "private_metadata": json.dumps(
            {key: value for key, value in carried.items() if value is not None}, ensure_ascii=False
        ),
        "blocks": blocks,
    }


def _private() -> Block:
    only = {
        "text": plain("Private"),
        "description": plain("Only the people in its channel can see it."),
        "value": "private",
    }
    return {
        "type": "input",
        "block_id": "private",
        "optional": True,
        "label": plain("Who can see it"),
        "element": {"type": "checkboxes", "action_id": "private", "options": [only]},
    }


def _text(
    block_id: str,
    label: str,
    value: str,
    limit: int,
    *,
    multiline: bool = False,
    optional: bool = True,
    hint: str | None = None,
) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": multiline,
        "max_length": limit,
    }
    if value:
        element["initial_value"] = value[:limit]
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "optional": optional,
        "element": element,
    }
    return {**made, "hint": plain(hint)} if hint else made


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
        "placeholder": plain("An earlier project, or type a new one"),
    }
    return {
        "type": "input",
        "block_id": "project",
        "label": plain("Project"),
        "optional": True,
        "element": element,
    }


def _carried(view: State) -> dict[str, Any]:
    return dict(json.loads(view.get("private_metadata") or "{}"))


def _typed(view: State, block_id: str) -> str:
    return str(_value(view, block_id).get("value") or "")


def _chosen(view: State, block_id: str) -> str | None:
    option = _value(view, block_id).get("selected_option") or {}
    return option.get("value")


def _value(view: State, block_id: str) -> Mapping[str, Any]:
    values = view["state"]["values"].get(block_id) or {}
    found: Mapping[str, Any] = values.get(block_id) or {}
    return found

"""The forms for five whys, each followed by the function that reads it."""

from __future__ import annotations

from bot.domain.five_whys.model import PROBLEM_LIMIT, FiveWhysAnalysis, NewAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import cut, one_line
from bot.domain.surface.forms import FiveWhysStart, FormName
from bot.views.kit.form_parts import State, carried, field_value, modal, parser, text_input, typed
from bot.views.kit.message import Block, plain


def whys_form(start: FiveWhysStart, incident: Incident, user_id: str) -> Block:
    """The form that starts a session."""
    problem = cut(one_line(start.problem) or incident.title, PROBLEM_LIMIT)
    blocks = [
        text_input("problem", "What happened?", problem, PROBLEM_LIMIT, optional=False),
        _facilitator(user_id, "Facilitator"),
    ]
    kept = {
        "incident_id": incident.id,
        "source_channel": start.source_channel,
        "source_ts": start.source_ts,
    }
    return modal(FormName.WHYS, "Five whys", "Start", blocks, kept)


@parser
def parse_whys(view: State, by: str) -> NewAnalysis:
    """The input from :func:`whys_form`."""
    kept = carried(view)
    return NewAnalysis(
        int(kept["incident_id"]),
        typed(view, "problem"),
        _chosen(view) or by,
        kept.get("source_channel"),
        kept.get("source_ts"),
    )


def hand_over_form(analysis: FiveWhysAnalysis) -> Block:
    """The form that hands a session over."""
    blocks = [_facilitator(analysis.facilitator_id, "Facilitator")]
    return modal(
        FormName.HAND_OVER, f"Hand over {analysis.ref}", "Hand over", blocks, {"analysis_id": analysis.id}
    )


@parser
def parse_hand_over(view: State, by: str) -> tuple[int, str]:
    """The input from :func:`hand_over_form`: the session and its new facilitator."""
    return int(carried(view)["analysis_id"]), _chosen(view) or by


def _facilitator(initial: str, label: str) -> Block:
    element: Block = {
        "type": "users_select",
        "action_id": "facilitator",
        "placeholder": plain("Choose somebody"),
    }
    if initial != ERASED:
        element["initial_user"] = initial
    return {"type": "input", "block_id": "facilitator", "label": plain(label), "element": element}


def _chosen(view: State) -> str | None:
    found = field_value(view, "facilitator").get("selected_user")
    return str(found) if found else None

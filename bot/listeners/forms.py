"""Forms that were submitted, and suggestions while they are filled in."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.domain.incidents.model import IncidentStatus
from bot.domain.kit.text import one_line
from bot.domain.surface.forms import FormName
from bot.listeners.services import Services
from bot.views.incidents.forms import parse_declare, parse_edit, parse_reopen, project_options

_SUGGESTIONS = 20


def register(app: App, services: Services) -> None:
    """Listen for submissions; a submission's natural key is its view."""

    def declared(ack: Ack, body: dict[str, Any]) -> None:
        view = body["view"]
        services.incidents.declare_from_form(parse_declare(view), by=body["user"]["id"], key=_key(body))
        ack()

    def edited(ack: Ack, body: dict[str, Any]) -> None:
        services.incidents.edit_from_form(parse_edit(body["view"]), by=body["user"]["id"], key=_key(body))
        ack()

    def reopened(ack: Ack, body: dict[str, Any]) -> None:
        filled = parse_reopen(body["view"])
        services.incidents.update_status(
            filled.incident_id, IncidentStatus.OPEN, by=body["user"]["id"], key=_key(body), note=filled.why
        )
        ack()

    def suggest_projects(ack: Ack, body: dict[str, Any]) -> None:
        typed = one_line(str(body.get("value") or ""))
        user = body["user"]["id"]
        known = services.incidents.suggest_projects(typed, _SUGGESTIONS, viewer=user)
        ack(options=project_options(typed, known))

    app.view(FormName.DECLARE.value)(declared)
    app.view(FormName.EDIT.value)(edited)
    app.view(FormName.REOPEN.value)(reopened)
    app.options("project")(suggest_projects)


def _key(body: dict[str, Any]) -> str:
    return f"view/{body['view']['id']}"

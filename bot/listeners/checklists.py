"""Checklists: the buttons on them, and the form that admins write them in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltContext

from bot.domain.kit.json import Json
from bot.domain.surface.answers import ChecklistSettings, ChecklistsTray
from bot.domain.surface.forms import ChecklistStart, FormName
from bot.listeners import parse
from bot.listeners.clicks import click_key, refresh_tray
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.checklists.settings import parse_checklist


def register(app: App, services: Services) -> None:
    """Listen for the buttons."""
    checklists = services.checklists
    app.action("tick_line")(_changes(checklists.tick))
    app.action("untick_line")(_changes(checklists.untick))
    app.action("line_to_item")(_changes(checklists.make_item))
    app.action("pick_line_for_item")(_picks(services))
    app.action("post_checklist")(_posts(services))


def _changes(change: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        incident_id, line_id = parse.read(_line, action)
        change(incident_id, line_id, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked


def _picks(services: Services) -> Callable[..., None]:
    def chosen(ack: Ack, body: Json, action: Json) -> None:
        incident_id, line_id = parse.read(_line, action.get("selected_option") or {})
        services.checklists.make_item(incident_id, line_id, by=body["user"]["id"], key=click_key(body))
        ack()

    return chosen


def _posts(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        incident_id, name = parse.read(_checklist, action)
        services.checklists.post(incident_id, name, by=body["user"]["id"], key=click_key(body))
        refresh_tray(services, body, context, ChecklistsTray(incident_id))
        ack()

    return clicked


def _save(services: Services, view: Json, by: str, key: str) -> None:
    services.checklist_settings.save(parse_checklist(view), by=by, key=key)


def _line(value: str) -> tuple[int, int]:
    """(incident's number, line's id); raises ``ValueError``."""
    incident_id, _, line_id = value.partition("/")
    return parse.number(incident_id), parse.number(line_id)


def _checklist(value: str) -> tuple[int, str]:
    """(incident's number, list's key); raises ``ValueError``."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})/(.{1,80})", value)
    if found is None:
        raise ValueError(value)
    return int(found[1]), found[2]


FORMS: Mapping[FormName, Form] = {
    FormName.CHECKLIST: Form(
        _save,
        {
            "add_checklist": lambda _value: ChecklistStart(),
            "edit_checklist": ChecklistStart,
        },
        shown_in=ChecklistSettings(),
    )
}

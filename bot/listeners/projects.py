"""Projects: the form that adds and changes them, and its menu of user groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slack_bolt import Ack, App

from bot.domain.kit.json import Json
from bot.domain.surface.answers import ProjectList
from bot.domain.surface.forms import FormName, ProjectStart
from bot.listeners import parse
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.kit.menus import group_options
from bot.views.projects.forms import parse_project


def register(app: App, services: Services) -> None:
    """Listen for what is typed into a menu of user groups, here and in the settings."""
    app.options(re.compile(r"^groups(_\w+)?$"))(_suggests(services))


def _suggests(services: Services) -> Callable[..., None]:
    def suggest(ack: Ack, body: Json) -> None:
        found = services.projects.suggest_groups(str(body.get("value") or ""), by=body["user"]["id"])
        ack(options=group_options(found))

    return suggest


def _save(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_project(view)
    services.people.ensure_all_known(filled.people)
    services.projects.save(filled, by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.PROJECT: Form(
        _save,
        {
            "add_project": lambda _value: ProjectStart(),
            "edit_project": lambda value: ProjectStart(parse.number(value)),
        },
        shown_in=ProjectList(),
    )
}

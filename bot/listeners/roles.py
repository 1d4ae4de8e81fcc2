"""Roles: the buttons that take them and give them up, and the form that hands them over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltContext

from bot.domain.kit.json import Json
from bot.domain.surface.answers import RolesTray
from bot.domain.surface.forms import FormName, HandOverRoleStart
from bot.listeners import parse
from bot.listeners.clicks import click_key, refresh_tray
from bot.listeners.form import Form
from bot.listeners.services import Services
from bot.views.incidents.roles import parse_hand_over_role


def register(app: App, services: Services) -> None:
    """Listen for the buttons."""
    app.action("take_role")(_acts(services, services.roles.take))
    app.action("give_up_role")(_acts(services, services.roles.give_up))


def _acts(services: Services, act: Callable[..., object]) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        incident_id, role = parse.read(_role, action)
        act(incident_id, role, by=body["user"]["id"], key=click_key(body))
        refresh_tray(services, body, context, RolesTray(incident_id))
        ack()

    return clicked


def _role(value: str) -> tuple[int, str]:
    """(incident's number, role's key); raises ``ValueError``."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})/(.{1,80})", value, re.ASCII)
    if found is None:
        raise ValueError(value)
    return int(found[1]), found[2]


def _hand_over(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_hand_over_role(view)
    services.people.ensure_known(filled.user_id)
    services.roles.hand_over(filled, by=by, key=key)


FORMS: Mapping[FormName, Form] = {
    FormName.HAND_OVER_ROLE: Form(
        _hand_over, {"hand_over_role": lambda value: HandOverRoleStart(*_role(value))}
    )
}

"""The buttons that invite those who come to an incident, where somebody is asked first."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.domain.kit.json import Json
from bot.listeners import parse
from bot.listeners.clicks import click_key
from bot.listeners.services import Services


def register(app: App, services: Services) -> None:
    """Listen for the buttons."""
    app.action("invite_comers")(_invites(services, only_named=False))
    app.action("invite_named_comers")(_invites(services, only_named=True))


def _invites(services: Services, *, only_named: bool) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        number, user = parse.read(parse.number, action), body["user"]["id"]
        services.comers.invite(number, only_named=only_named, by=user, key=click_key(body))
        ack()

    return clicked

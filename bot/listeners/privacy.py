"""The answers to whether a private incident should become public, like its channel."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.domain.kit.json import Json
from bot.listeners import parse
from bot.listeners.clicks import click_key
from bot.listeners.services import Services


def register(app: App, services: Services) -> None:
    """Listen for both answers."""
    for action_id, is_public in {"make_public": True, "keep_private": False}.items():
        app.action(action_id)(_decides(services, is_public))


def _decides(services: Services, is_public: bool) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json) -> None:
        number = parse.read(parse.number, action)
        services.privacy.decide(number, is_public=is_public, by=body["user"]["id"], key=click_key(body))
        ack()

    return clicked

"""Channels that people unarchive, or remove the bot from."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.domain.surface.slack_app import Event
from bot.listeners.services import Services

_PUBLIC, _PRIVATE = ("channels:read",), ("groups:read",)
EVENTS = (
    Event("channel_left", _PUBLIC, "the bot was removed"),
    Event("channel_unarchive", _PUBLIC, "retry what failed while it was archived"),
    Event("group_left", _PRIVATE),
    Event("group_unarchive", _PRIVATE),
)


def register(app: App, services: Services) -> None:
    """Listen for both; :mod:`bot.listeners.people` notices when the bot is invited back."""

    def unarchived(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        services.channels.is_back(event["channel"], body["event_id"])
        ack()

    def left(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        services.channels.is_lost(event["channel"], body["event_id"])
        ack()

    for kind in ("channel", "group"):
        app.event(f"{kind}_unarchive")(unarchived)
        app.event(f"{kind}_left")(left)

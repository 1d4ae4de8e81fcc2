"""Channels that people unarchive, share or delete, or remove the bot from."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.domain.surface.slack_app import Event
from bot.listeners.services import Services

_PUBLIC, _PRIVATE = ("channels:read",), ("groups:read",)
EVENTS = (
    Event("channel_deleted", _PUBLIC, "the incident continues without it"),
    Event(
        "channel_id_changed",
        ("channels:history", "groups:history"),
        "follow a private channel that is being shared",
    ),
    Event("channel_left", _PUBLIC, "the bot was removed"),
    Event("channel_shared", (*_PUBLIC, *_PRIVATE), "warn that strangers can read it"),
    Event("channel_unarchive", _PUBLIC, "retry what failed while it was archived"),
    Event("group_deleted", _PRIVATE),
    Event("group_left", _PRIVATE),
    Event("group_unarchive", _PRIVATE),
)


def register(app: App, services: Services) -> None:
    """Listen for all of these; :mod:`bot.listeners.people` notices when the bot is invited back."""

    def unarchived(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        services.channels.is_back(event["channel"], body["event_id"])
        ack()

    def left(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        services.channels.is_lost(event["channel"], body["event_id"])
        ack()

    def deleted(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        services.channels.is_deleted(event["channel"], body["event_id"])
        ack()

    def renumbered(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        services.channels.has_new_id(event["old_channel_id"], event["new_channel_id"], body["event_id"])
        ack()

    def shared(ack: Ack, event: dict[str, Any]) -> None:
        services.channels.is_shared(event["channel"])
        ack()

    for kind in ("channel", "group"):
        app.event(f"{kind}_unarchive")(unarchived)
        app.event(f"{kind}_left")(left)
        app.event(f"{kind}_deleted")(deleted)
    app.event("channel_id_changed")(renumbered)
    app.event("channel_shared")(shared)

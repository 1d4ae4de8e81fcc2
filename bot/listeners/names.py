"""Keeps up with what channels are called, and with user groups and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot.domain.incidents.timeline import time_of
from bot.domain.kit.groups import group_from_slack
from bot.domain.kit.references import Kind
from bot.domain.surface.slack_app import Event
from bot.listeners.services import Services

_PUBLIC, _PRIVATE, _GROUPS = ("channels:read",), ("groups:read",), ("usergroups:read",)
EVENTS = (
    Event("channel_created", _PUBLIC, "name channels in plain text"),
    Event("channel_rename", _PUBLIC),
    Event("group_rename", _PRIVATE, "forget the name, since those of private channels aren't stored"),
    Event("subteam_created", _GROUPS, "know user groups and who is in them"),
    Event("subteam_updated", _GROUPS),
)


def register(app: App, services: Services) -> None:
    """Listen for new names. Slack's time of an event decides which of two names is newer."""

    def public(ack: Ack, event: dict[str, Any]) -> None:
        channel = event["channel"]
        name = None if channel.get("is_private") else channel["name"]
        services.names.save(Kind.CHANNEL, {channel["id"]: name}, _at(event))
        ack()

    def private(ack: Ack, event: dict[str, Any]) -> None:
        services.names.save(Kind.CHANNEL, {event["channel"]["id"]: None}, _at(event))
        ack()

    def group(ack: Ack, event: dict[str, Any]) -> None:
        # Slack also sends `subteam_members_changed`, which says nothing that isn't in `subteam_updated`:
        # https://docs.slack.dev/reference/events/subteam_updated
        services.groups.save([group_from_slack(event["subteam"])], _at(event))
        ack()

    app.event("channel_created")(public)
    app.event("channel_rename")(public)
    app.event("group_rename")(private)
    app.event("subteam_created")(group)
    app.event("subteam_updated")(group)


def _at(event: dict[str, Any]) -> datetime | None:
    return time_of(event["event_ts"]) if event.get("event_ts") else None

"""Keeps up with who people are, and which channels they are in."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.surface.slack_app import Event
from bot.listeners.services import Services

_EITHER_KIND = ("channels:read", "groups:read")
EVENTS = (
    Event("member_joined_channel", _EITHER_KIND, comes_with_incidents=True),
    Event("member_left_channel", _EITHER_KIND),
    Event("team_join", ("users:read",)),
    Event("user_change", ("users:read",)),
)
MEMBERSHIP_EVENTS = frozenset({"member_joined_channel", "member_left_channel"})


def register(app: App, services: Services) -> None:
    """Listen for changes to people, and to who is in which channel."""

    def changed(ack: Ack, event: dict[str, Any]) -> None:
        services.people.save([event["user"]])
        ack()

    def came_or_left(ack: Ack, event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        channel, user, event_ts = event["channel"], event["user"], str(event.get("event_ts") or "0")
        present = event["type"] == "member_joined_channel"
        services.incidents.note_member(channel, user, present=present, event_ts=event_ts)
        if present:
            services.briefings.offer(channel, user, event_ts)
        if user == context.bot_user_id and event.get("inviter"):
            services.channels.is_back(channel, body["event_id"])
        ack()

    for kind in sorted(MEMBERSHIP_EVENTS):
        app.event(kind)(came_or_left)
    app.event("user_change")(changed)
    app.event("team_join")(changed)

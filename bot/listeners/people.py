"""Keeping up with who is who, and making sure that whoever acts is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltResponse

from bot.listeners.services import Services

_ACTING_EVENTS = frozenset({"app_mention", "reaction_added", "reaction_removed", "pin_added", "pin_removed"})


def register(app: App, services: Services) -> None:
    """Listen for changes of people, and know the actor before any other listener runs."""

    def know_the_actor(
        body: dict[str, Any], context: BoltContext, next: Callable[[], BoltResponse]
    ) -> BoltResponse:
        event = body.get("event") or {}
        acts = not event or event.get("type") in _ACTING_EVENTS
        if acts and context.user_id and context.user_id != context.bot_user_id:
            services.people.ensure_known(context.user_id)
        return next()

    def changed(ack: Ack, event: dict[str, Any]) -> None:
        services.people.save([event["user"]])
        ack()

    def came_or_left(ack: Ack, event: dict[str, Any]) -> None:
        services.incidents.note_member(
            event["channel"],
            event["user"],
            present=event["type"] == "member_joined_channel",
            event_ts=str(event.get("event_ts") or "0"),
        )
        ack()

    app.middleware(know_the_actor)
    app.event("member_joined_channel")(came_or_left)
    app.event("member_left_channel")(came_or_left)
    app.event("user_change")(changed)
    app.event("team_join")(changed)

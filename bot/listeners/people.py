"""Keeping up with who is who, and making sure that whoever acts is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltResponse

from bot.listeners.services import Services

_ACTING_EVENTS = frozenset({"app_mention", "reaction_added", "reaction_removed", "pin_added", "pin_removed"})
_PRIVATE = "privategroup"
"""The name that Slack gives private channels in commands and interactions."""
_MEMBERSHIP_EVENTS = frozenset({"member_joined_channel", "member_left_channel"})


def register(app: App, services: Services) -> None:
    """Listen for changes of people, and know the actor before any other listener runs.

    What we ourselves have done we know, bar that a message of ours was deleted: Bolt's own filter for that
    would drop those events, too.
    """

    def know_the_actor(
        body: dict[str, Any], context: BoltContext, next: Callable[[], BoltResponse]
    ) -> BoltResponse:
        event = body.get("event") or {}
        if event and _is_our_own(event, context):
            return BoltResponse(status=200)
        acts = not event or event.get("type") in _ACTING_EVENTS
        if acts and context.user_id and context.user_id != context.bot_user_id:
            services.people.ensure_known(context.user_id)
        return next()

    def know_where_they_are(
        body: dict[str, Any], context: BoltContext, next: Callable[[], BoltResponse]
    ) -> BoltResponse:
        name = body.get("channel_name") or (body.get("channel") or {}).get("name")
        if name == _PRIVATE and context.channel_id and context.user_id:
            user_id, channel_id = context.user_id, context.channel_id
            if services.incidents.in_channel(channel_id, viewer=user_id) is None:
                services.channels.acts_in(channel_id, user_id)
        return next()

    def changed(ack: Ack, event: dict[str, Any]) -> None:
        services.people.save([event["user"]])
        ack()

    def came_or_left(ack: Ack, event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        services.incidents.note_member(
            event["channel"],
            event["user"],
            present=event["type"] == "member_joined_channel",
            event_ts=str(event.get("event_ts") or "0"),
        )
        if event["user"] == context.bot_user_id and event.get("inviter"):
            services.channels.is_back(event["channel"], body["event_id"])
        ack()

    app.middleware(know_the_actor)
    app.middleware(know_where_they_are)
    app.event("member_joined_channel")(came_or_left)
    app.event("member_left_channel")(came_or_left)
    app.event("user_change")(changed)
    app.event("team_join")(changed)


def _is_our_own(event: Mapping[str, Any], context: BoltContext) -> bool:
    if event.get("subtype") == "message_deleted" or event.get("type") in _MEMBERSHIP_EVENTS:
        return False
    return context.user_id == context.bot_user_id or event.get("bot_id") == (context.bot_id or "")

"""Runs before any listener: makes sure that we know who acts, and which private channel they are in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse

from bot.listeners.people import MEMBERSHIP_EVENTS
from bot.listeners.services import Services

_ACTING_EVENTS = frozenset({"app_mention", "reaction_added", "reaction_removed", "pin_added", "pin_removed"})
_PRIVATE = "privategroup"
"""The name that Slack gives private channels in commands and interactions."""


def register(app: App, services: Services) -> None:
    """Make sure that the actor is known before any listener runs.

    The bot's own events are skipped, except membership events and deletions of its messages: Bolt's own
    filter would drop those deletions, too.
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

    app.middleware(know_the_actor)
    app.middleware(know_where_they_are)


def _is_our_own(event: Mapping[str, Any], context: BoltContext) -> bool:
    if event.get("subtype") == "message_deleted" or event.get("type") in MEMBERSHIP_EVENTS:
        return False
    return context.user_id == context.bot_user_id or event.get("bot_id") == (context.bot_id or "")

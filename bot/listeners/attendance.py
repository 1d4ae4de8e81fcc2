"""Notes who was there: a briefing tells what has changed since then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse

from bot.listeners.services import Services, after_ack


def register(app: App, services: Services) -> None:
    """Note each click, command and reaction once Slack has its ack: nobody has to wait for a note."""

    def note_the_act(
        body: dict[str, Any], context: BoltContext, next: Callable[[], BoltResponse]
    ) -> BoltResponse:
        channel, user = _acted_in(body), context.user_id
        if channel and user:
            after_ack(context, lambda: services.briefings.note_act(channel, user))
        return next()

    app.middleware(note_the_act)


def _acted_in(body: dict[str, Any]) -> str | None:
    """The channel in which somebody clicked, typed a command or reacted; ``None`` for anything else."""
    event = body.get("event") or {}
    if event.get("type") == "reaction_added":
        return (event.get("item") or {}).get("channel")
    if body.get("type") == "block_actions":
        return (body.get("channel") or {}).get("id")
    return body.get("channel_id") if "command" in body else None

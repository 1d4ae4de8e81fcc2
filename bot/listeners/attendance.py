"""Notes who was there: a briefing says what has changed since then, and a page shows who has been seen."""

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
        (channel, ts), user = _acted_on(body), context.user_id
        # Only events are delivered again, up to minutes later.
        acted = str((body.get("event") or {}).get("event_ts") or "")
        if channel.startswith("D") and user:
            after_ack(context, lambda: services.pages.note_reaction(channel, ts, user, acted))
        elif channel and user:
            after_ack(context, lambda: services.briefings.note_act(channel, user, acted))
        return next()

    app.middleware(note_the_act)


def _acted_on(body: dict[str, Any]) -> tuple[str, str]:
    """(channel, ts) of what somebody clicked or reacted to; empty if it's unknown.

    A shortcut on a message is a click, too. A command has only a channel, and anything else isn't an act.
    """
    event = body.get("event") or {}
    if event.get("type") == "reaction_added":
        item = event.get("item") or {}
        return item.get("channel") or "", item.get("ts") or ""
    if body.get("type") == "block_actions":
        container = body.get("container") or {}
        return (body.get("channel") or {}).get("id") or "", container.get("message_ts") or ""
    if body.get("type") == "message_action":
        return (body.get("channel") or {}).get("id") or "", body.get("message_ts") or ""
    return (body.get("channel_id") or "" if "command" in body else ""), ""

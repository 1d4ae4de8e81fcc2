"""``/incident``: the answer is part of the ack itself, so it needs no further call."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.surface.answers import Answer
from bot.domain.surface.slack_app import SlashCommand
from bot.listeners.commands import Asked, run_quietly
from bot.listeners.services import Services, after_ack
from bot.views.answers import render

COMMAND = SlashCommand(
    "/incident",
    "Declare, run and close incidents",
    "[declare | list | status | resolve | action | whys | meet | help …]",
)


def register(app: App, services: Services) -> None:
    """Listen for the slash command."""

    def incident(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        asked = Asked(body["user_id"], body["channel_id"], f"command/{body['trigger_id']}")
        result = run_quietly(services, asked, body.get("text") or "")
        if result is None:
            ack()
            return
        if not isinstance(result, Answer):
            trigger, user, channel = body["trigger_id"], asked.user_id, asked.channel_id
            after_ack(context, lambda: services.forms.open(trigger, result, user_id=user, channel_id=channel))
            ack()
            return
        ack(response_type="ephemeral", **render(services.answers.load(result, asked.user_id)).arguments())

    app.command(COMMAND.command)(incident)

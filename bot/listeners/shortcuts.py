"""The global shortcut, and those on messages that declare an incident or create an action item."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.incidents.slack_messages import posted_message
from bot.domain.kit.text import cut, one_line
from bot.domain.surface.forms import ActionStart, DeclareStart, FormStart
from bot.domain.surface.slack_app import Shortcut
from bot.listeners.services import Services, after_ack

SHORTCUTS = (
    Shortcut("declare_incident", "Declare an incident", "global", "Open the form that declares an incident"),
    Shortcut(
        "declare_from_message", "Declare an incident", "message", "Declare an incident from this message"
    ),
    Shortcut(
        "create_action_item",
        "Create an action item",
        "message",
        "Create an action item from this message",
    ),
)
_TITLE_FROM_MESSAGE = 80


def register(app: App, services: Services) -> None:
    """Listen for these shortcuts."""

    def declare(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        services.people.check_may_act(body["user"]["id"])
        open_form(services, body, context, DeclareStart())
        ack()

    def declare_from_message(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        services.people.check_may_act(body["user"]["id"])
        message = posted_message(body["message"], body["channel"]["id"])
        services.recorder.keep_source(message)
        text = services.names.plain(message.text)
        title = cut(one_line(text), _TITLE_FROM_MESSAGE)
        start = DeclareStart(title, text if text != title else "", message.channel_id, message.ts)
        open_form(services, body, context, start)
        ack()

    def action_from_message(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        user, channel = body["user"]["id"], body["channel"]["id"]
        services.people.check_may_act(user)
        incident = services.incidents.which(None, channel, "action", viewer=user)
        message = posted_message(body["message"], channel)
        services.recorder.keep_source(message)
        text = services.names.plain(message.text)
        title = cut(one_line(text), _TITLE_FROM_MESSAGE)
        details = text if one_line(text) != title else ""
        open_form(services, body, context, ActionStart(incident.id, title, details, channel, message.ts))
        ack()

    app.shortcut("create_action_item")(action_from_message)
    app.shortcut("declare_incident")(declare)
    app.shortcut("declare_from_message")(declare_from_message)


def open_form(services: Services, body: dict[str, Any], context: BoltContext, start: FormStart) -> None:
    """Open a form for somebody who has used a shortcut, after the ack."""
    user = body["user"]["id"]
    channel = (body.get("channel") or {}).get("id") or ""
    trigger = body["trigger_id"]
    after_ack(context, lambda: services.forms.open(trigger, start, user_id=user, channel_id=channel))

"""The global shortcut, and those on messages that declare an incident or create an action item."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.incidents.sources import is_private_place
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.json import Json
from bot.domain.kit.text import cut, one_line
from bot.domain.messages.slack_messages import posted_message
from bot.domain.messages.text import headed
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
        title, rest = _title_and_rest(services, body["message"], message)
        is_private = is_private_place(message.channel_id, str(body["channel"].get("name") or ""))
        start = DeclareStart(title, rest, message.channel_id, message.ts, is_private)
        open_form(services, body, context, start)
        ack()

    def action_from_message(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        user, channel = body["user"]["id"], body["channel"]["id"]
        services.people.check_may_act(user)
        incident = services.incidents.which(None, channel, "action", viewer=user)
        message = posted_message(body["message"], channel)
        services.recorder.keep_source(message)
        title, details = _title_and_rest(services, body["message"], message)
        open_form(services, body, context, ActionStart(incident.id, title, details, channel, message.ts))
        ack()

    app.shortcut("create_action_item")(action_from_message)
    app.shortcut("declare_incident")(declare)
    app.shortcut("declare_from_message")(declare_from_message)


def _title_and_rest(services: Services, found: Json, message: PostedMessage) -> tuple[str, str]:
    """A title from the message's headline, and what else it says; all of it if the headline had to be cut."""
    parts = headed(found)
    headline = services.names.plain(parts.headline).strip()
    title = cut(one_line(headline), _TITLE_FROM_MESSAGE)
    return title, services.names.plain(parts.rest if title == headline else message.text)


def open_form(services: Services, body: dict[str, Any], context: BoltContext, start: FormStart) -> None:
    """Open a form for somebody who has used a shortcut, after the ack."""
    user = body["user"]["id"]
    channel = (body.get("channel") or {}).get("id") or ""
    trigger = body["trigger_id"]
    after_ack(context, lambda: services.forms.open(trigger, start, user_id=user, channel_id=channel))

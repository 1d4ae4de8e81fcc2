"""The same commands in a mention of the bot, in threads too; only the person who asks sees the answer."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.codec import form_to_json
from bot.domain.surface.answers import Answer, FormOffer
from bot.domain.surface.forms import FormStart
from bot.domain.surface.slack_app import Event
from bot.listeners.commands import Asked, run
from bot.listeners.services import Services

EVENTS = (Event("app_mention", ("app_mentions:read",)),)
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, services: Services) -> None:
    """Listen for mentions."""

    def mentioned(ack: Ack, event: dict[str, Any], context: BoltContext) -> None:
        if event.get("user") and not event.get("bot_id"):
            asked = Asked(event["user"], event["channel"], mention_key(event), event.get("thread_ts"))
            answer = _as_answer(run(services, asked, line_of(event, context.bot_user_id)))
            services.answers.send(
                answer,
                to=asked.user_id,
                channel_id=asked.channel_id,
                thread_ts=event.get("thread_ts"),
                key=asked.key,
            )
        ack()

    app.event("app_mention")(mentioned)


def mention_key(event: dict[str, Any]) -> str:
    """A mention's natural key: its message, since a redelivery may have another event id."""
    return f"mention/{event['channel']}/{event['ts']}"


def line_of(event: dict[str, Any], bot_user_id: str | None) -> str:
    """The command: the text after the mention of the bot."""
    text = str(event.get("text") or "")
    ours = re.search(rf"<@{bot_user_id}(?:\|[^>]*)?>", text) or _MENTION.search(text)
    return text[ours.end() :].strip(" \n,:") if ours else text


def _as_answer(result: Answer | FormStart) -> Answer:
    """The answer, or a button that opens the form: a mention has no trigger to open one with."""
    return result if isinstance(result, Answer) else FormOffer(*form_to_json(result))

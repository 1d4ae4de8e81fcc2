"""Commands in mentions of the bot, also in threads; only the person who asks sees the answer.

A mention that doesn't begin a command is talk, and isn't answered.
"""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.codec import form_to_json
from bot.domain.surface.answers import Answer, FormOffer
from bot.domain.surface.forms import FormStart
from bot.domain.surface.slack_app import Event
from bot.listeners.commands import Asked, is_command, run_quietly
from bot.listeners.services import Services

EVENTS = (Event("app_mention", ("app_mentions:read",)),)
_GREETING = re.compile(
    r"\W*(?:(?:hey|hi|hello|hallo|hola|salut|ok|okay|yo|so|please|pls|bitte|now|and|then|dear)\b\W*){0,3}",
    re.IGNORECASE,
)
"""What may precede a mention that addresses the bot; after anything else, a command has to be complete."""
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, services: Services) -> None:
    """Listen for mentions."""

    def mentioned(ack: Ack, event: dict[str, Any], context: BoltContext) -> None:
        if event.get("user") and not event.get("bot_id"):
            before, line = line_of(event, context.bot_user_id)
            if is_command(services, line, is_addressed=_GREETING.fullmatch(before) is not None):
                _obey(services, event, line)
        ack()

    app.event("app_mention")(mentioned)


def _obey(services: Services, event: dict[str, Any], line: str) -> None:
    key, thread_ts = mention_key(event), event.get("thread_ts")
    asked = Asked(event["user"], event["channel"], key, thread_ts, message_ts=event["ts"])
    result = run_quietly(services, asked, line)
    if result is None:
        return
    services.answers.send(
        _as_answer(result),
        to=asked.user_id,
        channel_id=asked.channel_id,
        thread_ts=asked.thread_ts,
        key=asked.key,
    )


def mention_key(event: dict[str, Any]) -> str:
    """A mention's natural key: its message, since a redelivery may have another event id."""
    return f"mention/{event['channel']}/{event['ts']}"


def line_of(event: dict[str, Any], bot_user_id: str | None) -> tuple[str, str]:
    """The text before the mention of the bot, and the text after it, which may be a command."""
    text = str(event.get("text") or "")
    ours = re.search(rf"<@{bot_user_id}(?:\|[^>]*)?>", text) or _MENTION.search(text)
    return (text[: ours.start()], text[ours.end() :].strip(" \n,:")) if ours else ("", text)


def _as_answer(result: Answer | FormStart) -> Answer:
    """The answer, or a button that opens the form: a mention has no trigger to open one with."""
    return result if isinstance(result, Answer) else FormOffer(*form_to_json(result))

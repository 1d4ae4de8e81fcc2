"""The app's answers to a command or at a response URL, and their effects.

Sources: https://docs.slack.dev/interactivity/handling-user-interaction, "Message responses", and
https://docs.slack.dev/interactivity/implementing-slash-commands, "Responding to commands"
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.interactions.context import Interactions
from sandbox.interactions.response_urls import Origin
from sandbox.rules import MESSAGE_TEXT_MAX, SlackError, check_message
from sandbox.workspace.model import Json, Message
from sandbox.workspace.store import Store

_TYPES = ("ephemeral", "in_channel")


def as_body(answer: Any) -> Json | None:
    """The answer as a message body; ``None`` if it is empty, which shows nothing.

    Raises :class:`SlackError` ``invalid_payload`` if it is neither text nor an object.
    """
    if answer in (None, "", {}):
        return None
    if isinstance(answer, str):
        return {"text": answer}
    if not isinstance(answer, dict):
        raise SlackError("invalid_payload")
    return answer


def post_answer(store: Store, origin: Origin, body: Json) -> Message:
    """Post the app's answer where somebody did something, visible only to them unless it says ``in_channel``.

    Raises :class:`SlackError` like :func:`check_message`, or ``invalid_payload`` for another response type.
    """
    kind = body.get("response_type", "ephemeral")
    if kind not in _TYPES:
        raise SlackError("invalid_payload", [f"[ERROR] unknown response_type: {kind}"])
    return store.post(
        origin.channel,
        store.bot_user.id,
        **_content(body),
        bot_id=store.bot_id,
        ephemeral_to=origin.user if kind == "ephemeral" else None,
        thread_ts=body.get("thread_ts") or origin.thread_ts,
    )


def respond(interactions: Interactions, url_id: str, body: Any) -> None:
    """Apply what the app posted to a response URL.

    ``delete_original`` and ``replace_original`` act on the message that somebody used; anything else posts a
    new one. Raises :class:`SlackError`: ``used_url``, ``expired_url``, ``invalid_url``, ``invalid_payload``,
    ``no_text``, ``invalid_blocks`` …
    """
    origin = interactions.urls.use(url_id)
    shown = as_body(body)
    if shown is None:
        raise SlackError("no_text")
    store = interactions.store
    original = _original(store, origin)
    if shown.get("delete_original"):
        if original:
            store.delete(origin.channel, original.ts, store.bot_user.id)
    elif shown.get("replace_original") and original:
        _replace(store, origin, original, shown)
    else:
        post_answer(store, origin, shown)


def _original(store: Store, origin: Origin) -> Message | None:
    message = store.channel(origin.channel).messages.get(origin.message_ts or "")
    return message if message and message.bot_id == store.bot_id else None


def _replace(store: Store, origin: Origin, original: Message, body: Json) -> None:
    store.edit(origin.channel, original.ts, user=store.bot_user.id, **_content(body))


def _content(body: Json) -> Json:
    """Text, blocks and attachments, checked; the latter two may be JSON strings, as in the Web API."""
    check_message(body)
    given = {name: body.get(name) or [] for name in ("blocks", "attachments")}
    parsed = {name: json.loads(value) if isinstance(value, str) else value for name, value in given.items()}
    return {"text": (body.get("text") or "")[:MESSAGE_TEXT_MAX], **parsed}

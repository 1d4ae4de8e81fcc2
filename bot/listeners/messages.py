"""Messages, edits, deletions, reactions and pins of incident channels feed the timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.timeline import KeyMark, PostedMessage
from bot.listeners.services import Services

Json = Mapping[str, Any]

KEY_REACTION = "pushpin"
_WRITTEN = frozenset({None, "bot_message", "thread_broadcast", "file_share", "me_message"})
"""The subtypes that somebody wrote: an allow-list, since joins, topics and the like are messages too.

https://docs.slack.dev/reference/events/message#subtypes
"""


def register(app: App, services: Services) -> None:
    """Listen for all of them."""
    recorder = services.recorder

    def message(ack: Ack, event: dict[str, Any], context: BoltContext) -> None:
        found = _reported(event)
        if found and not _is_ours(found[1], context):
            kind, nested = found
            _RECORD[kind](services)(message_from(nested, event["channel"]))
        ack()

    def reaction(ack: Ack, event: dict[str, Any]) -> None:
        item = event["item"]
        if event["reaction"] == KEY_REACTION and item.get("type") == "message":
            present = event["type"] == "reaction_added"
            recorder.mark_key(_mark(event, item["channel"], item["ts"], "reaction", present))
        ack()

    def pin(ack: Ack, event: dict[str, Any]) -> None:
        pinned = (event.get("item") or {}).get("message") or {}
        if pinned.get("ts"):
            present = event["type"] == "pin_added"
            recorder.mark_key(_mark(event, event["channel_id"], pinned["ts"], "pin", present))
        ack()

    app.event("message")(message)
    for kind in ("reaction_added", "reaction_removed"):
        app.event(kind)(reaction)
    for kind in ("pin_added", "pin_removed"):
        app.event(kind)(pin)


def message_from(message: Json, channel_id: str) -> PostedMessage:
    """A message object of Slack's as a value; for bots that write in attachments only, their fallbacks."""
    profile = message.get("bot_profile") or {}
    attached = (
        str(each.get("fallback") or each.get("text") or "") for each in message.get("attachments") or ()
    )
    return PostedMessage(
        channel_id=channel_id,
        ts=message["ts"],
        user_id=message.get("user"),
        source=message.get("username") or profile.get("name"),
        text=str(message.get("text") or "\n".join(filter(None, attached))),
        files=tuple(
            {"name": file.get("name") or file.get("title") or "file", "permalink": file.get("permalink")}
            for file in message.get("files") or ()
        ),
        thread_ts=message.get("thread_ts"),
        edited_ts=(message.get("edited") or {}).get("ts"),
    )


_RECORD: Mapping[str, Callable[[Services], Callable[[PostedMessage], None]]] = {
    "written": lambda services: services.recorder.record_message,
    "changed": lambda services: services.recorder.edit_message,
    "deleted": lambda services: services.recorder.delete_message,
}


def _reported(event: Json) -> tuple[str, Json] | None:
    """What happened to which message; edits and deletions carry theirs nested."""
    subtype = event.get("subtype")
    if subtype in _WRITTEN:
        return "written", event
    if subtype == "message_changed":
        nested = event["message"]
        if nested.get("subtype") == "tombstone":
            return "deleted", nested
        return ("changed", nested) if nested.get("subtype") in _WRITTEN else None
    if subtype == "message_deleted":
        previous = event.get("previous_message") or {}
        return "deleted", {**previous, "ts": event["deleted_ts"], "text": "", "files": []}
    return None


def _is_ours(message: Json, context: BoltContext) -> bool:
    """Whether the bot wrote it itself: its own messages are no facts of the incident."""
    return bool(
        (context.bot_user_id and message.get("user") == context.bot_user_id)
        or (context.bot_id and message.get("bot_id") == context.bot_id)
    )


def _mark(event: Json, channel_id: str, ts: str, source: str, present: bool) -> KeyMark:
    return KeyMark(channel_id, ts, event["user"], source, present, str(event.get("event_ts") or "0"))

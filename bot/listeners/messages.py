"""Messages, edits, deletions, reactions and pins in incident channels, which feed the timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot.domain.incidents.timeline import KeyMark, PostedMessage
from bot.domain.kit.json import Json
from bot.domain.messages.slack_messages import (
    ACTION_REACTION,
    CONVERSIONS,
    KEY_REACTION,
    WRITTEN,
    changed_message,
    is_by,
    posted_message,
)
from bot.domain.surface.slack_app import Event
from bot.listeners.services import Services

_PINS, _REACTIONS = ("pins:read",), ("reactions:read",)
EVENTS = (
    Event("message.channels", ("channels:history",), comes_with_incidents=True),
    Event(
        "message.groups",
        ("groups:history",),
        "also reports that a channel became private; message.channels reports that one became public",
    ),
    Event("pin_added", _PINS),
    Event("pin_removed", _PINS),
    Event("reaction_added", _REACTIONS),
    Event("reaction_removed", _REACTIONS),
)


def register(app: App, services: Services) -> None:
    """Listen for messages, reactions and pins."""
    recorder = services.recorder

    def message(ack: Ack, event: dict[str, Any], context: BoltContext) -> None:
        found = _reported(event)
        if found:
            kind, nested = found
            is_ours = is_by(nested, context.bot_user_id, context.bot_id)
            (_OURS if is_ours else _RECORD)[kind](services, nested, event["channel"])
        ack()

    def reaction(ack: Ack, event: dict[str, Any]) -> None:
        item = event["item"]
        is_new = event["type"] == "reaction_added" and item.get("type") == "message"
        if event["reaction"] == ACTION_REACTION and is_new:
            services.items.create_from_mark(item["channel"], item["ts"], by=event["user"])
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


def is_message(body: Json) -> bool:
    """Whether this is a ``message`` event: one was written, edited, deleted, or something else happened."""
    event = body.get("event")
    return isinstance(event, dict) and event.get("type") == "message"


def channel_of(body: Json) -> str:
    """The channel of a ``message`` event, or an empty string if it has none."""
    return str(body["event"].get("channel") or "")


def plain(body: Json, bot_user_id: str | None, bot_id: str | None) -> PostedMessage | None:
    """The message that somebody wrote, or ``None`` if the listener above has to handle the event.

    It has to handle our own messages, edits, deletions, and anything malformed.
    """
    event = body["event"]
    if event.get("subtype") not in WRITTEN or is_by(event, bot_user_id, bot_id):
        return None
    try:
        return posted_message(event, event["channel"])
    except (KeyError, TypeError, AttributeError):
        return None


_Report = Callable[[Services, Json, str], None]


def _record(services: Services, found: Json, at: str) -> None:
    """Record the message; a reply may be a five-whys answer, so its writer has to be known."""
    message = posted_message(found, at)
    if message.thread_ts and message.user_id:
        services.people.learn(message.user_id)
    services.recorder.record_message(message)


def _convert(services: Services, found: Json, at: str) -> None:
    is_private = CONVERSIONS[found["subtype"]]
    services.privacy.converted(at, is_private=is_private, by=found.get("user"), ts=found["ts"])


_RECORD: Mapping[str, _Report] = {
    "converted": _convert,
    "written": _record,
    "changed": lambda services, found, at: services.recorder.edit_message(posted_message(found, at)),
    "deleted": lambda services, found, at: services.recorder.delete_message(posted_message(found, at)),
}
_OURS: Mapping[str, _Report] = {
    "converted": _convert,
    "written": lambda *_: None,
    "changed": lambda *_: None,
    "deleted": lambda services, found, at: services.channels.own_message_deleted(at, found["ts"]),
}


def _reported(event: Json) -> tuple[str, Json] | None:
    """What happened, and to which message, which edits and deletions nest; ``None`` for anything else."""
    subtype = event.get("subtype")
    if subtype in WRITTEN:
        return "written", event
    if subtype in CONVERSIONS:
        return "converted", event
    if subtype == "message_changed":
        nested = event["message"]
        if nested.get("subtype") == "tombstone":
            # Slack turns a deleted message that has replies into a tombstone.
            return "deleted", _deleted(event, nested["ts"])
        return ("changed", changed_message(event)) if nested.get("subtype") in WRITTEN else None
    if subtype == "message_deleted":
        return "deleted", _deleted(event, event["deleted_ts"])
    return None


def _deleted(event: Json, ts: str) -> Json:
    nothing: Json = {"text": "", "files": [], "attachments": [], "blocks": []}
    return {**(event.get("previous_message") or {}), **nothing, "ts": ts}


def _mark(event: Json, channel_id: str, ts: str, source: str, present: bool) -> KeyMark:
    return KeyMark(channel_id, ts, event["user"], source, present, str(event.get("event_ts") or "0"))

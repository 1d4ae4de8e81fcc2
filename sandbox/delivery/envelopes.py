"""Envelopes: copies of them, and what the log keeps of them."""

from __future__ import annotations

import uuid

from sandbox.workspace import events
from sandbox.workspace.model import Json


def copied(envelope: Json, *, new_ids: bool) -> Json:
    """Another envelope with the same payload; ``new_ids`` makes it another event, too."""
    if not new_ids:
        return dict(envelope)
    payload = dict(envelope["payload"])
    if "event_id" in payload:
        payload["event_id"] = events.new_event_id()
    return {**envelope, "envelope_id": str(uuid.uuid4()), "payload": payload}


def summary(envelope: Json) -> Json:
    """The part of an envelope that the log keeps: ids and kinds, no texts."""
    payload = envelope["payload"]
    event: Json = payload.get("event", {})
    names = ("type", "command", "callback_id", "event_id")
    found = {name: payload[name] for name in names if name in payload}
    found |= {f"event_{name}": event[name] for name in ("type", "subtype", "channel", "ts") if name in event}
    return {"envelope_id": envelope["envelope_id"], **found}

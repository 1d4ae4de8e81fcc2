"""The message that something was created from: where it is, but never its text.

The message may be private, and the person may have removed its text from the form, so only what they left in
the form is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.incidents.timeline import PostedMessage, permalink

_KEPT = ("channel_id", "ts", "thread_ts", "permalink")


def source_of(message: PostedMessage, team_url: str) -> dict[str, Any]:
    """The ``metadata`` of something created from the message."""
    link = permalink(team_url, message.channel_id, message.ts, message.thread_ts)
    ids = {"channel_id": message.channel_id, "ts": message.ts, "thread_ts": message.thread_ts}
    return {"source": {**ids, "permalink": link}}


def without_words(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata as it may be shown and exported: earlier versions stored the message's text and author."""
    source = metadata.get("source")
    if not source:
        return dict(metadata)
    return {**metadata, "source": {name: source[name] for name in _KEPT if name in source}}

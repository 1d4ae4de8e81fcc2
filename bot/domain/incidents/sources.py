"""The message that something was created from: where it is, but never its text.

The message may be private, and the person may have removed its text from the form, so only what they left in
the form is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.incidents.timeline import PostedMessage, permalink

_KEPT = ("channel_id", "ts", "thread_ts", "permalink")
_HIDDEN_NAMES = frozenset({"privategroup", "directmessage"})
_DIRECT, _GROUP = "D", "G"


def is_private_place(channel_id: str, name: str) -> bool:
    """Whether only some people can read that conversation, as far as a request from Slack shows.

    Instead of its name, Slack sends ``privategroup`` or ``directmessage``:
    https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling. A direct message
    among several people may be called ``mpdm-…``, and an older private channel's id begins with G:
    https://docs.slack.dev/reference/objects/conversation-object
    """
    return name in _HIDDEN_NAMES or name.startswith("mpdm-") or channel_id[:1] in {_DIRECT, _GROUP}


def links_back(source: Mapping[str, Any] | None, *, is_private: bool) -> bool:
    """Whether the source's thread gets a link to the incident: never to a private one.

    No bot can write in a direct message between people.
    """
    return bool(source) and not is_private and not str((source or {}).get("channel_id")).startswith(_DIRECT)


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

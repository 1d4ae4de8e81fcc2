"""What there is at the end: in the workspace's channels and in the bot's database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.domain.kit.text import storable
from sandbox.workspace.model import Channel, Message
from tests.support.arena import Arena

_WRITTEN = frozenset({None, "bot_message", "thread_broadcast", "file_share", "me_message"})


def channels(arena: Arena) -> list[Channel]:
    """Every channel of the workspace, including direct messages."""
    return list(arena.sandbox.store.workspace.channels.values())


def facts(arena: Arena) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """What people wrote in incidents' channels, and what the timelines hold: texts by channel and ts."""
    query = "SELECT channel_id, ts, text, is_deleted FROM timeline_entries WHERE kind = 'message'"
    stored = {(row.channel_id, row.ts): row.text for row in arena.rows(query) if not row.is_deleted}
    incidents = {row.channel_id for row in arena.rows("SELECT channel_id FROM incidents")}
    written = {
        (channel.id, message.ts): storable(message.text)
        for channel in channels(arena)
        if channel.id in incidents
        for message in channel.messages.values()
        if _is_a_fact(arena, message)
    }
    return written, stored


def posted_twice(arena: Arena) -> list[tuple[str, str]]:
    """The bot's messages that exist more than once, by channel and key."""
    keys = [(channel.id, key) for channel in channels(arena) for key in _keys(channel)]
    return [key for key, count in Counter(keys).items() if count > 1]


def _is_a_fact(arena: Arena, message: Message) -> bool:
    is_written = message.subtype in _WRITTEN and not message.ephemeral_to
    is_ours = message.user == arena.sandbox.store.bot_user.id
    return is_written and not is_ours and message.ts not in arena.expected.unrecorded


def _keys(channel: Channel) -> Iterator[str]:
    for message in channel.messages.values():
        if message.metadata:
            yield str(message.metadata["event_payload"]["key"])

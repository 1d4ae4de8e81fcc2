"""Deletes the bot's own messages."""

from __future__ import annotations

from datetime import datetime

from bot.domain.outbox.rows import Claimed
from bot.effects.failures import CallFailed
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads

_GONE = frozenset({"message_not_found", "channel_not_found"})
"""https://docs.slack.dev/reference/methods/chat.delete: nobody sees it there."""


class Takedown:
    """Deletes what the bot has posted; deleting it again changes nothing."""

    def __init__(self, slack: Slack, facts: PerformerReads) -> None:
        self._slack, self._facts = slack, facts

    def remove(
        self, row: Claimed, key: str, channel: str | None, since: datetime, thread_ts: str | None = None
    ) -> None:
        """Delete the message known by ``key``, even if only an earlier attempt may have posted it."""
        place = self._facts.where(key)
        if place is None and channel:
            ts = self._slack.attempted(row, key, channel, since, thread_ts)
            place = (channel, ts) if ts else None
        if place:
            self.delete(*place)
            self._facts.forget(key)

    def delete(self, channel: str, ts: str) -> None:
        """Delete the message there."""
        try:
            self._slack.call("chat.delete", channel=channel, ts=ts)
        except CallFailed as error:
            if error.code not in _GONE:
                raise

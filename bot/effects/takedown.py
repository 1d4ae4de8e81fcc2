"""Deletes the bot's own messages."""

from __future__ import annotations

from datetime import datetime

from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed
from bot.effects.failures import accepting
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads


class Takedown:
    """Deletes what the bot has posted; fine if it is already gone."""

    def __init__(self, slack: Slack, facts: PerformerReads) -> None:
        self._slack, self._facts = slack, facts

    def remove(
        self, row: Claimed, key: str, channel: str | None, since: datetime, thread_ts: str | None = None
    ) -> None:
        """Delete the message identified by ``key``, even one that an earlier attempt posted unnoticed."""
        place = self._facts.where(key)
        if place is None and channel:
            ts = self._slack.attempted(row, key, channel, since, thread_ts)
            place = (channel, ts) if ts else None
        if place:
            self.delete(*place)
            self._facts.forget(key)

    def delete(self, channel: str, ts: str) -> None:
        """Delete the message; fine if it is already gone."""
        with accepting(Meaning.DONE):
            self._slack.call("chat.delete", channel=channel, ts=ts)

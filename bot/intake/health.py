"""Whether the bot can do its work right now, and what is wrong if it can't."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.domain.kit.errors import NotSaved
from bot.operations.outbox import Outbox

OVERDUE = timedelta(minutes=2)
"""A due row is normally claimed within a second; if one waits this long, nothing is being performed."""
OK = "ok"
Trouble = Callable[[], str | None]
"""What is wrong, in a few words, or ``None``."""


class Health:
    """The bot's checks, which run again for each report."""

    def __init__(
        self, outbox: Outbox, is_migrated: Callable[[], bool], slack: Trouble, worker: Trouble
    ) -> None:
        self._outbox, self._is_migrated = outbox, is_migrated
        self._slack, self._worker = slack, worker

    def report(self) -> Mapping[str, str]:
        """The name of each check -> "ok", or what is wrong."""
        return {**self._stored(), "slack": self._slack() or OK}

    def _stored(self) -> Mapping[str, str]:
        if not self._is_migrated():
            return {"database": "not reached yet", "outbox": "unknown"}
        try:
            due = self._outbox.oldest_due()
        except NotSaved:
            return {"database": "not reached", "outbox": "unknown"}
        if trouble := self._outbox.saving_trouble():
            return {"database": f"nothing can be saved: {trouble}", "outbox": "unknown"}
        is_overdue = due is not None and self._outbox.clock() - due > OVERDUE
        return {"database": OK, "outbox": self._worker() or ("overdue" if is_overdue else OK)}

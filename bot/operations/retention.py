"""Forgets what is old and no longer needed."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.kit.people import SYSTEM
from bot.operations.kit.transaction import Clock, Operations, Tx, reading, transaction
from storage import incidents, retention, settings, texts
from storage.database import Database
from storage.retention import Position

__all__ = ["Position", "Retention"]

PURGED_TOGETHER = 100
"""Rows per transaction, which takes a few milliseconds: on SQLite, acks wait for it."""
LOOKED_AT_TOGETHER = 20
"""Incidents in which old texts are looked for at once, without making anybody wait."""
_TEXTS = len(retention.RULES)
"""Where a pass is once all tables have been purged: at the texts of messages, incident after incident."""


class Retention(Operations):
    """Purges finished effects and handled requests, and removes the texts of old messages.

    See :data:`storage.retention.RULES` and :mod:`storage.texts`.
    """

    def __init__(self, database: Database, clock: Clock, kept: timedelta) -> None:
        super().__init__(database, clock)
        self._kept = kept

    def purge(self, at: Position) -> Position | None:
        """Purge a few rows; returns where to continue, or ``None`` at the end."""
        if at.rule < _TEXTS:
            return self._purge_rows(at) or Position(_TEXTS)
        [after] = at.after or (0,)
        looked_at, found = self._look(after)
        if found is not None:
            self._remove_texts(found)
            return Position(_TEXTS, (found - 1,))
        return Position(_TEXTS, (looked_at,)) if looked_at else None

    @transaction
    def _purge_rows(self, tx: Tx, at: Position) -> Position | None:
        return retention.purge(tx.connection, at, tx.now - self._kept, PURGED_TOGETHER)

    @reading
    def _look(self, tx: Tx, after: int) -> tuple[int | None, int | None]:
        """The last of the next old incidents, and the first of them in which a text is to be removed."""
        before = _before(tx)
        if before is None:
            return None, None
        old = texts.resolved_before(tx.connection, before, after, LOOKED_AT_TOGETHER)
        found = (each for each in old if texts.removable(tx.connection, each, before, 1))
        return (old[-1] if old else None), next(found, None)

    @transaction
    def _remove_texts(self, tx: Tx, incident_id: int) -> None:
        before, days = _before(tx), tx.once(settings.get).texts_kept
        incident = incidents.get(tx.connection, incident_id, SYSTEM, lock=True)
        if before and days and incident and incident.resolved_at and incident.resolved_at < before:
            old = texts.removable(tx.connection, incident_id, before, PURGED_TOGETHER)
            texts.remove(tx.connection, old, days)


def _before(tx: Tx) -> datetime | None:
    """When an incident must have been resolved for its texts to go; ``None`` if they are kept for good."""
    days = tx.once(settings.get).texts_kept
    return tx.now - timedelta(days=days) if days else None

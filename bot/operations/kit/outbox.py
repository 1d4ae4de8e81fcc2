"""Plans calls to Slack and the calendar."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.outbox.rows import Planned
from bot.operations.kit.transaction import Tx
from storage import outbox


def enqueue(tx: Tx, rows: Iterable[Planned]) -> None:
    """Add rows to the outbox: the worker performs them once the transaction is committed."""
    outbox.add(tx.connection, rows, tx.now)

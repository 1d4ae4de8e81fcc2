"""Rows of the outbox that come from a backup: they may have been done after it was made.

Whatever can be looked for waits as usual, but is looked for first. The rest is given up until somebody has
decided; so is whatever had been given up before, since somebody may have retried it after the backup.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, func, literal, null, select, true, update

from bot.domain.outbox.rows import CONFIRMED, RESTORED
from storage import workspace
from storage.outbox import DEAD, DONE, RUNNING, WAITING, in_state, is_restored, unsettled, wait_again
from storage.tables import outbox

_LAST_ERROR_LIMIT = 300


def mark(tx: Connection, looked_for: Collection[str], now: datetime) -> None:
    """Mark all rows that aren't done; only those of the kinds in ``looked_for`` continue without a decision.

    Rows that were running can be claimed at once. They don't become waiting: two refreshes must not wait in
    one lane.
    """
    before = literal(f"{RESTORED}: ") + func.coalesce(outbox.c.last_error, "")
    marks = func.substr(before, 1, _LAST_ERROR_LIMIT)
    again = {"attempts": 0, "look_first": true(), "lease_until": null(), "owner": null()}
    fresh = and_(unsettled(WAITING, RUNNING, DEAD), ~is_restored())
    has_failed = outbox.c.last_error.is_not(None)
    tx.execute(update(outbox).where(fresh, has_failed).values(last_error=marks, **again))
    tx.execute(update(outbox).where(fresh, ~has_failed).values(last_error=RESTORED, **again))
    blind = and_(unsettled(WAITING, RUNNING), outbox.c.kind.not_in(looked_for))
    tx.execute(update(outbox).where(blind).values(state=DEAD, finished_at=now))


def is_before_restore(tx: Connection, time: datetime) -> bool:
    """Whether a backup has been restored since ``time``."""
    restored_at = workspace.get(tx, workspace.RESTORED_AT)
    return restored_at is not None and time < datetime.fromisoformat(restored_at)


def look_for(tx: Connection, keys: Collection[str], since: datetime) -> None:
    """Before these new rows are done, have their results looked for, back to ``since``."""
    marks = {"look_first": true(), "last_error": RESTORED, "created_at": since}
    tx.execute(update(outbox).where(outbox.c.key.in_(keys), in_state(WAITING)).values(**marks))


def undecided(tx: Connection) -> dict[str, int]:
    """How many rows of each kind wait for a decision."""
    query = select(outbox.c.kind, func.count()).where(unsettled(DEAD), is_restored())
    return {row[0]: row[1] for row in tx.execute(query.group_by(outbox.c.kind).order_by(outbox.c.kind))}


def send(tx: Connection, now: datetime) -> int:
    """Have the undecided rows done; returns how many. Whatever can be looked for still is."""
    return wait_again(tx, and_(unsettled(DEAD), is_restored()), now, CONFIRMED)


def drop(tx: Connection, now: datetime) -> int:
    """Record that the undecided rows needn't be done; returns how many."""
    undone = and_(in_state(DEAD), unsettled(DEAD), is_restored())
    return tx.execute(update(outbox).where(undone).values(state=DONE, finished_at=now)).rowcount

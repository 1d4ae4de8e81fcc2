"""Which rows of the outbox may be claimed, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)

from bot.domain.outbox.effects import EFFECTS
from bot.domain.outbox.queues import Queue
from storage.leases import database_now
from storage.outbox import DONE, RUNNING, WAITING, in_state
from storage.tables import outbox

NOW = bindparam("now", type_=outbox.c.not_before.type)
OWNER = bindparam("claimant", type_=outbox.c.owner.type)
HELD: BindParameter[Any] = bindparam("held", expanding=True)
# A newer replica may plan effects that this version doesn't know. They wait for that replica.
KNOWN = and_(
    outbox.c.kind.in_([literal_column(f"'{name}'") for name in EFFECTS]),
    outbox.c.queue.in_([literal_column(f"'{queue.value}'") for queue in Queue]),
)


def is_abandoned() -> ColumnElement[bool]:
    """Whether a running row's lease has expired or was dropped, or its owner has lost track of it."""
    lost = and_(outbox.c.owner == OWNER, outbox.c.id.not_in(HELD))
    # What the owner is still performing isn't abandoned, whatever the clock says.
    expired = and_(outbox.c.lease_until <= database_now(), outbox.c.owner != OWNER)
    return and_(in_state(RUNNING), or_(outbox.c.lease_until.is_(None), expired, lost))


def is_next_in_lane(row: Any) -> ColumnElement[bool]:
    """Whether nothing else in the lane is running, and nothing waits before this row.

    Both are checked: a row that was given up and is retried may come before one that is already running. The
    query for the first waiting row has a limit, which keeps the planner from joining thousands of rows.
    """
    running, waiting = outbox.alias("running"), outbox.alias("waiting")
    runs = exists().where(running.c.lane == row.lane, in_state(RUNNING, of=running))
    waits = and_(waiting.c.lane == row.lane, in_state(WAITING, of=waiting))
    first = select(waiting.c.id).where(waits).order_by(waiting.c.id).limit(1).scalar_subquery()
    return and_(first == row.id, ~runs)


def prerequisite_is_done(row: Any) -> ColumnElement[bool]:
    """Whether the row that this one needs is done; a missing one was done long ago and purged.

    A needed row is always planned before the rows that need it, or together with them.
    """
    needed = outbox.alias("needed")
    missing = exists().where(needed.c.key == row.needs, needed.c.state != literal_column(f"'{DONE}'"))
    return or_(row.needs.is_(None), ~missing)

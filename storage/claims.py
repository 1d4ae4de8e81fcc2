"""Claiming rows of the outbox: a worker takes them under a lease."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from bot.codec import effect_from_json
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import RESTORED, Claimed
from storage.claimable import KNOWN, NOW, OWNER, is_abandoned, is_next_in_lane, prerequisite_is_done
from storage.leases import LEASE_UNTIL
from storage.outbox import DEAD, RUNNING, WAITING, in_state
from storage.polling import Looker
from storage.tables import incidents, outbox

UNREADABLE = "unreadable"
# An arbitrary number, but the same in every replica and version, and no other lock's.
_CLAIM_LOCK = 727_002


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of a known kind with a payload that this version can't read."""

    id: int
    kind: str
    incident_id: int | None


def claim(
    tx: Connection, looker: Looker, ids: Collection[int], room: Mapping[Queue, int]
) -> tuple[list[Claimed], list[Unreadable]]:
    """Claim up to ``room`` of these rows in each queue, skipping rows that can no longer be claimed.

    The second list holds the rows that this version can't read; they are marked as dead.
    """
    if tx.dialect.name == "postgresql":
        # One claim at a time: two that don't see each other's rows yet could take two rows of one lane.
        tx.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
    left, found = dict(room), dict[int, Row[Any]]()
    for row in tx.execute(_picking(), {**looker.asks(), "ids": list(ids)}):
        queue = Queue(row.queue)
        if left.get(queue):
            left[queue] -= 1
            found[row.id] = row
    if not found:
        return [], []
    taken = sorted(
        tx.execute(_taking(tx.dialect.name), {"ids": list(found), "claimant": looker.owner}), key=_number
    )
    claimed, unreadable = list[Claimed](), list[Unreadable]()
    for row in taken:
        try:
            claimed.append(_claimed(row, found[row.id]))
        except (KeyError, TypeError, ValueError, AttributeError):
            unreadable.append(Unreadable(row.id, row.kind, row.incident_id))
    for each in unreadable:
        gone = {"state": DEAD, "last_error": UNREADABLE, "finished_at": looker.now, "lease_until": None}
        tx.execute(outbox.update().where(outbox.c.id == each.id).values(**gone))
    return claimed, unreadable


@cache
def _picking() -> Select[Any]:
    look_first = or_(outbox.c.look_first, _continues_an_attempt()).label("look_first")
    waits = and_(in_state(WAITING), outbox.c.not_before <= NOW, is_next_in_lane(outbox.c))
    asked = and_(outbox.c.id.in_(bindparam("ids", expanding=True)), KNOWN)
    can_be_claimed = and_(asked, or_(waits, is_abandoned()), prerequisite_is_done(outbox.c))
    columns = (outbox.c.id, outbox.c.queue, look_first, _is_private().label("is_private"))
    picked = select(*columns).where(can_be_claimed).order_by(outbox.c.not_before, outbox.c.id)
    return picked.with_for_update(skip_locked=True, of=outbox)


@cache
def _taking(dialect: str) -> Update:
    taken = outbox.update().where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    return taken.values(
        state=RUNNING,
        owner=OWNER,
        lease_until=LEASE_UNTIL[dialect],
        attempts=outbox.c.attempts + 1,
        # Until we know the outcome, this attempt may have been applied.
        look_first=True,
    ).returning(outbox)


def _is_private() -> ColumnElement[bool]:
    return exists().where(incidents.c.id == outbox.c.incident_id, incidents.c.is_private)


def _continues_an_attempt() -> ColumnElement[bool]:
    """Whether the row is a refresh, and an earlier row of its lane may have posted without our knowing."""
    earlier = outbox.alias("earlier")
    attempted = exists().where(
        earlier.c.lane == outbox.c.lane, earlier.c.id < outbox.c.id, earlier.c.look_first
    )
    return and_(outbox.c.is_refresh, attempted)


def _number(row: Row[Any]) -> int:
    return int(row.id)


def _claimed(row: Row[Any], found: Row[Any]) -> Claimed:
    return Claimed(
        id=row.id,
        key=row.key,
        effect=effect_from_json(row.kind, row.payload),
        attempt=row.attempts,
        look_first=found.look_first,
        is_private=found.is_private,
        created_at=row.created_at,
        owner=row.owner,
        queue=Queue(row.queue),
        progress=row.progress,
        has_failed_before=row.last_error is not None,
        is_restored=(row.last_error or "").startswith(RESTORED),
    )

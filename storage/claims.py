"""Claiming rows of the outbox: which of them are due, and taking those under a lease.

Each statement is made once: the worker looks after every commit, and making one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
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

from bot.domain.effects import effect_from_json
from bot.domain.outbox import ALL_KINDS, Claimed, Kinds
from storage.outbox import DONE, RUNNING, WAITING
from storage.tables import incidents, outbox

_CLAIM_LOCK = 727_002
_NOW = bindparam("now", type_=outbox.c.not_before.type)
_OWNER = bindparam("claimant", type_=outbox.c.owner.type)
_HELD: BindParameter[Any] = bindparam("held", expanding=True)


def claim(
    tx: Connection,
    owner: str,
    now: datetime,
    lease_until: datetime,
    limit: int,
    held: Collection[int] = (),
    kinds: Kinds = ALL_KINDS,
) -> list[Claimed]:
    """Take up to ``limit`` rows of these kinds that are due, next in their lane and not in need of another.

    ``held`` are those that the owner knows to be its own. Any other of its rows it has lost, such as by a
    connection that broke after the commit of a claim: they are taken anew.
    """
    if tx.dialect.name == "postgresql":
        # One claim at a time: two that don't see each other's rows yet could take two rows of one lane.
        tx.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
    asked = _asked(now, owner, held, kinds)
    found = {row.id: row for row in tx.execute(_picking(kinds.only), {**asked, "at_most": limit})}
    if not found:
        return []
    lease = {"ids": list(found), "claimant": owner, "until": lease_until}
    return [_claimed(row, found[row.id]) for row in sorted(tx.execute(_taking(), lease), key=_number)]


def due(tx: Connection, owner: str, now: datetime, held: Collection[int] = ()) -> frozenset[str]:
    """The kinds of which :func:`claim` would find rows: asking for them hinders nobody."""
    return frozenset(tx.execute(_kinds_due(), _asked(now, owner, held, ALL_KINDS)).scalars())


def oldest_due(tx: Connection, now: datetime, kinds: Kinds = ALL_KINDS) -> datetime | None:
    """Since when the row of these kinds has been due that has waited longest and could be claimed."""
    found: datetime | None = tx.execute(_waiting_longest(kinds.only), _asked(now, "", (), kinds)).scalar_one()
    return found


def _asked(now: datetime, owner: str, held: Collection[int], kinds: Kinds) -> dict[str, Any]:
    return {"now": now, "claimant": owner, "held": list(held), "kinds": list(kinds.names)}


@cache
def _picking(only: bool) -> Select[Any]:
    look_first = or_(outbox.c.look_first, _continues_an_attempt()).label("look_first")
    picked = select(outbox.c.id, look_first, _is_private().label("is_private")).where(_is_claimable(only))
    ordered = picked.order_by(outbox.c.not_before, outbox.c.id).limit(bindparam("at_most"))
    return ordered.with_for_update(skip_locked=True, of=outbox)


@cache
def _taking() -> Update:
    taken = outbox.update().where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    return taken.values(
        state=RUNNING,
        owner=_OWNER,
        lease_until=bindparam("until", type_=outbox.c.lease_until.type),
        attempts=outbox.c.attempts + 1,
        # Until we hear otherwise this attempt may have been applied.
        look_first=True,
    ).returning(outbox)


@cache
def _kinds_due() -> Select[Any]:
    return select(outbox.c.kind).where(_is_claimable(ALL_KINDS.only)).distinct()


@cache
def _waiting_longest(only: bool) -> Select[Any]:
    return select(func.min(outbox.c.not_before)).where(_is_claimable(only))


def _is_claimable(only: bool) -> ColumnElement[bool]:
    return and_(_is_due(), _is_next_in_lane(), _has_what_it_needs(), _is_of_kinds(only))


def _is_due() -> ColumnElement[bool]:
    # What the owner still performs isn't abandoned, whatever the clock says.
    lost = and_(outbox.c.owner == _OWNER, outbox.c.id.not_in(_HELD))
    expired = and_(outbox.c.lease_until <= _NOW, or_(outbox.c.owner != _OWNER, lost))
    abandoned = or_(outbox.c.lease_until.is_(None), expired, lost)
    waits = and_(outbox.c.state == WAITING, outbox.c.not_before <= _NOW)
    return or_(waits, and_(outbox.c.state == RUNNING, abandoned))


def _is_of_kinds(only: bool) -> ColumnElement[bool]:
    names: BindParameter[Any] = bindparam("kinds", expanding=True)
    return outbox.c.kind.in_(names) if only else outbox.c.kind.not_in(names)


def _is_private() -> ColumnElement[bool]:
    return exists().where(incidents.c.id == outbox.c.incident_id, incidents.c.is_private)


def _is_next_in_lane() -> ColumnElement[bool]:
    """Whether nothing else in the lane runs, and nothing waits before it.

    A row that was given up and is tried again may stand before one that runs already.
    """
    other = outbox.alias("other")
    waits_before = and_(outbox.c.state == WAITING, other.c.state == WAITING, other.c.id < outbox.c.id)
    runs = and_(other.c.state == RUNNING, other.c.id != outbox.c.id)
    return ~exists().where(other.c.lane == outbox.c.lane, or_(runs, waits_before))


def _continues_an_attempt() -> ColumnElement[bool]:
    """Whether the row refreshes what an earlier row of its lane may have posted without our knowing."""
    earlier = outbox.alias("earlier")
    attempted = exists().where(
        earlier.c.lane == outbox.c.lane, earlier.c.id < outbox.c.id, earlier.c.look_first
    )
    return and_(outbox.c.is_refresh, attempted)


def _has_what_it_needs() -> ColumnElement[bool]:
    needed = outbox.alias("needed")
    return or_(
        outbox.c.needs.is_(None), exists().where(needed.c.key == outbox.c.needs, needed.c.state == DONE)
    )


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
    )

"""The outbox in the database: rows that workers claim (see ``storage.claims``), perform and finish.

States: ``waiting`` -> ``running`` (claimed, leased) -> ``done``, or back to ``waiting`` with a later
``not_before``, or ``dead`` when given up. If a worker dies, the lease runs out and its rows can be claimed
again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert

from bot.codec import dump
from bot.domain.kit.people import System, Viewer
from bot.domain.outbox.effects import kind_of
from bot.domain.outbox.rows import RESTORED, Claimed, Planned
from storage.members import visible_to
from storage.tables import incidents, outbox
from storage.upsert import INSERTS

WAITING, RUNNING, DONE, DEAD = "waiting", "running", "done", "dead"
_LAST_ERROR_LIMIT = 300


def in_state(*states: str, of: FromClause = outbox) -> ColumnElement[bool]:
    """Whether a row is in one of the states.

    The states are literals in the SQL, not parameters: a partial index serves only statements that name its
    states (https://www.sqlite.org/partialindex.html,
    https://www.postgresql.org/docs/current/indexes-partial.html).
    """
    names: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    return of.c.state == names[0] if len(names) == 1 else of.c.state.in_(names)


def unsettled(*states: str) -> ColumnElement[bool]:
    """Whether a row is in one of these unsettled states, worded so that their index applies."""
    # SQLite uses a partial index only if the statement repeats the index's own condition.
    return and_(in_state(*states), in_state(WAITING, RUNNING, DEAD), outbox.c.id > 0)


def is_restored() -> ColumnElement[bool]:
    """Whether a row comes from a backup, and might have been done since."""
    return func.coalesce(outbox.c.last_error, "").startswith(RESTORED)


def add(tx: Connection, planned: Iterable[Planned], now: datetime) -> None:
    """Store the rows, except those whose key exists or whose lane already has a refresh waiting."""
    rows = list(planned)
    # Finding a waiting refresh locks it until our change is committed. Otherwise a worker could claim and
    # render it in between, and miss the change.
    waiting = _refreshes_waiting(tx, [row.lane for row in rows if row.coalesce])
    _begin_anew(tx, waiting)
    missing = [row for row in rows if not (row.coalesce and row.lane in waiting)]
    if not missing:
        return
    added = set(tx.execute(_insert_row(tx.dialect.name), [_values(row, now) for row in missing]).scalars())
    for row in missing:
        # If another transaction has just added a refresh, the insert waited for it and then added nothing.
        if row.key not in added and not _is_known(tx, row.key):
            _add_after_all(tx, row, now)


def _add_after_all(tx: Connection, row: Planned, now: datetime) -> None:
    while not _refreshes_waiting(tx, [row.lane]):
        if tx.execute(_insert_row(tx.dialect.name), [_values(row, now)]).first() or _is_known(tx, row.key):
            return
    _begin_anew(tx, [row.lane])


def finish(tx: Connection, row: Claimed, now: datetime) -> bool:
    """Mark the row as done if it is still ours; returns whether it was. Its last error stays on record."""
    return tx.execute(_FINISHING, {**_claim_of(row), "at": now}).rowcount == 1


def retry_later(
    tx: Connection, row: Claimed, at: datetime, code: str, *, look_first: bool, counts: bool = True
) -> str | None:
    """Make the row wait until ``at`` if it is still ours; returns its new state, or ``None``.

    Pass ``counts=False`` if nothing was tried: such an attempt brings the row no closer to being given up. A
    refresh is done instead if another one is already waiting, because that one renders the same.
    """
    if _another_waits(tx, row):
        done = {"state": DONE, "lease_until": None, "last_error": code[:_LAST_ERROR_LIMIT]}
        return DONE if _settle(tx, row, done) else None
    later = {
        "state": WAITING,
        "attempts": row.attempt if counts else row.attempt - 1,
        "not_before": at,
        "lease_until": None,
        "look_first": look_first,
        "last_error": code[:_LAST_ERROR_LIMIT],
    }
    return WAITING if _settle(tx, row, later) else None


def give_up(tx: Connection, row: Claimed, code: str, now: datetime) -> bool:
    """Mark the row as dead if it is still ours; returns whether it was.

    Only the latest dead refresh of a lane stays dead; earlier ones become done.
    """
    dead = {
        "state": DEAD,
        "finished_at": now,
        "lease_until": None,
        "last_error": code[:_LAST_ERROR_LIMIT],
    }
    given_up = _settle(tx, row, dead)
    mine = tx.execute(select(outbox.c.lane, outbox.c.is_refresh).where(outbox.c.id == row.id)).one()
    if given_up and mine.is_refresh:
        older = and_(outbox.c.lane == mine.lane, outbox.c.is_refresh, outbox.c.id < row.id)
        tx.execute(update(outbox).where(older, in_state(DEAD)).values(state=DONE))
    return given_up


def keep_progress(tx: Connection, row: Claimed, progress: Mapping[str, Any]) -> bool:
    """Record how far an effect got if the row is still ours; returns whether it was."""
    return _settle(tx, row, {"progress": dict(progress)})


def free_all(tx: Connection) -> int:
    """Make every claimed row claimable again; returns how many.

    Only for a database that this process alone uses, when it starts.
    """
    freed = update(outbox).where(in_state(RUNNING)).values(lease_until=None)
    return tx.execute(freed).rowcount


def free(tx: Connection, owner: str) -> int:
    """Make the rows that this worker has claimed but not finished claimable again; returns how many."""
    mine = and_(in_state(RUNNING), outbox.c.owner == owner)
    return tx.execute(update(outbox).where(mine).values(lease_until=None)).rowcount


def cap_retry_delays(tx: Connection, now: datetime, until: datetime) -> None:
    """Shorten waits beyond ``until`` that an earlier clock caused; rows planned for later keep their time."""
    by_the_other_clock = or_(outbox.c.attempts > 0, outbox.c.created_at > now)
    late = and_(in_state(WAITING), outbox.c.not_before > until, by_the_other_clock)
    tx.execute(update(outbox).where(late).values(not_before=until))


def revive(tx: Connection, now: datetime, incident_id: int | None, viewer: Viewer) -> int:
    """Make everything that was given up wait again, for one incident or for all that the viewer may see.

    Returns how many rows that were. Rows from a backup aren't among them: see :mod:`storage.restored`.
    """
    dead = and_(unsettled(DEAD), concerns(viewer), ~is_restored())
    if incident_id is not None:
        dead = and_(dead, outbox.c.incident_id == incident_id)
    return wait_again(tx, dead, now)


def wait_again(tx: Connection, dead: ColumnElement[bool], now: datetime, reason: str | None = None) -> int:
    """Make these dead rows wait again; returns how many rows that were.

    With a ``reason``, it replaces their last error. A refresh becomes done instead if another one is already
    waiting in its lane.
    """
    columns = (outbox.c.id, outbox.c.lane, outbox.c.is_refresh)
    rows = tx.execute(select(*columns).where(dead).order_by(outbox.c.id).with_for_update()).all()
    for row in rows:
        stands_in = row.is_refresh and _refresh_waits(tx, row.lane)
        again = {"state": WAITING, "attempts": 0, "not_before": now, "progress": null()}
        again |= {"last_error": reason} if reason else {}
        values = {"state": DONE} if stands_in else again
        tx.execute(update(outbox).where(outbox.c.id == row.id).values(finished_at=None, **values))
    return len(rows)


@cache
def _insert_row(dialect: str) -> ReturningInsert[Any]:
    """Cached, because a declaration plans nine rows before its ack."""
    return INSERTS[dialect](outbox).on_conflict_do_nothing().returning(outbox.c.key)


def _values(row: Planned, now: datetime) -> dict[str, Any]:
    effect = row.effect
    return {
        "kind": type(effect).__name__,
        "payload": dump(effect),
        "key": row.key,
        "lane": row.lane,
        "needs": row.needs,
        "is_refresh": row.coalesce,
        "incident_id": getattr(effect, "incident_id", None),
        "state": WAITING,
        "attempts": 0,
        "look_first": False,
        "queue": kind_of(effect).queue.value,
        "not_before": now,
        "created_at": now,
    }


def _is_known(tx: Connection, key: str) -> bool:
    return tx.execute(select(outbox.c.id).where(outbox.c.key == key)).first() is not None


def _another_waits(tx: Connection, row: Claimed) -> bool:
    mine = tx.execute(select(outbox.c.lane, outbox.c.is_refresh).where(outbox.c.id == row.id)).one()
    return bool(mine.is_refresh) and _refresh_waits(tx, mine.lane)


def _refresh_waits(tx: Connection, lane: str) -> bool:
    return bool(_refreshes_waiting(tx, [lane]))


_REFRESHES_WAITING = (
    select(outbox.c.lane)
    .where(outbox.c.lane.in_(bindparam("lanes", expanding=True)), outbox.c.is_refresh, in_state(WAITING))
    .order_by(outbox.c.id)
    .with_for_update()
)


def _refreshes_waiting(tx: Connection, lanes: Collection[str]) -> set[str]:
    """Those of the lanes in which a refresh is waiting; it is locked until our transaction ends."""
    return set(tx.execute(_REFRESHES_WAITING, {"lanes": list(lanes)}).scalars()) if lanes else set()


def _begin_anew(tx: Connection, lanes: Collection[str]) -> None:
    """Clear the progress of waiting refreshes: they now cover something newer than what it would skip."""
    if lanes:
        tx.execute(_BEGINNING_ANEW, {"lanes": list(lanes)})


_BEGINNING_ANEW = (
    update(outbox)
    .where(outbox.c.lane.in_(bindparam("lanes", expanding=True)), outbox.c.is_refresh, in_state(WAITING))
    .where(outbox.c.progress.is_not(null()))
    .values(progress=null())
)


_OURS = and_(
    outbox.c.id == bindparam("number"),
    in_state(RUNNING),
    outbox.c.owner == bindparam("claimant"),
    outbox.c.attempts == bindparam("attempt"),
)
# Built once, because nearly every row ends with it.
_FINISHING = update(outbox).where(_OURS).values(state=DONE, finished_at=bindparam("at"), lease_until=None)


def _claim_of(row: Claimed) -> dict[str, Any]:
    return {"number": row.id, "claimant": row.owner, "attempt": row.attempt}


def _settle(tx: Connection, row: Claimed, values: Mapping[str, Any]) -> bool:
    """Set these values if the row is still ours; returns whether it was."""
    return tx.execute(update(outbox).where(_OURS).values(values), _claim_of(row)).rowcount == 1


def concerns(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the row belongs to no incident, or to one that the viewer may see."""
    if isinstance(viewer, System):
        return true()
    visible = exists().where(incidents.c.id == outbox.c.incident_id, visible_to(viewer))
    return or_(outbox.c.incident_id.is_(None), visible)

"""Claiming rows of the outbox: polling for those that are due, and taking them under a lease.

A poll is bounded whatever is in the table. It reads pages of due rows through an index that holds nothing
else, and checks for each row separately whether its lane is free: the planner, whose statistics may say that
nothing is waiting, has no join to get wrong. Each poll reads the first page; a long line of rows that can't
be claimed yet is worked through bit by bit, poll by poll.

Each statement is made once: the worker looks after every commit, and making one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
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
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from bot.codec import effect_from_json
from bot.domain.outbox.effects import EFFECTS
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import START, Claimed, Found, Position
from storage.leases import LEASE_UNTIL, database_now
from storage.outbox import DEAD, DONE, RUNNING, WAITING, in_state
from storage.tables import incidents, outbox

PAGE = 200
"""Due rows of a queue that are read together."""
_PAGES = 10
"""Pages per poll; the next poll reads those after them."""
_SPARE = 24
"""How many more rows to find than there is room for: other workers see the same rows at the same time."""
UNREADABLE = "unreadable"
_CLAIM_LOCK = 727_002
_NOW = bindparam("now", type_=outbox.c.not_before.type)
_OWNER = bindparam("claimant", type_=outbox.c.owner.type)
_HELD: BindParameter[Any] = bindparam("held", expanding=True)
_ASKED = (outbox.c.id, outbox.c.lane, outbox.c.needs, outbox.c.not_before, outbox.c.queue)
# Effects that a newer replica plans, and this version doesn't know, wait for that replica.
_KNOWN = and_(
    outbox.c.kind.in_([literal_column(f"'{name}'") for name in EFFECTS]),
    outbox.c.queue.in_([literal_column(f"'{queue.value}'") for queue in Queue]),
)


@dataclass(frozen=True, slots=True)
class Looker:
    """Who polls for rows, and when."""

    owner: str
    now: datetime
    held: Collection[int] = ()
    """Ids of the rows that the owner knows it holds. It has lost track of its other rows, for example when a
    connection broke after a claim was committed: those are claimed again."""

    def asks(self) -> dict[str, Any]:
        """The parameters that every statement here takes."""
        return {"now": self.now, "claimant": self.owner, "held": list(self.held)}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row of a kind that this version knows, with a payload that it can't read."""

    id: int
    kind: str
    incident_id: int | None


def look(
    tx: Connection,
    looker: Looker,
    room: Mapping[Queue, int],
    after: Mapping[Queue, Position] | None = None,
) -> Found:
    """Rows of each queue that could be claimed now, a few more than there is ``room``, without locking any.

    ``after`` is what the last poll returned.
    """
    first: dict[str, list[Row[Any]]] = {queue.value: [] for queue in Queue}
    abandoned: dict[str, list[int]] = {queue.value: [] for queue in Queue}
    sizes = {_size_of(queue): PAGE if queue in room else 0 for queue in Queue}
    for row in tx.execute(_first_pages(), {**looker.asks(), **sizes}):
        if row.is_abandoned:
            abandoned[row.queue].append(row.id)
        else:
            first[row.queue].append(row)
    found = {queue: abandoned[queue.value] for queue in room}
    positions = dict(after or {})
    for queue, most in room.items():
        pages = _pages(tx, looker, queue, first[queue.value], positions.get(queue, START))
        for rows, position in pages:
            found[queue] += [row.id for row in rows if row.is_free]
            positions[queue] = position
            if len(found[queue]) >= most:
                break
    ids = (number for queue, ids in found.items() for number in ids[: room[queue] + _SPARE])
    return Found(tuple(ids), positions)


def claim(
    tx: Connection, looker: Looker, ids: Collection[int], room: Mapping[Queue, int]
) -> tuple[list[Claimed], list[Unreadable]]:
    """Claim up to ``room`` rows of each queue, if they can still be claimed.

    The second list holds those that this version can't read, which are given up.
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


def look_in(tx: Connection, incident_id: int, now: datetime) -> list[int]:
    """The ids of those of an incident's first waiting rows that could be claimed, without locking any."""
    asked = {"now": now, "incident": incident_id}
    return [row.id for row in tx.execute(_waiting_in(), asked) if row.is_free]


def oldest_due(tx: Connection, looker: Looker, queues: Collection[Queue]) -> datetime | None:
    """When the longest overdue claimable row of these queues fell due, among the first few thousand."""
    room = dict.fromkeys(queues, 1)
    found = list(look(tx, looker, room).ids)
    query = select(func.min(outbox.c.not_before)).where(outbox.c.id.in_(found))
    oldest: datetime | None = tx.execute(query).scalar_one() if found else None
    return oldest


def _pages(
    tx: Connection, looker: Looker, queue: Queue, first: list[Row[Any]], after: Position
) -> Iterator[tuple[list[Row[Any]], Position]]:
    """The first page and some of the others, each with where the next poll continues.

    Of a full first page, ``first`` holds the last row, too, whether it is free or not.
    """
    yield first, after
    if not first or first[-1].place < PAGE:
        return
    position = max(_end(first), after, key=_order)
    for _ in range(_PAGES - 1):
        asked = {**looker.asks(), "after_time": position.time, "after_id": position.id}
        rows = list(tx.execute(_later_page(queue), asked))
        is_last = len(rows) < PAGE
        position = START if is_last else _end(rows)
        yield rows, position
        if is_last:
            return


def _end(rows: list[Row[Any]]) -> Position:
    return Position(rows[-1].not_before, rows[-1].id)


def _order(position: Position) -> tuple[datetime, int]:
    return position.time, position.id


@cache
def _first_pages() -> Select[Any]:
    """The first page of every queue, each of its own size, and what has been abandoned.

    Rows that aren't free are left out, but for the last of a full page: among many they would cost most.
    """
    each = (_page(queue).limit(bindparam(_size_of(queue))).subquery() for queue in Queue)
    pages = union_all(*map(select, each), select(_abandoned().subquery())).subquery()
    parts, order = (pages.c.queue, pages.c.is_abandoned), (pages.c.not_before, pages.c.id)
    place = func.row_number().over(partition_by=parts, order_by=order).label("place")
    numbered = select(pages, place).subquery()
    rows = _with_freedom(numbered)
    is_asked_for = or_(numbered.c.is_abandoned, numbered.c.place == PAGE, rows.selected_columns.is_free)
    return rows.add_columns(numbered.c.is_abandoned, numbered.c.place).where(is_asked_for)


def _size_of(queue: Queue) -> str:
    return f"{queue.value}_rows"


@cache
def _later_page(queue: Queue) -> Select[Any]:
    time = bindparam("after_time", type_=outbox.c.not_before.type)
    place = tuple_(time, bindparam("after_id", type_=outbox.c.id.type))
    later = _page(queue).where(tuple_(outbox.c.not_before, outbox.c.id) > place)
    return _with_freedom(later.limit(PAGE).subquery())


@cache
def _waiting_in() -> Select[Any]:
    of_incident = and_(outbox.c.incident_id == bindparam("incident"), in_state(WAITING))
    due = select(*_ASKED).where(of_incident, outbox.c.not_before <= _NOW, _KNOWN)
    return _with_freedom(due.order_by(outbox.c.id).limit(_SPARE).subquery())


def _page(queue: Queue) -> Select[Any]:
    due = and_(outbox.c.queue == queue.value, in_state(WAITING), outbox.c.not_before <= _NOW, _KNOWN)
    asked = select(*_ASKED, false().label("is_abandoned")).where(due)
    return asked.order_by(outbox.c.not_before, outbox.c.id)


def _with_freedom(page: Any) -> Select[Any]:
    is_free = and_(_has_what_it_needs(page.c), _is_head(page.c)).label("is_free")
    ordered = (page.c.not_before, page.c.id)
    return select(page.c.id, page.c.queue, page.c.not_before, is_free).order_by(*ordered)


def _abandoned() -> Select[Any]:
    asked = select(*_ASKED, true().label("is_abandoned")).where(_is_abandoned(), _KNOWN)
    return asked.order_by(outbox.c.id).limit(PAGE)


@cache
def _picking() -> Select[Any]:
    look_first = or_(outbox.c.look_first, _continues_an_attempt()).label("look_first")
    waits = and_(in_state(WAITING), outbox.c.not_before <= _NOW, _is_head(outbox.c))
    asked = and_(outbox.c.id.in_(bindparam("ids", expanding=True)), _KNOWN)
    can_be_claimed = and_(asked, or_(waits, _is_abandoned()), _has_what_it_needs(outbox.c))
    columns = (outbox.c.id, outbox.c.queue, look_first, _is_private().label("is_private"))
    picked = select(*columns).where(can_be_claimed).order_by(outbox.c.not_before, outbox.c.id)
    return picked.with_for_update(skip_locked=True, of=outbox)


@cache
def _taking(dialect: str) -> Update:
    taken = outbox.update().where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    return taken.values(
        state=RUNNING,
        owner=_OWNER,
        lease_until=LEASE_UNTIL[dialect],
        attempts=outbox.c.attempts + 1,
        # Until we hear otherwise this attempt may have been applied.
        look_first=True,
    ).returning(outbox)


def _is_abandoned() -> ColumnElement[bool]:
    lost = and_(outbox.c.owner == _OWNER, outbox.c.id.not_in(_HELD))
    # What the owner still performs isn't abandoned, whatever the clock says.
    expired = and_(outbox.c.lease_until <= database_now(), outbox.c.owner != _OWNER)
    return and_(in_state(RUNNING), or_(outbox.c.lease_until.is_(None), expired, lost))


def _is_private() -> ColumnElement[bool]:
    return exists().where(incidents.c.id == outbox.c.incident_id, incidents.c.is_private)


def _is_head(row: Any) -> ColumnElement[bool]:
    """Whether nothing else in the lane runs, and nothing waits before it.

    A row that was given up and is retried may come before one that is already running. The query for the
    first waiting row has a limit, which keeps the planner from joining thousands of rows with each other.
    """
    running, waiting = outbox.alias("running"), outbox.alias("waiting")
    runs = exists().where(running.c.lane == row.lane, in_state(RUNNING, of=running))
    waits = and_(waiting.c.lane == row.lane, in_state(WAITING, of=waiting))
    first = select(waiting.c.id).where(waits).order_by(waiting.c.id).limit(1).scalar_subquery()
    return and_(first == row.id, ~runs)


def _continues_an_attempt() -> ColumnElement[bool]:
    """Whether the row refreshes what an earlier row of its lane may have posted without our knowing."""
    earlier = outbox.alias("earlier")
    attempted = exists().where(
        earlier.c.lane == outbox.c.lane, earlier.c.id < outbox.c.id, earlier.c.look_first
    )
    return and_(outbox.c.is_refresh, attempted)


def _has_what_it_needs(row: Any) -> ColumnElement[bool]:
    """Whether the row that this one needs is done; a missing one was done long ago and purged.

    It was planned before this one or together with it.
    """
    needed = outbox.alias("needed")
    missing = exists().where(needed.c.key == row.needs, needed.c.state != literal_column(f"'{DONE}'"))
    return or_(row.needs.is_(None), ~missing)


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
    )

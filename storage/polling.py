"""Polling the outbox for rows that could be claimed, without locking any.

A poll is bounded, whatever is in the table. It reads pages of due rows through an index that holds nothing
else, and checks for each row separately whether its lane is free. So there is no join that the planner could
get wrong when its statistics say that nothing is waiting. Each poll reads the first page; a long line of rows
that can't be claimed yet is worked through a few pages per poll.

Each statement is built once: the worker polls after nearly every commit, and building a statement costs more
than running it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import START, Found, Position
from storage.claimable import KNOWN, NOW, is_abandoned, is_next_in_lane, prerequisite_is_done
from storage.outbox import WAITING, in_state
from storage.tables import outbox

PAGE = 200
"""How many due rows of a queue are read at once."""
_PAGES = 10
"""Pages per poll; the next poll continues after them."""
_SPARE = 24
"""How many more rows to find than there is room for: other workers see the same rows at the same time."""
_ASKED = (outbox.c.id, outbox.c.lane, outbox.c.needs, outbox.c.not_before, outbox.c.queue)


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


def look(
    tx: Connection,
    looker: Looker,
    room: Mapping[Queue, int],
    after: Mapping[Queue, Position] | None = None,
) -> Found:
    """Rows of each queue that could be claimed now, a few more than there is ``room`` for; none is locked.

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


def look_in(tx: Connection, incident_id: int, now: datetime) -> list[int]:
    """The ids of an incident's first waiting rows that could be claimed; none is locked."""
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
    """The first page and some later ones, each with the position where the next poll continues.

    If the first page is full, ``first`` includes its last row even if that isn't free.
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
    """The first page of every queue, each with its own size, and the abandoned rows.

    Leaves out rows that aren't free, because there can be many, but keeps the last one of a full page.
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
    due = select(*_ASKED).where(of_incident, outbox.c.not_before <= NOW, KNOWN)
    return _with_freedom(due.order_by(outbox.c.id).limit(_SPARE).subquery())


def _page(queue: Queue) -> Select[Any]:
    due = and_(outbox.c.queue == queue.value, in_state(WAITING), outbox.c.not_before <= NOW, KNOWN)
    asked = select(*_ASKED, false().label("is_abandoned")).where(due)
    return asked.order_by(outbox.c.not_before, outbox.c.id)


def _with_freedom(page: Any) -> Select[Any]:
    is_free = and_(prerequisite_is_done(page.c), is_next_in_lane(page.c)).label("is_free")
    ordered = (page.c.not_before, page.c.id)
    return select(page.c.id, page.c.queue, page.c.not_before, is_free).order_by(*ordered)


def _abandoned() -> Select[Any]:
    asked = select(*_ASKED, true().label("is_abandoned")).where(is_abandoned(), KNOWN)
    return asked.order_by(outbox.c.id).limit(PAGE)

"""What is stuck, failing or waiting in the outbox."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    func,
    select,
)

from bot.codec import effect_from_json
from bot.domain.kit.people import Viewer
from bot.domain.outbox.effects import Effect, InvitePeople
from bot.domain.outbox.rows import PUT_OFF, Depth, Stuck
from storage.outbox import DEAD, DONE, RUNNING, WAITING, concerns, in_state, unsettled
from storage.tables import outbox


def trouble_in(tx: Connection, lane: str) -> tuple[str, bool] | None:
    """(last error, whether it was given up) of the lane's latest row that isn't done, if it has failed."""
    query = select(outbox.c.last_error, outbox.c.state).where(
        outbox.c.lane == lane, in_state(WAITING, RUNNING, DEAD)
    )
    row = tx.execute(query.order_by(outbox.c.id.desc()).limit(1)).one_or_none()
    return (row.last_error, row.state == DEAD) if row and row.last_error else None


def unsettled_in(tx: Connection, lane: str) -> str | None:
    """The key of the lane's latest row that isn't done, or ``None`` if all of them are."""
    query = select(outbox.c.key).where(outbox.c.lane == lane, unsettled(WAITING, RUNNING, DEAD))
    return tx.execute(query.order_by(outbox.c.id.desc()).limit(1)).scalar()


def lanes_in_progress(tx: Connection, incident_id: int, kinds: Collection[str]) -> set[str]:
    """The lanes of the incident's rows of these kinds that wait or are being performed."""
    mine = and_(outbox.c.incident_id == incident_id, outbox.c.kind.in_(kinds))
    return set(tx.execute(select(outbox.c.lane).where(mine, unsettled(WAITING, RUNNING))).scalars())


def is_done(tx: Connection, key: str) -> bool | None:
    """Whether the row was done, not given up (or long gone); ``None`` while that is open."""
    state = tx.execute(select(outbox.c.state).where(outbox.c.key == key)).scalar()
    return None if state in {WAITING, RUNNING} else state == DONE


def dead(tx: Connection, viewer: Viewer, incident_id: int | None = None, limit: int = 20) -> list[Stuck]:
    """Rows that were given up, newest first: one incident's, or all that the viewer may see."""
    query = select(outbox).where(unsettled(DEAD), concerns(viewer))
    if incident_id is not None:
        query = query.where(outbox.c.incident_id == incident_id)
    return [_stuck(row) for row in tx.execute(query.order_by(outbox.c.id.desc()).limit(limit))]


def count_dead(tx: Connection, viewer: Viewer) -> int:
    """How many rows that the viewer may see were given up."""
    query = select(func.count()).select_from(outbox).where(unsettled(DEAD), concerns(viewer))
    return int(tx.execute(query).scalar_one())


def given_up(tx: Connection) -> list[tuple[str, str, int]]:
    """(kind, last error, how many rows) of all that was given up, newest first."""
    columns = (outbox.c.kind, outbox.c.last_error)
    query = select(*columns, func.count()).where(unsettled(DEAD)).group_by(*columns)
    found = tx.execute(query.order_by(func.max(outbox.c.id).desc()))
    return [(row[0], row[1] or "unknown", row[2]) for row in found]


def trying_again(tx: Connection, incident_id: int) -> list[Stuck]:
    """The incident's rows that have failed, or come from a backup, and aren't given up, oldest first."""
    query = select(outbox).where(
        outbox.c.incident_id == incident_id,
        in_state(WAITING, RUNNING),
        outbox.c.last_error.is_not(None),
        outbox.c.last_error != PUT_OFF,
    )
    return [_stuck(row) for row in tx.execute(query.order_by(outbox.c.id))]


def overdue(tx: Connection, before: datetime, viewer: Viewer, limit: int = 20) -> list[Stuck]:
    """Unfinished rows planned before that time that the viewer may see, oldest first, tried or not."""
    unfinished = unsettled(WAITING, RUNNING)
    query = select(outbox).where(unfinished, outbox.c.created_at < before, concerns(viewer))
    return [_stuck(row) for row in tx.execute(query.order_by(outbox.c.id).limit(limit))]


def count_overdue(tx: Connection, before: datetime, viewer: Viewer) -> int:
    """How many rows :func:`overdue` would return without its limit."""
    late = (unsettled(WAITING, RUNNING), outbox.c.created_at < before, concerns(viewer))
    return int(tx.execute(select(func.count()).select_from(outbox).where(*late)).scalar_one())


def invited(tx: Connection, incident_id: int) -> list[str]:
    """The people whom the bot has invited to the incident's channel, in order, as far as it remembers."""
    query = select(outbox.c.payload).where(
        outbox.c.incident_id == incident_id, outbox.c.kind == InvitePeople.__name__
    )
    found = (row.payload["user_ids"] for row in tx.execute(query.order_by(outbox.c.id)))
    return list(dict.fromkeys(str(each) for user_ids in found for each in user_ids))


def depths(tx: Connection) -> list[Depth]:
    """How many rows aren't done, by kind and state."""
    columns = (outbox.c.kind, outbox.c.state)
    all_but_done = unsettled(WAITING, RUNNING, DEAD)
    query = select(*columns, func.count(), func.min(outbox.c.created_at)).where(all_but_done)
    return [Depth(*row) for row in tx.execute(query.group_by(*columns).order_by(*columns))]


def _stuck(row: Row[Any]) -> Stuck:
    effect: Effect | None = None
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        effect = effect_from_json(row.kind, row.payload)
    return Stuck(
        row.id,
        row.key,
        row.kind,
        row.incident_id,
        row.attempts,
        row.last_error or "",
        row.created_at,
        effect,
        row.lane if row.is_refresh else f"row {row.id}",
    )

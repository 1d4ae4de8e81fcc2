"""Shorthand for what tests do with the outbox."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, func, select, update

from bot.codec import effect_from_json
from bot.domain.incidents.model import IncidentSeverity, NewIncident, declared
from bot.domain.outbox.effects import Effect, PublishHome, SetTopic
from bot.domain.outbox.queues import Queue
from bot.domain.outbox.rows import Claimed, Planned
from storage import claims, incidents, outbox, polling, retention
from storage.database import Database
from storage.tables import outbox as table
from tests.support.examples import NOW


def row(
    key: str, lane: str | None = None, needs: str | None = None, *, effect: Effect | None = None
) -> Planned:
    """A row that does something once, by default in a lane of its own."""
    return Planned(effect or PublishHome(key), key, lane or key, needs)


def refresh(key: str, lane: str, effect: Effect | None = None) -> Planned:
    """A row that brings something up to date."""
    return Planned(effect or PublishHome(key), key, lane, coalesce=True)


def purge(database: Database, before: datetime, limit: int = 100) -> int:
    """Purge everything that is older and may go; returns the number of transactions."""
    at: retention.Position | None = retention.Position()
    batches = 0
    while at is not None:
        at = database.run(partial(retention.purge, at=at, before=before, limit=limit))
        batches += 1
    return batches


def count_unfinished(tx: Connection) -> int:
    """The number of rows that are waiting or running."""
    query = select(func.count()).select_from(table).where(table.c.state.in_(("waiting", "running")))
    return int(tx.execute(query).scalar_one())


def an_incident(database: Database) -> int:
    """The number of a new incident."""
    new = NewIncident("x", IncidentSeverity.LOW)
    return database.run(partial(incidents.add, incident=declared(new, "U0ANA", NOW))).id


def topic_of(incident_id: int, key: str) -> Planned:
    """A refresh that belongs to an incident."""
    return refresh(key, f"INC-{incident_id}/topic", SetTopic(incident_id))


def add(database: Database, *rows: Planned, now: datetime = NOW) -> None:
    """Store the rows in one transaction."""
    database.run(partial(outbox.add, planned=rows, now=now))


def claim(
    database: Database,
    now: datetime = NOW,
    owner: str = "worker",
    limit: int = 100,
    held: Collection[int] = range(1, 1000),
) -> dict[str, Claimed]:
    """Claim the due rows; returns them by key. By default the owner still holds all that it claimed."""
    claimed = database.run(partial(look_and_claim, looker=polling.Looker(owner, now, held), limit=limit))
    return {each.key: each for each in claimed}


def look_and_claim(tx: Connection, looker: polling.Looker, limit: int = 100) -> list[Claimed]:
    """What a worker claims in one round."""
    room = dict.fromkeys(Queue, limit)
    found = polling.look(tx, looker, room).ids
    return claims.claim(tx, looker, found, room)[0] if found else []


def end_leases(database: Database) -> None:
    """Let all leases expire, by the database's clock."""
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)
    held = update(table).where(table.c.lease_until.is_not(None))
    database.run(lambda tx: tx.execute(held.values(lease_until=long_ago)))


def finish(database: Database, claimed: Claimed, now: datetime = NOW) -> bool:
    """Mark it as done."""
    return database.run(partial(outbox.finish, row=claimed, now=now))


def give_up(database: Database, claimed: Claimed) -> bool:
    """Mark it as dead."""
    return database.run(partial(outbox.give_up, row=claimed, code="is_archived", now=NOW))


def try_later(
    database: Database,
    claimed: Claimed,
    at: datetime = NOW,
    *,
    look_first: bool = False,
    counts: bool = True,
) -> str | None:
    """Make it wait until then; returns its new state."""
    return database.run(
        partial(outbox.retry_later, row=claimed, at=at, code="503", look_first=look_first, counts=counts)
    )


def effects(database: Database) -> list[Effect]:
    """The effects of all rows, in order."""

    def read(tx: Connection) -> list[Effect]:
        query = select(table.c.kind, table.c.payload).order_by(table.c.id)
        return [effect_from_json(row.kind, row.payload) for row in tx.execute(query)]

    return database.run(read)


def states(database: Database) -> dict[str, str]:
    """Every row's state by key."""

    def read(tx: Connection) -> dict[str, str]:
        return {each.key: each.state for each in tx.execute(select(table.c.key, table.c.state))}

    return database.run(read)

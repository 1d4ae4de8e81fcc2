"""Leases: how long a worker holds a row of the outbox, by the database's own clock.

Clocks differ between hosts, and any of them may be set back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.functions import FunctionElement

from storage.outbox import RUNNING, in_state
from storage.tables import outbox

LEASE = timedelta(seconds=6)
"""How long a worker holds a row without renewing its lease, by the database's clock."""
_SECONDS = int(LEASE.total_seconds())
LEASE_UNTIL: Mapping[str, ColumnElement[Any]] = {
    "postgresql": literal_column(f"clock_timestamp() + interval '{_SECONDS} seconds'"),
    # In the format of our other times, because SQLite compares them as text.
    "sqlite": literal_column(f"strftime('%Y-%m-%d %H:%M:%f', 'now', '+{_SECONDS} seconds') || '000'"),
}


class database_now(FunctionElement[datetime]):  # noqa: N801 - it reads as a function in SQL
    """The time by the database's clock."""

    inherit_cache = True


@compiles(database_now, "postgresql")
def _now_of_postgresql(*_: Any, **__: Any) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _now_of_sqlite(*_: Any, **__: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"


def renew(tx: Connection, owner: str, ids: Collection[int]) -> frozenset[int]:
    """Renew the owner's leases of these rows; returns the ids of those that are still its own."""
    renewed = tx.execute(_renewing(tx.dialect.name), {"ids": list(ids), "claimant": owner})
    return frozenset(renewed.scalars())


@cache
def _renewing(dialect: str) -> ReturningUpdate[Any]:
    mine = and_(
        outbox.c.id.in_(bindparam("ids", expanding=True)),
        outbox.c.owner == bindparam("claimant", type_=outbox.c.owner.type),
        in_state(RUNNING),
    )
    return outbox.update().where(mine).values(lease_until=LEASE_UNTIL[dialect]).returning(outbox.c.id)

"""One method, one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from storage.database import Database

Clock = Callable[[], datetime]
"""The time as an aware UTC datetime."""

P = ParamSpec("P")
R = TypeVar("R")


class Operations:
    """What every group of operations stands on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock


S = TypeVar("S", bound=Operations)


def transaction(method: Callable[Concatenate[S, Connection, P], R]) -> Callable[Concatenate[S, P], R]:
    """Run the method in a transaction of its own; callers leave the connection out.

    The whole method may be repeated (see :meth:`storage.database.Database.run`), so it touches nothing but
    the database. Raises ``NotSaved`` besides what the method raises; nothing is saved then.
    """

    @wraps(method)
    def in_transaction(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.database.run(lambda tx: method(self, tx, *args, **kwargs))

    return in_transaction


def reading(method: Callable[Concatenate[S, Connection, P], R]) -> Callable[Concatenate[S, P], R]:
    """As :func:`transaction`, for a method that changes nothing: it waits for nobody who writes."""

    @wraps(method)
    def in_transaction(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.database.read(lambda tx: method(self, tx, *args, **kwargs))

    return in_transaction

"""One method, one transaction, one instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from storage.database import Database

Clock = Callable[[], datetime]
"""The time as an aware UTC datetime."""

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction in progress: all that operations and their helpers need from outside."""

    connection: Connection
    """What the functions of ``storage`` work on."""
    now: datetime
    """When this attempt began (UTC): everything in one transaction happens at one instant."""
    _known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, read: Callable[Concatenate[Connection, Q], R], *asked: Q.args, **more: Q.kwargs) -> R:
        """What ``read`` returns, without asking the database twice for the same thing.

        For people, settings and the like, which several steps of an operation need and none of them changes.
        """
        key = (read, *asked, *more.items())
        if key not in self._known:
            self._known[key] = read(self.connection, *asked, **more)
        found: R = self._known[key]
        return found

    def forget(self) -> None:
        """Have :meth:`once` read everything again: to be called after changing what it may have read."""
        self._known.clear()


class Operations:
    """Base of every group of operations: the database and the clock that its transactions use."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock


S = TypeVar("S", bound=Operations)


def transaction(method: Callable[Concatenate[S, Tx, P], R]) -> Callable[Concatenate[S, P], R]:
    """Run the method in its own transaction; callers leave ``tx`` out.

    The whole method may be repeated (see :meth:`storage.database.Database.run`), with the new attempt's time
    in ``tx``, so it must touch nothing but the database. Raises ``NotSaved`` as well as what the method
    raises; nothing is saved then.
    """

    @wraps(method)
    def in_transaction(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.database.run(
            lambda connection: method(self, Tx(connection, self.clock()), *args, **kwargs)
        )

    return in_transaction


def reading(method: Callable[Concatenate[S, Tx, P], R]) -> Callable[Concatenate[S, P], R]:
    """Like :func:`transaction`, for a method that changes nothing: it never waits for a writer."""

    @wraps(method)
    def in_transaction(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.database.read(
            lambda connection: method(self, Tx(connection, self.clock()), *args, **kwargs)
        )

    return in_transaction

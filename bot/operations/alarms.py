"""The alarm clock: reminders, digests, nudges and polls of the calendar, when their time has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.operations.kit.transaction import Clock, Operations, Tx, reading
from storage import alarms
from storage.alarms import AT_ONCE, AlarmKind
from storage.database import Database

Handler = Callable[[], int]
"""Handles some alarms of its kind in a transaction and returns how many; ``AT_ONCE`` if there may be more."""


class AlarmClock(Operations):
    """Calls the handler of each kind of alarm that is due, at any time and as often as it is asked to."""

    def __init__(self, database: Database, clock: Clock, handlers: Mapping[AlarmKind, Handler]) -> None:
        super().__init__(database, clock)
        self._handlers = handlers

    @reading
    def due(self, tx: Tx) -> frozenset[AlarmKind]:
        """The kinds of which at least one alarm is due."""
        return alarms.due(tx.connection, tx.now)

    def ring(self) -> None:
        """Handle whatever is due; one handler that fails keeps none of the others waiting.

        Raises the first failure once the others have been called.
        """
        failures = list[Exception]()
        due = self.due()
        for kind in (each for each in AlarmKind if each in due):
            try:
                while self._handlers[kind]() == AT_ONCE:
                    pass
            except Exception as error:  # noqa: BLE001 - it is raised below
                failures.append(error)
        if failures:
            raise failures[0]

"""After a restore: nothing that might have been done since the backup is done again unseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from bot.domain.kit.errors import NotSaved
from bot.domain.outbox.effects import KINDS
from bot.domain.outbox.rows import START
from bot.operations.alarms import AlarmClock, Handler
from bot.operations.kit.transaction import Clock, Operations, Tx, reading, transaction
from storage import alarms, restored, workspace
from storage.alarms import AlarmKind
from storage.database import Database

log = structlog.get_logger(__name__)

_LOOKED_FOR = frozenset(kind.__name__ for kind, how in KINDS.items() if how.can_look)


class Restored(Operations):
    """What a restore leaves behind, and what somebody decides about it."""

    @transaction
    def finish(self, tx: Tx) -> None:
        """Mark everything that isn't done, and allow bots to start."""
        restored.mark(tx.connection, _LOOKED_FOR, tx.now)
        workspace.save(tx.connection, workspace.RESTORED_AT, tx.now.isoformat())
        workspace.forget(tx.connection, workspace.RESTORING)

    @reading
    def undecided(self, tx: Tx) -> Mapping[str, int]:
        """How many rows of each kind wait for a decision."""
        return restored.undecided(tx.connection)

    @transaction
    def send(self, tx: Tx) -> int:
        """Have the undecided rows done; returns how many."""
        return restored.send(tx.connection, tx.now)

    @transaction
    def drop(self, tx: Tx) -> int:
        """Record that the undecided rows needn't be done; returns how many."""
        return restored.drop(tx.connection, tx.now)


class PastAlarms(Operations):
    """Plans again what a bot planned after the backup: the rows are gone, but people have the messages.

    Each alarm goes off at its own time, and so the rows get the keys and times that they had: the messages
    can be looked for, and nobody is sent a reminder again without a decision.
    """

    def __init__(self, database: Database, handlers: Callable[[Clock], Mapping[AlarmKind, Handler]]) -> None:
        """``handlers`` returns the handlers that go by the clock it is given."""
        self._time = START.time
        super().__init__(database, self._then)
        # The next poll of the calendar finds all changes, however long ago the last one was.
        known = {**handlers(self._then), AlarmKind.CALENDAR_POLL: lambda: 0}
        self._alarms = AlarmClock(database, self._then, known)

    def replay(self, until: datetime) -> None:
        """Plan what fell due up to that time.

        A row that can't be read doesn't keep the others from being restored: no bot could plan its alarm.
        """
        while (at := self._next_at()) and at <= until:
            self._time = at
            try:
                self._alarms.ring()
            except NotSaved:
                raise
            except Exception as error:  # noqa: BLE001 - see above
                log.warning("past alarms not planned", error=type(error).__name__)

    def _then(self) -> datetime:
        return self._time

    @reading
    def _next_at(self, tx: Tx) -> datetime | None:
        kinds = [kind for kind in AlarmKind if kind is not AlarmKind.CALENDAR_POLL]
        return alarms.next_after(tx.connection, tx.now, kinds)

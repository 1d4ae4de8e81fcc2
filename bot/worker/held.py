"""The rows that this worker holds, and their leases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import structlog

from bot.domain.outbox.rows import Claimed
from bot.effects.leases import Lease
from bot.operations.outbox import LEASE

log = structlog.get_logger(__name__)

RENEW_TICK = timedelta(seconds=2)
"""How often leases are renewed."""


class Held:
    """Rows being performed or waiting for a turn, by id.

    Each method is thread-safe by itself; a sequence of calls isn't.
    """

    def __init__(self, renew: Callable[[list[int]], frozenset[int]]) -> None:
        """``renew`` renews leases in the database and returns the ids of the rows that were still ours."""
        self._renew_in_database = renew
        self._leases: dict[int, Lease] = {}

    def ids(self) -> list[int]:
        """The ids of all rows held."""
        return list(self._leases)

    def add(self, row: Claimed, since: float) -> bool:
        """Hold a row claimed at ``since`` (monotonic seconds); returns whether it was already held."""
        is_known = row.id in self._leases
        self._leases[row.id] = Lease(since + LEASE.total_seconds())
        return is_known

    def lease_of(self, row: Claimed) -> Lease | None:
        """The row's current lease."""
        return self._leases.get(row.id)

    def let_go(self, row: Claimed, lease: Lease | None) -> None:
        """Stop holding the row, unless it has been claimed again since."""
        if self._leases.get(row.id) is lease:
            self._leases.pop(row.id, None)

    def renew(self) -> None:
        """Renew the leases that are more than half a ``RENEW_TICK`` old."""
        began = monotonic()
        old = {
            number: lease
            for number, lease in list(self._leases.items())
            if lease.until - began < (LEASE - RENEW_TICK / 2).total_seconds()
        }
        if not old:
            return
        try:
            renewed = self._renew_in_database(list(old))
        except Exception as error:  # noqa: BLE001 - the next tick retries, well before the lease expires
            log.warning("leases not renewed", error=type(error).__name__)
            return
        for number in renewed:
            old[number].until = began + LEASE.total_seconds()

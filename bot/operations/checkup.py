"""What the doctor reads in the database, also in one that this version hasn't migrated yet."""

from __future__ import annotations

from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.rows import OVERDUE_AFTER
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import outbox_reads


class Checkup(Operations):
    """Reads only; takes no lock."""

    def revision(self) -> str:
        """The revision of the tables, or an empty text if there are none."""
        return self.database.revision() if self.database.has_tables() else ""

    @reading
    def outbox(self, tx: Tx) -> tuple[int, list[tuple[str, str]]]:
        """How many effects are late, and (kind, last error) of those given up, each once.

        They name no incident, because the person who runs the bot may not be allowed to see all of them.
        """
        late = outbox_reads.overdue(tx.connection, tx.now - OVERDUE_AFTER, SYSTEM)
        dead = outbox_reads.dead(tx.connection, SYSTEM)
        return len(late), list(dict.fromkeys((row.kind, row.last_error or "unknown") for row in dead))

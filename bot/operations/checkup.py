"""What the doctor reads in the database, even in one that this version hasn't migrated yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import Examine
from bot.domain.outbox.rows import OVERDUE_AFTER, Planned
from bot.domain.settings import TeamSettings
from bot.domain.surface.answers import Doctor
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import incidents, outbox, outbox_reads, people, settings, workspace

_SETTLED = timedelta(minutes=5)
"""The time after which an incident's first events must have arrived, and been noted."""


class Checkup(Operations):
    """What the doctor reads, without taking a lock, and what is recorded for it."""

    def revision(self) -> str:
        """The revision of the tables, or an empty string if there are none."""
        return self.database.revision() if self.database.has_tables() else ""

    @reading
    def outbox(self, tx: Tx) -> tuple[int, int, list[tuple[str, str, int]]]:
        """How many effects wait, how many are late, and (kind, last error, count) of those given up.

        They name no incident, because the person who runs the bot may not be allowed to see all of them.
        """
        waiting = sum(each.count for each in outbox_reads.depths(tx.connection) if each.state != outbox.DEAD)
        late = outbox_reads.count_overdue(tx.connection, tx.now - OVERDUE_AFTER, SYSTEM)
        return waiting, late, outbox_reads.given_up(tx.connection)

    @reading
    def settings(self, tx: Tx) -> TeamSettings:
        """The team's settings, with where they come from."""
        return settings.of_team(tx.connection)

    @transaction
    def ask(self, tx: Tx, channel_id: str, thread_ts: str | None, *, by: str, key: str) -> Doctor:
        """The doctor's answer; for an admin, have everything else checked as well, which takes a moment."""
        person = people.get(tx.connection, by)
        if person is None or not person.is_admin:
            return Doctor()
        row = Planned(Examine(by, channel_id, thread_ts), key=f"examine/{key}", lane=f"examine/{key}")
        enqueue(tx, [row])
        return Doctor(is_followed=True)

    @transaction
    def note_seen(self, tx: Tx, seen: Mapping[str, datetime]) -> None:
        """Store when each of these was last received from Slack."""
        workspace.note_seen(tx.connection, seen, tx.now)

    @reading
    def seen(self, tx: Tx) -> tuple[dict[str, datetime], bool]:
        """When each was last received, and whether a public incident must have brought some.

        Incidents count if they were declared some minutes ago, but not before these times were recorded.
        """
        found = workspace.beginning_with(tx.connection, workspace.SEEN)
        seen = {name: datetime.fromisoformat(at) for name, at in found.items()}
        since = seen.pop(workspace.SEEN_SINCE.removeprefix(workspace.SEEN), None)
        are_due = since is not None and incidents.is_public_between(tx.connection, since, tx.now - _SETTLED)
        return seen, are_due

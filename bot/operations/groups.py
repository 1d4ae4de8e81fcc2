"""User groups: listed at start, kept up to date by events, and never asked of Slack before an ack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.kit.groups import UserGroup
from bot.domain.kit.references import Kind
from bot.operations.kit.transaction import Operations, Tx, transaction
from storage import groups, names


class UserGroups(Operations):
    """The workspace's user groups, what they are called, and who is in them."""

    @transaction
    def save(self, tx: Tx, known: Sequence[UserGroup], at: datetime | None = None) -> None:
        """Store groups as they were at a time, by default now, unless something newer is known."""
        groups.save(tx.connection, known, at or tx.now)
        names.save(tx.connection, Kind.GROUP, {each.id: each.handle for each in known}, at or tx.now)

    @transaction
    def forget_before(self, tx: Tx, at: datetime) -> None:
        """Forget what a complete list since then doesn't contain: it is gone."""
        groups.forget_before(tx.connection, at)
        names.forget_before(tx.connection, Kind.GROUP, at)

"""Names of people, channels and user groups in what people have typed or posted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.kit.references import Kind, Names
from bot.domain.kit.text import plain_from_markup
from bot.operations.kit.names import names_in
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import names


class KnownNames(Operations):
    """The names that are stored: listed at start, updated by events, and never looked up before an ack."""

    @reading
    def in_texts(self, tx: Tx, *markup: str) -> Names:
        """The names of all that these texts refer to."""
        return names_in(tx, markup)

    @reading
    def plain(self, tx: Tx, markup: str) -> str:
        """A text in Slack's markup as its author sees it."""
        return plain_from_markup(markup, names_in(tx, [markup]))

    @transaction
    def save(self, tx: Tx, kind: Kind, known: Mapping[str, str | None], at: datetime | None = None) -> None:
        """Store names as they were at a time, by default now, unless something newer is known.

        ``None`` is the name of a private channel, which is never shown.
        """
        names.save(tx.connection, kind, known, at or tx.now)

    @transaction
    def forget_before(self, tx: Tx, kind: Kind, at: datetime) -> None:
        """Forget what a complete list since then doesn't contain: it is gone, or has become private."""
        names.forget_before(tx.connection, kind, at)

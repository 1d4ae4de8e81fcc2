"""Names of people, channels and user groups in what people have typed or posted."""

from __future__ import annotations

from bot.domain.kit.references import Names
from bot.domain.kit.text import plain_from_markup
from bot.operations.kit.names import names_in
from bot.operations.kit.transaction import Operations, Tx, reading


class KnownNames(Operations):
    """The names that are stored, so that no name is looked up before an ack."""

    @reading
    def in_texts(self, tx: Tx, *markup: str) -> Names:
        """The names of all that these texts refer to."""
        return names_in(tx, markup)

    @reading
    def plain(self, tx: Tx, markup: str) -> str:
        """A text in Slack's markup as its author sees it."""
        return plain_from_markup(markup, names_in(tx, [markup]))

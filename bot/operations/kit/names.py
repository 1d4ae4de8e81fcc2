"""People's names as they are shown."""

from __future__ import annotations

from bot.domain.incidents.timeline_text import Names
from bot.operations.kit.transaction import Tx
from storage import people


def namer(tx: Tx) -> Names:
    """A function from a person's id to their name, or the id if they're unknown; it looks up each id once."""
    known: dict[str, str] = {}

    def name(user_id: str) -> str:
        if user_id not in known:
            person = people.get(tx.connection, user_id)
            known[user_id] = person.name if person else user_id
        return known[user_id]

    return name

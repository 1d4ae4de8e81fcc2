"""People's names as they are shown."""

from __future__ import annotations

from bot.domain.incidents.timeline_text import Names
from bot.operations.kit.transaction import Tx
from storage import people


def namer(tx: Tx) -> Names:
    """A function from a person's id to their name, or the id if they're unknown."""

    def name(user_id: str) -> str:
        person = tx.once(people.get, user_id)
        return person.name if person else user_id

    return name

"""The one gate: who may act."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.domain.kit.errors import NobodyKnown, NotAllowed
from bot.domain.kit.people import Person
from storage import people


def require_member(tx: Connection, user_id: str) -> Person:
    """The person, who may act; raises ``NotAllowed`` for guests, strangers, bots and whoever isn't known."""
    person = people.get(tx, user_id)
    if person is None or not person.may_act:
        raise NotAllowed
    return person


def require_candidate(tx: Connection, user_id: str) -> Person:
    """The person, who may be given a role; raises ``NobodyKnown``."""
    person = people.get(tx, user_id)
    if person is None or not person.may_act:
        raise NobodyKnown(person=user_id, name=person.name if person else "This person")
    return person

"""Tells the channels of their incidents when people can no longer act."""

from __future__ import annotations

from bot.domain.incidents.notices import Notice, telling
from bot.domain.kit.people import Person
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import roles


def changed(tx: Tx, before: Person, person: Person) -> None:
    """If somebody can no longer act, ask for people to take over, once in each incident."""
    if before.may_act and not person.may_act:
        cause = f"{tx.now.timestamp()}"
        numbers = roles.incidents_of(tx.connection, person.id)
        enqueue(tx, [telling(number, Notice.VACANT, person.id, cause) for number in numbers])

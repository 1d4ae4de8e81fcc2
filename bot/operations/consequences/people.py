"""Tells the channels of their incidents when people can no longer act."""

from __future__ import annotations

from bot.domain.incidents.model import ACTIVE, Incident
from bot.domain.incidents.notices import Notice, telling
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.people import Person
from bot.operations.kit.access import participant
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Tx
from storage import roles


def changed(tx: Tx, before: Person, person: Person) -> None:
    """If somebody can no longer act, ask for people to take over, once in each incident."""
    if before.may_act and not person.may_act:
        cause = f"{tx.now.timestamp()}"
        numbers = roles.incidents_of(tx.connection, person.id)
        enqueue(tx, [telling(number, Notice.VACANT, person.id, cause) for number in numbers])


def status_changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """If an incident is reopened, ask for people to take over from those who could act no longer by then.

    Nobody was asked while there was nothing to do.
    """
    if entry.from_value in ACTIVE or not incident.is_active:
        return
    holders = dict.fromkeys(user_id for _, user_id in roles_in(tx, incident).held)
    gone = [each for each in holders if not participant(tx, each, incident)]
    enqueue(tx, [telling(incident.id, Notice.VACANT, each, f"entry/{entry.id}") for each in gone])
